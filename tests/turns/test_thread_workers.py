"""Each thread has one worker, which does one piece after the other until nothing waits."""

import asyncio
import logging

import pytest
from slackbot.turns.thread_workers import ThreadWorkers

from slackbot.conversation.messages import ThreadKey

ONE, OTHER = ThreadKey("T1", "C1", "1.0"), ThreadKey("T1", "C1", "2.0")


class InstructionsCommands:
    """What waits in each thread, and what was done; work stands still while it is held."""

    def __init__(self, **waiting: int) -> None:
        self.waiting = {ONE: waiting.get("one", 0), OTHER: waiting.get("other", 0)}
        self.begun: list[ThreadKey] = []
        self.done: list[ThreadKey] = []
        self.began = asyncio.Event()
        self.free = asyncio.Event()
        self.free.set()
        self.threads = ThreadWorkers(self.work)

    async def work(self, thread: ThreadKey) -> bool:
        if not self.waiting[thread]:
            return False
        self.begun.append(thread)
        self.began.set()
        await self.free.wait()
        self.waiting[thread] -= 1
        self.done.append(thread)
        return True

    async def until_begun(self, pieces: int) -> None:
        while len(self.begun) < pieces:
            self.began.clear()
            await self.began.wait()


async def test_a_worker_goes_on_until_nothing_waits() -> None:
    """One call is enough for all that waits in a thread; then its worker is gone."""
    desk = InstructionsCommands(one=3)
    desk.threads.wake(ONE)
    await desk.threads.idle()
    assert desk.done == [ONE] * 3


async def test_threads_are_worked_on_side_by_side() -> None:
    """A piece that takes long holds up its own thread alone."""
    desk = InstructionsCommands(one=1, other=1)
    desk.free.clear()
    desk.threads.wake(ONE)
    desk.threads.wake(OTHER)
    desk.threads.wake(ONE)
    await desk.until_begun(2)
    assert desk.begun == [ONE, OTHER]
    desk.free.set()
    await desk.threads.idle()
    assert desk.done == [ONE, OTHER]


async def test_a_call_at_the_last_moment_is_heard() -> None:
    """What is put into a thread while its worker finds nothing there is done all the same."""
    desk = InstructionsCommands()
    seen = 0

    async def work(thread: ThreadKey) -> bool:
        nonlocal seen
        seen += 1
        if seen == 1:
            desk.threads.wake(thread)
        return False

    desk.threads = ThreadWorkers(work)
    desk.threads.wake(ONE)
    await desk.threads.idle()
    assert seen == 2


async def test_an_interrupted_piece_is_begun_anew() -> None:
    """After an interruption the worker looks at its thread again; other threads notice nothing."""
    desk = InstructionsCommands(one=1, other=1)
    desk.free.clear()
    desk.threads.wake(ONE)
    desk.threads.wake(OTHER)
    await desk.until_begun(2)
    desk.threads.interrupt(ONE)
    await desk.until_begun(3)
    desk.free.set()
    await desk.threads.idle()
    assert desk.begun == [ONE, OTHER, ONE]
    assert desk.done == [OTHER, ONE]
    desk.threads.interrupt(ONE)  # nobody is at it: nothing happens


async def test_closing_gives_grace() -> None:
    """What is under way may end; the next piece is not begun, and nobody is woken any more."""
    desk = InstructionsCommands(one=2, other=1)
    desk.free.clear()
    desk.threads.wake(ONE)
    await desk.until_begun(1)
    closing = asyncio.create_task(desk.threads.close(60.0))
    await asyncio.sleep(0)
    desk.threads.wake(OTHER)
    desk.free.set()
    await closing
    assert desk.done == [ONE]


async def test_closing_leaves_the_rest() -> None:
    """What does not end in time is left as it is, and no task with it."""
    desk = InstructionsCommands(one=1)
    desk.free.clear()
    desk.threads.wake(ONE)
    await desk.until_begun(1)
    await desk.threads.close(0.0)
    assert (desk.done, desk.threads.busy) == ([], 0)
    assert len(asyncio.all_tasks()) == 1


async def test_a_worker_that_fails_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    """A bug ends a worker with a line in the log; the next call begins another."""
    asked = 0

    async def work(_: ThreadKey) -> bool:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise ValueError
        return False

    desk = InstructionsCommands()
    desk.threads = ThreadWorkers(work)
    with caplog.at_level(logging.ERROR):
        desk.threads.wake(ONE)
        await desk.threads.idle()
    assert "worker of a thread in C1 failed" in caplog.text
    desk.threads.wake(ONE)
    await desk.threads.idle()
    assert asked == 2
