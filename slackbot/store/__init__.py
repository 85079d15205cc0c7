"""Keeps what the bot must not forget: its inbox, conversations and instructions.

DATABASE_URL names the database. The rest of the bot sees a Store.
"""

from slackbot.errors import ConfigError
from slackbot.store.record_store import RecordStore
from slackbot.store.retention import delete_untouched_conversations
from slackbot.store.sqlite import SqliteStore
from slackbot.store.thread_deletion import DeletionReport

__all__ = ["DeletionReport", "RecordStore", "delete_untouched_conversations", "open_store"]

SQLITE = "sqlite:///"


async def open_store(url: str, *, shared: bool = False, create: bool = False) -> RecordStore:
    """The store at `sqlite:///relative.db` or `sqlite:////absolute/path.db`.

    With `shared`, another process may use the file at the same time: for single changes. The file
    must exist then, unless `create` is true.

    Raises ConfigError for any other address, which it does not repeat (it may hold a password),
    and StoreError if the file can't be used.
    """
    path = url.removeprefix(SQLITE)
    if not path or path == url:
        raise ConfigError(
            "DATABASE_URL",
            f"must be {SQLITE} and a file's path in this version, for example "
            f"{SQLITE}slackbot.db: no other kind of database is supported yet.",
        )
    return await SqliteStore.open(path, shared=shared, create=create)
