"""Operations that wait at the same time share a commit, and nothing else."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.store.sqlite.operations import Deadlines, Operations
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.sqlite.worker import Worker
from tests.store.rows import sql


class CountedTable:
    """A table whose statements can be counted, and its operations."""

    def __init__(self, operations: Operations, table: SqliteTable) -> None:
        self.operations = operations
        self.table = table

    async def together(self, *works: Callable[[], object]) -> list[object]:
        """The outcomes of operations that all waited when the worker came to the first."""
        free = threading.Event()
        waiting = asyncio.gather(
            self.operations.run(free.wait), *map(self.operations.run, works), return_exceptions=True
        )
        await asyncio.sleep(0)
        free.set()
        return list(await waiting)[1:]

    def keys(self) -> list[str]:
        return [key for key, _ in self.table.rows_after("", 100)]

    def put(self, key: str) -> Callable[[], str]:
        def work() -> str:
            with self.table.transaction():
                self.table.put(key, b"")
            return key

        return work

    def fail_after(self, *keys: str) -> Callable[[], None]:
        def work() -> None:
            with self.table.transaction():
                for key in keys:
                    self.table.put(key, b"")
                raise InterruptedError

        return work


@pytest.fixture
async def counted(path: Path) -> AsyncIterator[CountedTable]:
    operations = Operations(lambda: SqliteTable.open(path), Deadlines())
    table = await operations.open()
    yield CountedTable(operations, table)
    await operations.close(table.close)


def commits(path: Path) -> int:
    """How many commits the write-ahead log holds: frames that name the size of the database.

    https://sqlite.org/fileformat2.html#walformat
    """
    log = path.with_name(f"{path.name}-wal").read_bytes()
    frames = range(32, len(log), 24 + 4096)
    return sum(log[frame + 4 : frame + 8] != bytes(4) for frame in frames)


async def test_what_waits_together_is_committed_together(counted: CountedTable, path: Path) -> None:
    """Fifty appends that wait cost one commit more, and each caller gets its own value."""
    before = commits(path)
    names = [f"a/{number:02d}" for number in range(50)]
    assert await counted.together(*map(counted.put, names)) == names
    assert commits(path) == before + 1
    assert [key for (key,) in sql(path, "SELECT key FROM store ORDER BY key")] == names


async def test_one_that_fails_takes_nothing_along(counted: CountedTable, path: Path) -> None:
    """What an operation wrote before its error is undone, and the others' is kept."""
    outcomes = await counted.together(
        counted.put("a"), counted.fail_after("b", "c"), counted.put("d")
    )
    assert outcomes[0::2] == ["a", "d"]
    assert isinstance(outcomes[1], InterruptedError)
    assert sql(path, "SELECT key FROM store ORDER BY key") == [("a",), ("d",)]


