"""What the bot must not forget: the messages it took, and what was said in its threads.

Which database that is, `DATABASE_URL` says; the rest of the bot sees only a Store.
"""

from slackbot.errors import ConfigError
from slackbot.store.sqlite import SqliteStore

SQLITE = "sqlite:///"


async def open_store(url: str, *, beside: bool = False, create: bool = False) -> SqliteStore:
    """The store at `sqlite:///relative.db` or `sqlite:////absolute/path.db`.

    `beside` a running bot single changes are made, in a file that is there, or is to be created.

    Raises ConfigError for any other address, which it does not repeat (it may hold a password),
    and StoreError where the file can't be used.
    """
    path = url.removeprefix(SQLITE)
    if not path or path == url:
        raise ConfigError(
            "DATABASE_URL",
            f"must be {SQLITE} and a file's path in this version, for example "
            f"{SQLITE}slackbot.db: no other kind of database is supported yet.",
        )
    return await SqliteStore.open(path, beside=beside, create=create)
