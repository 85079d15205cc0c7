"""A file of sorted rows, written in transactions: sqlitedict, with its traps kept shut.

sqlitedict runs its statements on a thread of its own. That thread does not survive an error while
it connects, in its own commit (where a full disk shows), or while it steps through rows: then
everything that waits for it waits for ever. The error of a statement that nothing waits for
surfaces at a later one, perhaps after the commit. So here the file is tried before sqlitedict
gets it, every statement is waited for, COMMIT is a statement like the others, and a read is done
with its pages before its first row comes out.

One process per file: the lock on `PATH.lock` is the kernel's and ends with the process.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlitedict import SqliteDict

from slackbot.errors import StoreError

NAME = "store"

GET = "SELECT CAST(value AS BLOB) FROM store WHERE key = ?"
"""As bytes, whatever stands there: text that is not UTF-8 would be an error between two rows."""

RANGE = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
WHERE key >= ? AND key < ? ORDER BY +key
"""
"""The plus has SQLite find the rows by the index and sort them all the same: the last has been
read when the first comes out."""

PAGE = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
WHERE key > ? AND key < ? ORDER BY key LIMIT ?
"""

ROWS = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store WHERE key > ? ORDER BY key LIMIT ?
"""

LAST = """
SELECT * FROM (
    SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
    WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1
)
"""

KEYS = "SELECT CAST(key AS BLOB) FROM store WHERE key >= ? AND key < ? ORDER BY +key"

NAMING = """
SELECT CAST(key AS BLOB), instr(CAST(value AS BLOB), CAST(? AS BLOB)) OR instr(key, ?) FROM store
WHERE key > ? AND key < ? ORDER BY key LIMIT ?
"""

REMOVE = "DELETE FROM store WHERE key = ?"
REMOVE_ALL = "DELETE FROM store WHERE key >= ? AND key < ?"
MOVE = "UPDATE store SET key = ? || key WHERE key >= ? AND key < ?"

LOCK_TIMEOUT_SECONDS = 5.0
"""Seconds to wait while another program has locked the file."""

UNUSABLE = "{} can't be opened for writing: see to its permissions and its disk"
NOT_INTACT = "{} is not an intact SQLite database: move it away"
UNUSABLE_FOR = {
    sqlite3.SQLITE_BUSY: "Another program has locked the database {}: close that one",
    sqlite3.SQLITE_CORRUPT: NOT_INTACT,
    sqlite3.SQLITE_NOTADB: NOT_INTACT,
}
"""What is wrong with a file, by SQLite's primary code: https://sqlite.org/rescode.html"""