async def test_one_that_undoes_the_whole_transaction(counted: CountedTable, path: Path) -> None:
    """Some errors have SQLite roll back everything: the others are carried out again."""
    sql(
        path,
        "CREATE TRIGGER t BEFORE INSERT ON store WHEN new.key = 'b' "
        "BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    )
    outcomes = await counted.together(counted.put("a"), counted.put("b"), counted.put("c"))
    assert outcomes[0::2] == ["a", "c"]
    assert isinstance(outcomes[1], sqlite3.Error)
    assert sql(path, "SELECT key FROM store ORDER BY key") == [("a",), ("c",)]


async def test_a_commit_that_fails_fails_for_the_one_that_is_at_fault(
    counted: CountedTable, path: Path
) -> None:
    """Where SQLite refuses the common COMMIT, each operation gets one of its own."""
    sql(path, "PRAGMA foreign_keys = ON")
    sql(path, "CREATE TABLE parent (key TEXT PRIMARY KEY)")
    sql(path, "CREATE TABLE child (key REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    sql(
        path,
        "CREATE TRIGGER t AFTER INSERT ON store WHEN new.key = 'b' "
        "BEGIN INSERT INTO child VALUES ('nobody'); END",
    )
    await counted.operations.run(lambda: counted.table.execute("PRAGMA foreign_keys = ON"))
    outcomes = await counted.together(counted.put("a"), counted.put("b"), counted.put("c"))
    assert outcomes[0::2] == ["a", "c"]
    assert isinstance(outcomes[1], sqlite3.IntegrityError)
    assert sql(path, "SELECT key FROM store ORDER BY key") == [("a",), ("c",)]


async def test_another_programs_lock_is_waited_for_once(
    path: Path, other: sqlite3.Connection
) -> None:
    """Of operations that wait together, all are refused after one wait; reads are answered."""
    operations = Operations(lambda: SqliteTable.open(path, lock_timeout=0.2), Deadlines())
    counted = CountedTable(operations, await operations.open())
    other.execute("BEGIN IMMEDIATE")
    before = counted.table.statements
    outcomes = await counted.together(
        counted.put("a"), counted.keys, counted.put("b"), counted.put("c")
    )
    assert [isinstance(each, sqlite3.OperationalError) for each in outcomes] == [1, 0, 1, 1]
    assert outcomes[1] == []
    assert counted.table.statements == before + 2
    other.execute("ROLLBACK")
    assert await counted.together(counted.put("a")) == ["a"]
    await operations.close(counted.table.close)


async def test_what_may_be_lost_is_not_waited_for(counted: CountedTable) -> None:
    """A group of passing operations is not synced; one that must last has all of it synced."""
    table = counted.table

    def synchronous() -> object:
        return table.execute("PRAGMA synchronous")

    assert await counted.operations.run(synchronous, "passing") == [(1,)]
    assert await counted.operations.run(synchronous) == [(2,)]
    assert await counted.operations.run(synchronous, "long") == [(2,)]


async def test_a_long_operation_has_its_own_transactions(counted: CountedTable, path: Path) -> None:
    """Another program sees each of its steps; what waits with it keeps its order."""

    def work() -> list[object]:
        counted.put("a")()
        seen = sql(path, "SELECT key FROM store")
        counted.put("b")()
        return seen

    first = asyncio.create_task(counted.operations.run(counted.put("0")))
    middle = asyncio.create_task(counted.operations.run(work, "long"))
    last = asyncio.create_task(counted.operations.run(counted.keys))
    await first
    assert await middle == [("0",), ("a",)]
    assert await last == ["0", "a", "b"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["keep", "fail", "roll back"]))))
async def test_a_group_is_like_one_after_another(
    tmp_path_factory: pytest.TempPathFactory, plan: list[tuple[str, str]]
) -> None:
    """Whatever happens to some operations of a group, the others' effects are all there."""
    path = tmp_path_factory.mktemp("store") / "slackbot.db"
    operations = Operations(lambda: SqliteTable.open(path), Deadlines())
    counted = CountedTable(operations, await operations.open())
    table = counted.table

    def step(number: int, key: str, fate: str) -> Callable[[], str]:
        def work() -> str:
            with table.transaction():
                table.put(f"{key}/{number}", b"")
                if fate == "roll back":
                    table.execute("ROLLBACK")
                if fate != "keep":
                    raise InterruptedError
            return f"{key}/{number}"

        return work

    expected = [f"{key}/{number}" for number, (key, fate) in enumerate(plan) if fate == "keep"]
    outcomes = await counted.together(
        *(step(number, key, fate) for number, (key, fate) in enumerate(plan))
    )
    assert [each for each in outcomes if isinstance(each, str)] == expected
    assert await operations.run(counted.keys) == sorted(expected)
    await operations.close(table.close)


@pytest.mark.parametrize("opened_first", [True, False])
async def test_an_opening_that_is_cancelled_leaves_nothing_open(
    path: Path, *, opened_first: bool
) -> None:
    """Whether the file is open by then, or is opened later: it is closed, and the thread ends."""
    proceed = threading.Event()

    def opening() -> SqliteTable:
        proceed.wait()
        return SqliteTable.open(path)

    before = set(threading.enumerate())
    worker = Worker(opening, lambda _done, _outcomes: None)
    (thread,) = set(threading.enumerate()) - before
    if opened_first:
        proceed.set()
        worker.opened.add_done_callback(lambda _: caller.cancel())
    caller = asyncio.create_task(worker.open())
    await asyncio.sleep(0)
    if not opened_first:
        caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    proceed.set()
    await worker.opened
    await asyncio.sleep(0)
    thread.join(10)
    assert not thread.is_alive()
    SqliteTable.open(path).close()
