"""The file of rows: transactions that hold, and errors that come out instead of hanging."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from slackbot.errors import StoreError
from slackbot.store.sqlite.table import RANGE, SqliteTable


@pytest.fixture
def table(path: Path) -> Iterator[SqliteTable]:
    table = SqliteTable.open(path)
    yield table
    table.close()


def fill(table: SqliteTable, *keys: str, value: str = "") -> None:
    with table.transaction():
        for key in keys:
            table.put(key, value.encode())


def test_the_file_is_in_wal_mode_and_synced_with_it(table: SqliteTable) -> None:
    """Write-ahead log, `synchronous` FULL: a commit is on the disk before it is reported."""
    assert table.execute("PRAGMA journal_mode") == [("wal",)]
    assert table.execute("PRAGMA synchronous") == [(2,)]


def test_a_range_is_the_rows_with_a_prefix_in_order(table: SqliteTable) -> None:
    """From the first key asked for to the last with the prefix, not a neighbour's."""
    fill(table, "a/10", "a/2", "a/1", "a0", "b/1", "a.", "a/")
    assert [key for key, _ in table.range("a/", "a/")] == ["a/", "a/1", "a/10", "a/2"]
    assert [key for key, _ in table.range("a/10", "a/")] == ["a/10", "a/2"]
    assert [key for key, _ in table.range("a/", "a/", 2)] == ["a/", "a/1"]


def test_a_range_is_found_by_the_index(table: SqliteTable, path: Path) -> None:
    """What a range costs does not depend on what else is stored."""
    fill(table, "a/1")
    with closing(sqlite3.connect(path)) as other:
        plan = other.execute(f"EXPLAIN QUERY PLAN {RANGE}", ("a/", "a0", -1)).fetchall()
    assert "SEARCH store USING INDEX" in plan[0][3]
    assert "(key>? AND key<?)" in plan[0][3]


def test_a_row_that_changes_stays_where_it_is(table: SqliteTable) -> None:
    """It is not deleted and written again, which would change the pages of the index too."""
    fill(table, "first", "second")
    where = table.execute("SELECT rowid FROM store WHERE key = ?", "first")
    fill(table, "first", value="longer than before")
    assert table.get("first") == b"longer than before"
    assert table.execute("SELECT rowid FROM store WHERE key = ?", "first") == where


def test_a_transaction_that_breaks_off_leaves_nothing(table: SqliteTable) -> None:
    """What was written before an error is gone, and does not turn up with the next commit."""
    with suppress(InterruptedError), table.transaction():
        table.put("first", b"")
        raise InterruptedError
    fill(table, "second")
    assert "first" not in table
    assert "second" in table


def test_a_damaged_page_is_an_error_and_not_a_hang(path: Path) -> None:
    """Where SQLite itself can't follow its pages from row to row, the reading raises."""
    table = SqliteTable.open(path)
    fill(table, *(f"a/{number}" for number in range(200)), value="x" * 300)
    table.close()
    content = path.read_bytes()
    page = len(content) // 2 // 4096 * 4096
    path.write_bytes(content[:page] + b"\xff" * (5 * 4096) + content[page + 5 * 4096 :])
    table = SqliteTable.open(path)
    with pytest.raises(sqlite3.DatabaseError):
        table.range("a/", "a/")
    fill(table, "b/1")
    assert "b/1" in table
    table.close()


def test_moved_rows_keep_their_values(table: SqliteTable) -> None:
    """Rows go to another prefix as they are, their neighbours stay."""
    fill(table, "a/1", "a/2", "a0")
    values = [value for _, value in table.range("a/", "a/")]
    with table.transaction():
        table.move("a/", "z/")
    assert table.range("z/", "z/") == [("z/a/1", values[0]), ("z/a/2", values[1])]
    assert table.range("a", "a") == [("a0", values[0])]


def test_a_file_has_one_holder(path: Path, tmp_path: Path) -> None:
    """Who comes second is told so at once, by whichever name it comes; then the file is free."""
    link = tmp_path / "link.db"
    link.symlink_to(path)
    table = SqliteTable.open(path)
    for name in (path, link):
        with pytest.raises(StoreError, match=r"Another process is using .*slackbot\.db: stop"):
            SqliteTable.open(name)
    table.close()
    SqliteTable.open(link).close()


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_file_that_another_program_has_locked(
    path: Path, other: sqlite3.Connection, journal: str
) -> None:
    """The error says so, whatever state the file is in; once it is unlocked it can be opened."""
    other.execute(f"PRAGMA journal_mode = {journal}")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match=r"program has locked the database .*slackbot\.db: close"):
        SqliteTable.open(path, lock_timeout=0)
    other.execute("ROLLBACK")
    SqliteTable.open(path).close()
