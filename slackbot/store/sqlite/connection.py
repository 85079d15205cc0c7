"""sqlitedict's connection to a file, without sqlitedict's thread.

sqlitedict runs its statements on a thread of its own, and an error can end that thread: while it
connects, in its own commit (where a full disk shows), or between two rows (where a damaged page
shows). What waits for the thread then waits forever. Here a statement runs on the thread that asks
for it, and is done when it returns: an error is raised there, and all rows are read by then.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlitedict import SqliteDict

TABLE = "store"

STATEMENT_SECONDS = 30.0
"""A statement that computes for longer than this is interrupted, as if the disk had failed."""

STEPS_BETWEEN_CHECKS = 100_000
"""Of SQLite's virtual machine; some milliseconds."""


PREPARATION = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA secure_delete = ON",  # what is forgotten is nowhere in the file
    "PRAGMA fullfsync = ON",  # on macOS, fsync alone leaves data in the disk's cache
    "BEGIN IMMEDIATE",  # a file that can't be written is found now
    "ROLLBACK",
)


class SqliteConnection:
    """What SqliteDict asks of its connection. sqlite3.Error comes out as it is."""

    autocommit = False

    def __init__(self, path: str, lock_timeout: float) -> None:
        """`lock_timeout` is how many seconds a write waits for another program."""
        self._began = time.monotonic()
        self.statements = 0
        """How many statements have begun."""
        self._sqlite = sqlite3.connect(
            path, timeout=lock_timeout, isolation_level=None, check_same_thread=False
        )
        with ExitStack() as undo:
            undo.callback(self._sqlite.close)
            self._sqlite.set_progress_handler(self._takes_too_long, STEPS_BETWEEN_CHECKS)
            for statement in PREPARATION:
                self.execute(statement)
            undo.pop_all()

    @property
    def in_transaction(self) -> bool:
        return self._sqlite.in_transaction

    def select(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Runs a statement and returns all its rows."""
        self.statements += 1
        self._began = time.monotonic()
        return self._sqlite.execute(statement, values).fetchall()

    def select_one(self, statement: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
        rows = self.select(statement, values)
        return rows[0] if rows else None

    def execute(self, statement: str, values: Sequence[object] = ()) -> None:
        self.select(statement, values)

    def executemany(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        for values in rows:
            self.execute(statement, values)

    def commit(self, blocking: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - sqlitedict's
        if self.in_transaction:
            self.execute("COMMIT")

    def close(self, force: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - sqlitedict's
        self._sqlite.close()

    def _takes_too_long(self) -> bool:
        return time.monotonic() - self._began > STATEMENT_SECONDS


class Rows(SqliteDict):  # type: ignore[misc] # sqlitedict has no types
    """The rows of a file: bytes by their keys. Opening raises sqlite3.Error."""

    conn: SqliteConnection

    def __init__(self, path: Path, lock_timeout: float) -> None:
        self._lock_timeout = lock_timeout
        super().__init__(str(path), tablename=TABLE, encode=bytes, decode=bytes)

    def _new_conn(self) -> SqliteConnection:
        return SqliteConnection(self.filename, self._lock_timeout)
