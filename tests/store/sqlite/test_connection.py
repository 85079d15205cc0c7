"""sqlitedict without its thread: errors are raised where they happen."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from slackbot.store.sqlite import connection
from slackbot.store.sqlite.connection import Rows, SqliteConnection

FOR_EVER = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


@pytest.fixture
def rows(path: Path) -> Iterator[Rows]:
    with closing(Rows(path, 0.0)) as rows:
        yield rows


def test_it_is_sqlitedict(rows: Rows) -> None:
    """Its dictionary works as it always does, with bytes as values."""
    rows["a"] = b"1"
    rows.update({"b": b"2", "c": b"3"})
    del rows["b"]
    rows.commit()
    assert dict(rows.items()) == {"a": b"1", "c": b"3"}
    assert len(rows) == 2
    assert "b" not in rows
    with pytest.raises(KeyError):
        rows["b"]


def test_it_needs_no_thread(path: Path) -> None:
    """No thread begins with it, so none can end without it."""
    before = threading.active_count()
    with closing(Rows(path, 0.0)) as rows:
        rows["a"] = b"1"
        assert threading.active_count() == before


def test_an_error_is_raised_by_its_own_statement(rows: Rows) -> None:
    """Not by a later one, and the connection goes on."""
    with pytest.raises(sqlite3.OperationalError, match="syntax"):
        rows.conn.execute("SELEKT 1")
    assert rows.conn.select("SELECT 1") == [(1,)]


def test_a_statement_that_never_ends_is_interrupted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends in an error, what it was part of is undone, and the connection goes on."""
    with closing(Rows(path, 0.0)) as rows:
        monkeypatch.setattr(connection, "STATEMENT_SECONDS", 0.01)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            rows.conn.select(FOR_EVER)
        assert rows.conn.select("SELECT 1") == [(1,)]


def test_a_file_that_fails_to_open_is_closed(path: Path) -> None:
    """Nothing of it stays open: it can be deleted, and another program can lock it."""
    path.write_text("Dear diary, " * 1_000)
    with pytest.raises(sqlite3.DatabaseError):
        SqliteConnection(str(path), 0.0)
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
