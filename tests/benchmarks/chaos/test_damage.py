"""A page of a database that is overwritten."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from benchmarks.chaos.damage import damage_page, settle_log
from benchmarks.stored_threads import CHANNEL, store_threads


@pytest.mark.parametrize("seed", range(6))
async def test_a_damaged_page(tmp_path: Path, seed: int) -> None:
    """SQLite finds the damage, and every row that can't be read belongs to a named thread."""
    database = tmp_path / "a.db"
    await store_threads(database, threads=50)
    with closing(sqlite3.connect(database)) as connection:
        whole = connection.execute("SELECT rowid, key FROM store").fetchall()
    settle_log(database)
    damage = damage_page(database, Random(seed))  # noqa: S311 - reproducible
    assert damage is not None
    with closing(sqlite3.connect(database)) as connection:
        assert not _is_intact(connection)
        for rowid, key in whole:
            if not _is_readable(connection, rowid):
                _, _, channel, ts, *_ = key.split("/")
                assert (channel, ts) in damage.messages
    assert all(channel == CHANNEL for channel, _ in damage.messages)


def test_an_empty_database(tmp_path: Path) -> None:
    """A bot that was killed at its first moment leaves an empty file, which has no page."""
    database = tmp_path / "a.db"
    database.touch()
    assert damage_page(database, Random(1)) is None  # noqa: S311 - reproducible


async def test_a_database_of_one_page(tmp_path: Path) -> None:
    """The first page is never overwritten: without it there is no database."""
    database = tmp_path / "a.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA user_version = 1")
    assert damage_page(database, Random(1)) is None  # noqa: S311 - reproducible


def _is_intact(connection: sqlite3.Connection) -> bool:
    try:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    except sqlite3.DatabaseError:
        return False


def _is_readable(connection: sqlite3.Connection, rowid: int) -> bool:
    try:
        statement = "SELECT value FROM store WHERE rowid = ?"
        return connection.execute(statement, (rowid,)).fetchone() is not None
    except sqlite3.DatabaseError:
        return False
