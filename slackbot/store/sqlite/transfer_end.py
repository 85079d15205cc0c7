"""A SQLite database as one end of a transfer."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from slackbot.errors import StoreError
from slackbot.store.row_digest import Row
from slackbot.store.sqlite.backup import back_up
from slackbot.store.sqlite.database_lock import lock_database
from slackbot.store.sqlite.errors import primary_code, unusable
from slackbot.store.sqlite.file_changes import remove
from slackbot.store.sqlite.file_identity import SUFFIXES
from slackbot.store.sqlite.opening import open_table
from slackbot.store.sqlite.table import LOCK_TIMEOUT_SECONDS, SqliteTable
from slackbot.store.sqlite.unfinished_files import migrated_file, remove_unfinished


class SqliteEnd:
    """Implements `transfer.TransferEnd`."""

    def __init__(self, table: SqliteTable) -> None:
        self.table = table

    def count(self) -> int:
        ((count,),) = self.table.execute("SELECT count(*) FROM store")
        return int(count)

    def pages(self, size: int) -> Iterator[Sequence[Row]]:
        page = self.table.rows_after("", size)
        while page:
            yield page
            page = self.table.rows_after(page[-1][0], size)

    def holds(self, key: str) -> bool:  # noqa: ARG002 - any key
        return True

    def write(self, rows: Sequence[Row]) -> None:
        for key, value in rows:
            self.table.put(key, value)

    def clear(self) -> None:
        self.table.execute("DELETE FROM store")

    def check_unused(self) -> None:
        """The lock, which lasts as long as this end, sees to that."""


@contextmanager
def sqlite_source(path: Path) -> Iterator[SqliteEnd]:
    """A copy of the database at `path`, in this version's layout: nothing changes in that one.

    No bot can use it meanwhile. Raises StoreError if one does, or if it is damaged.
    """
    path = path.resolve()
    if not path.is_file():
        raise StoreError(f"There is no database {path}: see to DATABASE_URL.")
    copy = migrated_file(path)
    with ExitStack() as undo, _store_errors(path):
        undo.callback(lock_database(path).release)
        remove_unfinished(path)
        undo.callback(remove, copy, *SUFFIXES, ".lock")
        back_up(path, copy)
        table = open_table(copy, LOCK_TIMEOUT_SECONDS, shared=True, create=False)
        undo.callback(table.close)
        yield SqliteEnd(table)


@contextmanager
def sqlite_target(path: Path) -> Iterator[SqliteEnd]:
    """The database at `path`, which is created if need be. No bot can use it meanwhile."""
    with _store_errors(path):
        table = open_table(path, LOCK_TIMEOUT_SECONDS, shared=False, create=True, whole=False)
        try:
            yield SqliteEnd(table)
        finally:
            table.close()


@contextmanager
def _store_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise unusable(path, primary_code(error)) from error
