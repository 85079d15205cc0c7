"""What SQLite's errors mean: https://sqlite.org/rescode.html"""

import sqlite3
from pathlib import Path

from slackbot.errors import StoreError

UNUSABLE = "{} can't be opened for writing: see to its permissions and its disk"
NOT_INTACT = "{} is not an intact SQLite database: move it away"
UNUSABLE_FOR = {
    sqlite3.SQLITE_BUSY: "Another program has locked the database {}: close that one",
    sqlite3.SQLITE_CORRUPT: NOT_INTACT,
    sqlite3.SQLITE_NOTADB: NOT_INTACT,
}
"""What is wrong with a file, by SQLite's primary code."""


def unusable(path: Path, code: int = 0) -> StoreError:
    """The error for a file that can't be opened; `code` is SQLite's primary code."""
    problem = UNUSABLE_FOR.get(code, UNUSABLE).format(path)
    return StoreError(f"{problem}, or change DATABASE_URL.")


def primary_code(error: Exception) -> int:
    """SQLite's code without the details; 0 for an error of Python's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite has found a page that does not belong into an intact database."""
    codes = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return isinstance(error, sqlite3.Error) and primary_code(error) in codes
