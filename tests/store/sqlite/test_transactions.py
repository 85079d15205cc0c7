"""Transactions inside others; test_table.py has single ones, and test_worker.py the groups."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from slackbot.store.sqlite.table import SqliteTable


@pytest.fixture
def table(path: Path) -> Iterator[SqliteTable]:
    table = SqliteTable.open(path)
    yield table
    table.close()


def test_a_part_that_breaks_off_is_undone_alone(table: SqliteTable) -> None:
    """A transaction inside another one leaves nothing of itself, and the rest is kept."""
    with table.transaction():
        table.put("first", b"")
        with suppress(InterruptedError), table.transaction():
            table.put("part", b"")
            raise InterruptedError
        table.put("second", b"")
    assert [key for key, _ in table.rows_after("", 9)] == ["first", "second"]
