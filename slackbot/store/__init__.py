"""Keeps what the bot must not forget: its inbox, conversations and instructions.

DATABASE_URL names the database. The rest of the bot sees a Store.
"""

from slackbot.errors import ConfigError
from slackbot.store.record_store import RecordStore
from slackbot.store.retention import delete_untouched_conversations
from slackbot.store.sqlite import SqliteStore
from slackbot.store.thread_deletion import DeletionReport

__all__ = [
    "SQLITE",
    "DeletionReport",
    "RecordStore",
    "delete_untouched_conversations",
    "is_shared",
    "open_store",
]

SQLITE = "sqlite:///"

POSTGRES = ("postgresql://", "postgres://")


def is_shared(url: str) -> bool:
    """Whether several processes may use the database at an address at the same time."""
    return url.startswith(POSTGRES)


async def open_store(url: str, *, shared: bool = False, create: bool = False) -> RecordStore:
    """The store at `sqlite:///relative.db`, `sqlite:////absolute/path.db` or
    `postgresql://user:password@host/database?sslmode=require`.

    With `shared`, another process may use the file at the same time: for single changes. The file
    must exist then, unless `create` is true. A PostgreSQL database is always shared.

    Raises ConfigError for any other address, which it does not repeat (it may hold a password),
    and StoreError if the database can't be used.
    """
    if is_shared(url):
        return await _open_postgres(url)
    path = url.removeprefix(SQLITE)
    if not path or path == url:
        raise ConfigError(
            "DATABASE_URL",
            f"must be {SQLITE} and a file's path, for example {SQLITE}slackbot.db, or the address "
            "of a PostgreSQL database, which begins with postgresql://.",
        )
    return await SqliteStore.open(path, shared=shared, create=create)


async def _open_postgres(url: str) -> RecordStore:
    try:
        from slackbot.store.postgres import PostgresStore  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError(
            "DATABASE_URL",
            "names a PostgreSQL database, for which a part of the bot is missing: "
            "pip install 'slackbot[postgres]'",
        ) from error
    return await PostgresStore.open(url)
