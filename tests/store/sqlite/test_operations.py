"""Each operation ends in time, and a store that can't work any more says so."""

import asyncio
import logging
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from textwrap import dedent

import pytest

from slackbot.errors import LostStoreError, StoreError
from slackbot.store.sqlite.operations import CHECKS, Deadlines, Operations
from slackbot.store.sqlite.table import SqliteTable

QUICK = Deadlines(operation_seconds=1, stuck_seconds=60)
IMPATIENT = Deadlines(operation_seconds=60, stuck_seconds=0.1)
RESTLESS = Deadlines(operation_seconds=60, stuck_seconds=1e-6)

STUCK = "does not answer any more: check its disk, then restart the bot"


async def opened(path: Path, deadlines: Deadlines) -> tuple[Operations, SqliteTable]:
    operations = Operations(lambda: SqliteTable.open(path), deadlines)
    return operations, await operations.open()


def keys(table: SqliteTable) -> list[str]:
    return [key for key, _ in table.rows_after("", 100)]


@pytest.fixture
async def gate() -> AsyncIterator[threading.Event]:
    """Work that waits for it takes until the test lets it go on."""
    event = threading.Event()
    yield event
    event.set()


async def test_what_is_not_done_in_time_has_no_effect(path: Path, gate: threading.Event) -> None:
    """Its caller is told, and it is neither begun nor committed later; the next one works."""
    operations, table = await opened(path, QUICK)

    def put(key: str) -> None:
        with table.transaction():
            table.put(key, b"")

    def put_late() -> None:
        put("begun")
        gate.wait()

    begun = asyncio.create_task(operations.run(put_late))
    queued = asyncio.create_task(operations.run(lambda: put("queued")))
    for late in (begun, queued):
        with pytest.raises(StoreError, match="did not answer in time"):
            await late
    gate.set()
    assert await asyncio.wait_for(operations.run(lambda: keys(table)), 10) == []
    await operations.run(lambda: put("next"))
    assert await operations.run(lambda: keys(table)) == ["next"]
    await operations.close(table.close)


async def test_a_cancelled_caller_changes_nothing(path: Path, gate: threading.Event) -> None:
    """The work is carried out as a whole, though the task that asked for it is gone."""
    operations, table = await opened(path, Deadlines())

    def put() -> None:
        gate.wait()
        with table.transaction():
            table.put("a", b"")

    asking = asyncio.create_task(operations.run(put))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    gate.set()
    assert await operations.run(lambda: "a" in table)
    await operations.close(table.close)


