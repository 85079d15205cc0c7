"""The file of a SQLite database, for the commands that copy it."""

from pathlib import Path

from slackbot.errors import ConfigError, SlackbotError
from slackbot.store import SQLITE, is_shared


def sqlite_file(database_url: str, instead: str) -> Path:
    """The file that an address names.

    Raises SlackbotError for PostgreSQL, with the sentence that says what to do `instead`, and
    ConfigError for any other address.
    """
    if is_shared(database_url):
        raise SlackbotError(instead)
    path = database_url.removeprefix(SQLITE)
    if not path or path == database_url:
        raise ConfigError("DATABASE_URL", f"must be {SQLITE} and a file's path.")
    return Path(path)
