"""A file of sorted rows, which change in transactions."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from slackbot.errors import LostStoreError, StoreError
from slackbot.store import texts
from slackbot.store.keys import aside_prefix
from slackbot.store.sqlite.connection import Rows, SqliteConnection
from slackbot.store.sqlite.database_lock import lock_database
from slackbot.store.sqlite.errors import primary_code, unusable
from slackbot.store.sqlite.file_access import create_private, make_private
from slackbot.store.sqlite.file_identity import SUFFIXES, FileIdentity
from slackbot.store.sqlite.repair import TooMuchLostError, repair
from slackbot.store.sqlite.transactions import Transactions
from slackbot.store.sqlite.unfinished_files import remove_unfinished
from slackbot.store.table import NO_LIMIT, end_of

log = logging.getLogger(__name__)

GET = "SELECT CAST(value AS BLOB) FROM store WHERE key = ?"
"""As bytes, whatever stands there: text that is not UTF-8 would be an error."""

RANGE = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
WHERE key >= ? AND key < ? ORDER BY key LIMIT ?
"""

PAGE = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
WHERE key > ? AND key < ? ORDER BY key LIMIT ?
"""

ROWS = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
WHERE key > ? AND key < x'' ORDER BY key LIMIT ?
"""

LAST = """
SELECT * FROM (
    SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store
    WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1
)
"""

KEYS = "SELECT CAST(key AS BLOB) FROM store WHERE key >= ? AND key < ? ORDER BY key"

ROWS_BETWEEN = """
SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM store WHERE key >= ? AND key < ?
"""

KEYS_PER_STATEMENT = 256

NAMING = """
SELECT CAST(key AS BLOB), instr(CAST(value AS BLOB), CAST(? AS BLOB)) OR instr(key, ?) FROM store
WHERE key > ? AND key < ? ORDER BY key LIMIT ?
"""