async def test_a_stuck_worker_is_a_failure(
    path: Path, gate: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    """All that waits, and all that comes later, ends in an error; one critical line says why."""
    operations, table = await opened(path, IMPATIENT)
    waiting = [operations.run(work) for work in (gate.wait, lambda: keys(table))]
    for outcome in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(outcome, StoreError)
        assert STUCK in outcome.user_message
    assert STUCK in (await operations.failed).reason
    with pytest.raises(StoreError, match=STUCK):
        await operations.run(lambda: keys(table))
    await operations.close(table.close)
    (line,) = caplog.records
    assert line.levelno == logging.CRITICAL
    assert STUCK in line.getMessage()
    gate.set()


async def test_a_worker_that_works_is_not_stuck(path: Path) -> None:
    """Many statements take longer together than one may: that is no failure."""
    operations, table = await opened(path, Deadlines(operation_seconds=60, stuck_seconds=0.5))
    loop = asyncio.get_running_loop()
    until = loop.time() + 1.0

    def work() -> None:
        while loop.time() < until:
            keys(table)

    await operations.run(work, "long")
    assert not operations.failed.done()
    await operations.close(table.close)


async def test_a_dead_worker_is_a_failure(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that ended is noticed, whatever ended it."""
    ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: ended.set())
    operations, table = await opened(path, IMPATIENT)

    def end() -> None:
        raise SystemExit

    with pytest.raises(StoreError, match="because of a bug: restart the bot"):
        await operations.run(end)
    assert ended.is_set()
    await operations.close(table.close)
    table.close()


def wait_for_thread(before: set[threading.Thread]) -> None:
    """Keeps the event loop busy, as a slow machine does, until the worker's thread has ended."""
    (thread,) = set(threading.enumerate()) - before
    thread.join(10)
    assert not thread.is_alive()


async def test_closing_is_no_failure(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The thread has ended before the loop hears of it, and a look at the thread is due."""
    before = set(threading.enumerate())
    operations, table = await opened(path, RESTLESS)
    closing = asyncio.create_task(operations.close(table.close))
    await asyncio.sleep(0)
    wait_for_thread(before)
    await closing
    assert not operations.failed.done()
    assert not caplog.records


async def test_a_close_that_is_cancelled_is_no_failure(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is closed all the same, and looks at the thread find no fault with it."""
    before = set(threading.enumerate())
    operations, table = await opened(path, RESTLESS)
    closing = asyncio.create_task(operations.close(table.close))
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.gather(closing, return_exceptions=True)
    wait_for_thread(before)
    for _ in range(10 * CHECKS):
        await asyncio.sleep(0)
    assert not operations.failed.done()
    assert not caplog.records
    SqliteTable.open(path).close()


async def test_what_was_withdrawn_is_not_waited_for(path: Path, gate: threading.Event) -> None:
    """Once the worker is past it, a quiet time is no sign that the worker is stuck."""
    operations, table = await opened(path, Deadlines(operation_seconds=0.1, stuck_seconds=0.5))
    first = asyncio.create_task(operations.run(gate.wait, "long"))
    await asyncio.sleep(0)
    with pytest.raises(StoreError, match="did not answer in time"):
        await operations.run(lambda: keys(table))
    gate.set()
    await first
    failed, _ = await asyncio.wait((operations.failed,), timeout=1)
    assert not failed
    await operations.close(table.close)


async def test_what_is_under_way_at_the_close_ends(path: Path, gate: threading.Event) -> None:
    """A stuck worker does not close the file, and what waits for it is told."""
    operations, table = await opened(path, Deadlines(operation_seconds=0.1, stuck_seconds=0.5))
    stuck = asyncio.create_task(operations.run(gate.wait, "long"))
    await asyncio.sleep(0)
    await operations.close(table.close)
    with pytest.raises(StoreError, match=STUCK):
        await asyncio.wait_for(stuck, 10)


async def test_a_loss_is_told_to_its_whole_group(path: Path, gate: threading.Event) -> None:
    """What waits with it is not acknowledged, whether it comes before or after."""
    operations, table = await opened(path, Deadlines())

    def lose() -> None:
        raise LostStoreError("It is gone.", "It is gone.")

    works: list[Callable[[], object]] = [gate.wait, lambda: keys(table), lose, lambda: keys(table)]
    waiting = [asyncio.create_task(operations.run(work)) for work in works]
    await asyncio.sleep(0)
    gate.set()
    _, *outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in outcomes] == [LostStoreError] * 3
    await operations.close(table.close)


async def test_a_process_ends_beside_a_stuck_worker(path: Path, other: sqlite3.Connection) -> None:
    """Nothing waits for the thread, which hangs for ever: the process ends with its own code."""
    script = f"""
        import asyncio, sys
        from slackbot.errors import StoreError
        from slackbot.store.sqlite.operations import Deadlines
        from slackbot.store.sqlite import SqliteStore
        async def main():
            deadlines = Deadlines(operation_seconds=0.1, stuck_seconds=0.3)
            store = await SqliteStore.open({str(path)!r}, 10_000, deadlines)
            print("open", flush=True)
            sys.stdin.readline()
            try:
                await store.check()
            except StoreError as error:
                print(error.user_message)
            print((await store.failed).reason)
            await store.close()
            sys.exit(7)
        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        dedent(script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"open\n"
    other.execute("BEGIN IMMEDIATE")
    output, _ = await process.communicate(b"\n")
    refused, failed = output.decode().splitlines()
    assert "did not answer in time" in refused
    assert STUCK in failed
    assert process.returncode == 7