class Table:
    """Blocks. sqlite3.Error comes out as it is. To be used by one thread at a time."""

    def __init__(self, path: Path, rows: SqliteDict, lock: FileLock | None) -> None:
        self.path = path
        self._rows = rows
        self._lock = lock

    @classmethod
    def open(
        cls,
        path: Path,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        *,
        shared: bool = False,
        create: bool = False,
    ) -> "Table":
        """Raises StoreError, with what to do, where the file can't be used or is used already.

        `lock_timeout` is how many seconds this and every later write waits for another program.
        With `shared`, another process may use the file: SQLite's own locks are enough for single
        changes. A shared file must exist, unless `create` is true.
        """
        path = path.resolve()
        shared = shared and (path.is_file() or not create)
        if shared and not path.is_file():
            raise StoreError(f"There is no database {path}: see to DATABASE_URL.")
        with ExitStack() as undo:
            lock = None if shared else _lock(path)
            if lock is not None:
                undo.callback(lock.release)
            table = cls(path, _rows(path, lock_timeout), lock)
            undo.pop_all()
        return table

    def lock(self) -> None:
        """From now on no other process can open the file for more than single changes. Raises
        StoreError if one has.
        """
        if self._lock is None:
            self._lock = _lock(self.path)

    def close(self) -> None:
        try:
            self._rows.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def get(self, key: str) -> bytes | None:
        read_row = self.execute(GET, key)
        return read_row[0][0] if read_row else None

    def range(self, first: str, prefix: str) -> list[tuple[str, bytes]]:
        """The rows from key `first` on whose keys begin with `prefix`, in the order of keys."""
        rows = self.execute(RANGE, first, _after(prefix))
        return [(key.decode(errors="replace"), value) for key, value in rows]

    def page(self, after: str, prefix: str, most: int) -> list[tuple[str, bytes]]:
        """The next `most` rows with the prefix after the key `after`; from the first for ""."""
        rows = self.execute(PAGE, after or prefix, _after(prefix), str(most))
        return [(key.decode(errors="replace"), value) for key, value in rows]

    def rows_after(self, key: str, most: int) -> list[tuple[str, bytes]]:
        """The next `most` of all rows after a key."""
        rows = self.execute(ROWS, key, str(most))
        return [(key.decode(errors="replace"), value) for key, value in rows]

    def keys(self, prefix: str) -> list[str]:
        """All that begin with `prefix`, in order."""
        rows = self.execute(KEYS, prefix, _after(prefix))
        return [key.decode(errors="replace") for (key,) in rows]

    def last(self, *prefixes: str) -> list[tuple[str, bytes]]:
        """For each prefix the last row in order whose key begins with it, where there is one."""
        limits = [limit for prefix in prefixes for limit in (prefix, _after(prefix))]
        rows = self.execute("UNION ALL".join([LAST] * len(prefixes)), *limits)
        return [(key.decode(errors="replace"), value) for key, value in rows]

    def naming(self, text: str, prefix: str, most: int) -> Iterator[list[str]]:
        """The keys of the rows with the prefix that hold a text, in their keys or values; a list
        for each `most` rows that are looked through.
        """
        after, end = prefix, _after(prefix)
        while rows := self.execute(NAMING, text, text, after, end, str(most)):
            found = [(key.decode(errors="replace"), named) for key, named in rows]
            yield [key for key, named in found if named]
            after = found[-1][0]

    def put(self, key: str, value: bytes) -> None:
        """Inside a transaction, whose end waits for it and raises what went wrong with it."""
        self._rows[key] = value

    def remove(self, key: str) -> None:
        """Inside a transaction too; nothing happens where there is no such row."""
        self._rows.conn.execute(REMOVE, (key,))

    def remove_all(self, prefix: str) -> None:
        """The same for all rows whose keys begin with `prefix`."""
        self._rows.conn.execute(REMOVE_ALL, (prefix, _after(prefix)))

    def shrink(self) -> None:
        """Leaves nothing in the write-ahead log of what was removed, if nobody reads it now."""
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def move(self, prefix: str, to: str) -> None:
        """Puts `to` before every key that begins with `prefix`."""
        self.execute(MOVE, to, prefix, _after(prefix))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is in the file when this is left, or nothing of it."""
        self.execute("BEGIN IMMEDIATE")
        with ExitStack() as undo:
            undo.callback(self._roll_back)
            yield
            self._wait()
            self.execute("COMMIT")
            undo.pop_all()

    def execute(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Waits until the statement is done. Its rows."""
        return list(self._rows.conn.select(statement, values))

    def _wait(self) -> None:
        """Until what sqlitedict has queued is done; raises what went wrong with it."""
        self.execute("SELECT 1")

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # SQLite has done it itself after the worse ones
            self.execute("ROLLBACK")


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's code without the details; 0 for an error of Python's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _after(prefix: str) -> str:
    """The first key that is past all those that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _lock(path: Path) -> FileLock:
    if not path.parent.is_dir():
        raise StoreError(f"The folder of {path} does not exist: create it, or change DATABASE_URL.")
    lock = FileLock(f"{path}.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"Another process is using {path}: stop that one, or change DATABASE_URL."
        ) from error
    except OSError as error:
        raise unusable(path) from error
    return lock


def _rows(path: Path, lock_timeout: float) -> SqliteDict:
    logging.getLogger("sqlitedict").setLevel(logging.CRITICAL + 1)  # its errors are raised as well
    try:
        _try(path, lock_timeout)
        rows = SqliteDict(
            str(path),
            tablename=NAME,
            journal_mode="WAL",
            encode=bytes,
            decode=bytes,
            outer_stack=False,
        )
        list(rows.conn.select("PRAGMA synchronous = NORMAL"))
        list(rows.conn.select("PRAGMA secure_delete = ON"))  # what is forgotten is nowhere
        list(rows.conn.select(f"PRAGMA busy_timeout = {round(lock_timeout * 1000)}"))
    except sqlite3.Error as error:
        raise unusable(path, primary_code(error)) from error
    return rows


def _try(path: Path, lock_timeout: float) -> None:
    """What could fail while sqlitedict connects fails here, where it can be caught."""
    with closing(sqlite3.connect(path, timeout=lock_timeout)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")


def unusable(path: Path, code: int = 0) -> StoreError:
    problem = UNUSABLE_FOR.get(code, UNUSABLE).format(path)
    return StoreError(f"{problem}, or change DATABASE_URL.")
