"""Replaces a damaged database by a new one with all that can be read.

SQLite refuses to use a damaged page, and one page can hold rows of many threads, or a row that
every message changes. Rows are found in two trees of pages: by number, with their values, and by
key. What only the second tree still has stays as a row that can't be read, so that whatever uses it
says so, and does not take it for something that never was.
"""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slackbot.store.sqlite.connection import Rows, SqliteConnection
from slackbot.store.sqlite.earlier_files import new_damaged_file
from slackbot.store.sqlite.errors import is_damage
from slackbot.store.sqlite.file_access import create_private
from slackbot.store.sqlite.file_changes import link_or_copy, remove, sync
from slackbot.store.sqlite.file_identity import SUFFIXES
from slackbot.store.sqlite.unfinished_files import repaired_file

log = logging.getLogger(__name__)

ROWS = """
SELECT rowid, CAST(key AS BLOB), CAST(value AS BLOB) FROM store
WHERE rowid > ? ORDER BY rowid LIMIT ?
"""

KEYS_UP = "SELECT CAST(key AS BLOB) FROM store WHERE key > CAST(? AS TEXT) ORDER BY key LIMIT ?"
KEYS_DOWN = """
SELECT CAST(key AS BLOB) FROM store WHERE key < CAST(? AS TEXT) ORDER BY key DESC LIMIT ?
"""

PUT = "REPLACE INTO store (key, value) VALUES (CAST(? AS TEXT), ?)"
PUT_UNREADABLE = "INSERT INTO store (key, value) VALUES (CAST(? AS TEXT), x'')"
HAS = "SELECT 1 FROM store WHERE key = CAST(? AS TEXT)"
VALUE = "SELECT CAST(value AS BLOB) FROM store WHERE key = CAST(? AS TEXT)"
COUNT = "SELECT count(*) FROM store WHERE length(value) = 0"

UNSAFE = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF")
"""A new file that is not finished is worth nothing, so it needs no log."""

ROWS_PER_STATEMENT = 500

LAST_ROWID = 2**63 - 1
LAST_KEY = b"\xff"

ROWS_ON_A_PAGE = 100
LOST_SHARE = 0.1
"""If more rows are lost than one page holds, and than this share, a person has to save them."""

KEPT_SHARE = 0.3
FEW_PAGES = 20
"""Likewise if less than this share of the pages is kept, a few aside. A new file is smaller than an
old one, whose pages are not full."""


class TooMuchLostError(Exception):
    """Most of the file can't be read."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """How many rows there are, how many of them can't be read, and where the damaged file is."""

    rows: int
    unreadable: int
    damaged: Path


def repair(path: Path, rows: Rows) -> RepairReport:
    """Closes `rows`, the open database at `path`, and puts a repaired file in its place.

    Nobody else may use the file, but for single changes. Raises TooMuchLostError, sqlite3.Error or
    OSError, and then leaves the file as it is.
    """
    new, damaged = repaired_file(path), new_damaged_file(path)
    try:
        _hold(path, rows.conn)
        create_private(new)
        count, unreadable = _copy(rows.conn, new)
        shutil.copymode(path, new)
        damaged.unlink(missing_ok=True)
        sync(new)
        link_or_copy(path, damaged)
        remove(path, *SUFFIXES[1:])  # the log is empty: everything is in the file
        new.replace(path)
        sync(path.parent)
    finally:
        remove(new, *SUFFIXES)
        rows.conn.close()
    return RepairReport(count, unreadable, damaged)


def _hold(path: Path, old: SqliteConnection) -> None:
    """Empties the log, and keeps other programs from writing to the file."""
    old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    old.execute("BEGIN IMMEDIATE")
    if path.with_name(f"{path.name}-wal").stat().st_size:
        raise BlockingIOError("another program uses the file")


def _copy(old: SqliteConnection, path: Path) -> tuple[int, int]:
    """Copies what can be read to a new file. Returns how many rows it has, and how many of them
    have lost their values. Raises TooMuchLostError.
    """
    remove(path, *SUFFIXES)
    with closing(Rows(path, 0.0)) as rows:
        new = rows.conn
        for statement in UNSAFE:
            new.execute(statement)
        ((layout,),) = old.select("PRAGMA user_version")
        new.execute("BEGIN IMMEDIATE")
        for key, value in _readable_rows(old):
            new.execute(PUT, (key, value))
        ((before,),) = new.select(COUNT)
        for key in _readable_keys(old):
            if not new.select(HAS, (key,)):  # it lies between two damages, or on one
                row = _read(old, VALUE, key)
                new.execute(*((PUT, (key, *row[0])) if row else (PUT_UNREADABLE, (key,))))
        ((after,),) = new.select(COUNT)
        new.execute(f"PRAGMA user_version = {layout}")
        new.execute("COMMIT")
        count, unreadable = len(rows), after - before
        if unreadable > max(ROWS_ON_A_PAGE, count * LOST_SHARE) or not count:
            raise TooMuchLostError
        if _used_pages(new) + FEW_PAGES < _used_pages(old) * KEPT_SHARE:
            raise TooMuchLostError
        return count, unreadable


def _readable_rows(old: SqliteConnection) -> Iterator[tuple[bytes, bytes | None]]:
    """All rows that can be read, in the order in which they were written."""
    last, size = 0, ROWS_PER_STATEMENT
    while True:
        page = _read(old, ROWS, last, size)
        if page is None and size > 1:  # some of these rows may be readable
            size = 1
        elif page is None and last < LAST_ROWID:
            last = _past_damage(lambda rowid: _read(old, ROWS, rowid, 1) is not None, last)
        elif not page:
            return
        else:
            last, size = page[-1][0], min(size * 2, ROWS_PER_STATEMENT)
            yield from ((key, value) for _, key, value in page if _is_key(key))


def _past_damage(is_readable: Callable[[int], bool], unreadable: int) -> int:
    """The first number from which on there are rows that can be read, or nothing more."""
    step = 1
    while unreadable + step < LAST_ROWID and not is_readable(unreadable + step):
        step *= 2
    low, high = unreadable + step // 2, min(unreadable + step, LAST_ROWID)
    while low + 1 < high:
        middle = (low + high) // 2
        if is_readable(middle):
            high = middle
        else:
            low = middle
    return high


def _readable_keys(old: SqliteConnection) -> Iterator[bytes]:
    """The keys before the first damage, and those after the last."""
    if (yield from _keys_until_damage(old, KEYS_UP, b"")):
        yield from _keys_until_damage(old, KEYS_DOWN, LAST_KEY)


def _keys_until_damage(
    old: SqliteConnection, statement: str, last: bytes
) -> Generator[bytes, None, bool]:
    """Returns false if there is no damage."""
    page: list[tuple[Any, ...]] | None = []
    for size in (ROWS_PER_STATEMENT, 1):
        while page := _read(old, statement, last, size):
            yield from (key for (key,) in page if _is_key(key))
            last = page[-1][0]
        if page is not None:
            return False
    return True


def _read(old: SqliteConnection, statement: str, *values: object) -> list[tuple[Any, ...]] | None:
    """None if these rows are damaged. Another failure of the disk says nothing about them."""
    try:
        return old.select(statement, values)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return None


def _is_key(key: object) -> bool:
    """Whether this can be a key of ours, and not what damage made of one."""
    try:
        return isinstance(key, bytes) and key.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _used_pages(connection: SqliteConnection) -> int:
    ((all_pages,),) = connection.select("PRAGMA page_count")
    ((free,),) = connection.select("PRAGMA freelist_count")
    return int(all_pages) - int(free)