PUT = """
INSERT INTO store (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
"""A row that is there already stays where it is: REPLACE, which sqlitedict uses, deletes it first,
and so writes the pages of the index too.
"""

REMOVE = "DELETE FROM store WHERE key = ?"
REMOVE_ROWS = "DELETE FROM store WHERE key IN ({})"
REMOVE_ALL = "DELETE FROM store WHERE key >= ? AND key < ?"
MOVE = "UPDATE store SET key = ? || key WHERE key >= ? AND key < ?"
RENAME = "UPDATE store SET key = ? WHERE key = CAST(? AS TEXT)"

AFTER_SLASH = "0"
"""The next character: a workspace and this come after all keys of the workspace."""

LOCK_TIMEOUT_SECONDS = 5.0
"""Seconds to wait while another program has locked the file."""

DAMAGED = (
    "The database {path} is damaged, and too much of it can't be read: put a backup in its place, "
    "or recover it with `sqlite3 {path} .recover`, and start the bot again"
)
REPAIRED = (
    "The database %s was damaged, and is repaired: it has %d rows, of which %d can't be read. See "
    "to the disk. The damaged file is now %s: delete it when you no longer need it"
)


class SqliteTable:
    """Blocks, and is used by one thread at a time. sqlite3.Error comes out as it is.

    After each COMMIT, raises FileMovedError if the file is no longer the one under its name.
    """

    def __init__(self, path: Path, lock_timeout: float, lock: FileLock | None) -> None:
        self.path = path
        self._lock_timeout = lock_timeout
        self._lock = lock
        self._is_possible: Callable[[str], bool] = lambda _: True
        self._complete: Callable[[], None] = lambda: None
        self._open_rows()

    @classmethod
    def open(
        cls,
        path: Path,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        *,
        shared: bool = False,
        create: bool = False,
    ) -> "SqliteTable":
        """Opens the file. Raises StoreError, which says what to do, if that is not possible.

        `lock_timeout` is how many seconds this and every later write waits for another program.
        With `shared`, another process may use the file: SQLite's own locks are enough for single
        changes. A shared file must exist, unless `create` is true.
        """
        path = path.resolve()
        shared = shared and (path.is_file() or not create)
        if shared and not path.is_file():
            raise StoreError(f"There is no database {path}: see to DATABASE_URL.")
        with ExitStack() as undo:
            lock = None if shared else lock_database(path)
            if lock is not None:
                undo.callback(lock.release)
            try:
                if lock is not None:
                    remove_unfinished(path)
                table = cls(path, lock_timeout, lock)
            except (sqlite3.Error, OSError) as error:
                raise unusable(path, primary_code(error)) from error
            undo.pop_all()
        return table

    def lock(self) -> None:
        """Keeps other processes from opening the file for more than single changes.

        Raises StoreError if one has.
        """
        if self._lock is None:
            self._lock = lock_database(self.path)

    def check_rows(self, is_possible: Callable[[str], bool], complete: Callable[[], None]) -> None:
        """From now on, rows are set aside when they are read if their keys are not possible.

        A key that is not UTF-8 never is. `complete` is called now, and each time when rows may
        have been lost.
        """
        self._is_possible, self._complete = is_possible, complete
        complete()

    def close(self) -> None:
        try:
            self._rows.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def repair(self) -> bool:
        """Puts a repaired file in the place of one in which SQLite has found damage.

        Returns false if this is not the only process that may use the file. Raises LostStoreError
        if the file can't be repaired.
        """
        if self._lock is None:
            return False
        self._transactions.roll_back()
        try:
            report = repair(self.path, self._rows)
            self._open_rows()
            self._complete()
        except (TooMuchLostError, sqlite3.Error, OSError) as error:
            raise LostStoreError(texts.DAMAGED, DAMAGED.format(path=self.path)) from error
        log.error(REPAIRED, self.path, report.rows, report.unreadable, report.damaged)
        return True

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def get(self, key: str) -> bytes | None:
        rows = self.execute(GET, key)
        return rows[0][0] if rows else None

    def range(self, first: str, prefix: str, most: int = NO_LIMIT) -> list[tuple[str, bytes]]:
        """Returns the rows from key `first` on whose keys begin with `prefix`, by key.

        With `most`, returns no more than so many.
        """
        return self._rows_with_keys(RANGE, first, end_of(prefix), str(most))

    def page(self, after: str, prefix: str, most: int) -> list[tuple[str, bytes]]:
        """Returns the next `most` rows with the prefix after a key; from the first for ""."""
        return self._rows_with_keys(PAGE, after or prefix, end_of(prefix), str(most))

    def rows_after(self, key: str, most: int) -> list[tuple[str, bytes]]:
        """Returns the next `most` of all rows after a key."""
        return self._rows_with_keys(ROWS, key, str(most))

    def ranges(self, *prefixes: str) -> list[tuple[str, bytes]]:
        """The rows whose keys begin with one of these prefixes."""
        limits = [limit for prefix in prefixes for limit in (prefix, end_of(prefix))]
        return self._rows_with_keys(" UNION ALL ".join([ROWS_BETWEEN] * len(prefixes)), *limits)

    def keys(self, prefix: str) -> list[str]:
        """Returns the keys that begin with `prefix`, in order."""
        return [key for (key,) in self._rows_with_keys(KEYS, prefix, end_of(prefix))]

    def last(self, *prefixes: str) -> list[tuple[str, bytes]]:
        """Returns the last row, by key, of each prefix that has any rows."""
        limits = [limit for prefix in prefixes for limit in (prefix, end_of(prefix))]
        return self._rows_with_keys("UNION ALL".join([LAST] * len(prefixes)), *limits)

    def teams(self, kind: str) -> list[str]:
        """Returns the workspaces that have rows of a kind, in order."""
        teams: list[str] = []
        after = kind
        while rows := self.page(after, kind, 1):
            teams.append(rows[0][0].split("/")[1])
            after = f"{kind}{teams[-1]}{AFTER_SLASH}"
        return teams

    def naming(self, text: str, prefix: str, most: int) -> Iterator[list[str]]:
        """The keys of the rows with the prefix that hold a text, in their keys or values; a list
        for each `most` rows that are looked through.
        """
        after, end = prefix, end_of(prefix)
        while found := self._rows_with_keys(NAMING, text, text, after, end, str(most)):
            yield [key for key, named in found if named]
            after = found[-1][0]

    def put(self, key: str, value: bytes) -> None:
        """Writes a row, inside a transaction."""
        self._rows.conn.execute(PUT, (key, value))

    def remove(self, key: str) -> None:
        """Removes a row if there is one, inside a transaction."""
        self.execute(REMOVE, key)

    def remove_rows(self, keys: Sequence[str]) -> None:
        """Removes many rows with few statements, inside a transaction too."""
        for first in range(0, len(keys), KEYS_PER_STATEMENT):
            some = keys[first : first + KEYS_PER_STATEMENT]
            # The same numbers again and again, so that SQLite knows the statements.
            marks = 2 ** (len(some) - 1).bit_length()
            padded = (*some, *[some[-1]] * (marks - len(some)))
            self.execute(REMOVE_ROWS.format(", ".join("?" * marks)), *padded)

    def remove_all(self, prefix: str) -> None:
        """Removes the rows whose keys begin with `prefix`, inside a transaction."""
        self.execute(REMOVE_ALL, prefix, end_of(prefix))

    def move(self, prefix: str, to: str) -> None:
        """Puts `to` before every key that begins with `prefix`."""
        self.execute(MOVE, to, prefix, end_of(prefix))

    @property
    def statements(self) -> int:
        """How many statements have begun in the open file: changes while the work goes on."""
        connection: SqliteConnection | None = self._rows.conn
        return connection.statements if connection is not None else 0

    def shrink(self) -> None:
        """Empties the write-ahead log: see `Transactions.shrink`."""
        self._transactions.shrink()

    @property
    def must_shrink(self) -> bool:
        """Whether the log may still hold what was removed."""
        return self._transactions.must_shrink

    @property
    def in_transaction(self) -> bool:
        return self._transactions.is_open

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside is in the file when this is left, or nothing of it."""
        return self._transactions.transaction()

    def group(self, *, durable: bool = True) -> AbstractContextManager[None]:
        """The transactions inside share one COMMIT: see `Transactions.group`."""
        return self._transactions.group(durable=durable)

    def execute(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        """Runs a statement, and returns its rows."""
        return self._rows.conn.select(statement, values)

    def _rows_with_keys(self, statement: str, *values: str) -> list[Any]:
        """The rows of a statement whose first column is the key; each of them has a possible key.

        So nobody takes a key apart in vain, or looks for what comes after it and finds it again.
        """
        while True:
            rows = self.execute(statement, *values)
            keys = [self._possible_key(key) for key, *_ in rows]
            if None not in keys:
                return [(key, *rest) for key, (_, *rest) in zip(keys, rows, strict=True)]
            self._complete()

    def _possible_key(self, stored: bytes) -> str | None:
        """The key as text; None if there can be no such key: then its row is set aside."""
        with suppress(UnicodeDecodeError):
            key = stored.decode()
            if self._is_possible(key):
                return key
        aside = f"{aside_prefix()}{stored.decode(errors='backslashreplace')}"
        self._rows.conn.execute(RENAME, (aside, stored))
        log.error("The database has a row with a key that is damaged: it is under %s now", aside)
        return None

    def _open_rows(self) -> None:
        create_private(self.path)
        for suffix in SUFFIXES[1:]:
            make_private(self.path.with_name(f"{self.path.name}{suffix}"))
        self._rows = Rows(self.path, self._lock_timeout)
        self._transactions = Transactions(self._rows.conn, FileIdentity(self.path))
