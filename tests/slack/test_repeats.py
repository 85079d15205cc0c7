"""Requests that are delivered again."""

import asyncio

import pytest
from slack_bolt.response import BoltResponse

from slackbot.slack.repeats import MAX_REMEMBERED, REMEMBERED_SECONDS, Repeats


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Handler:
    """Answers with the next of these statuses, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.calls = 0

    async def __call__(self) -> BoltResponse:
        self.calls += 1
        return BoltResponse(status=self.statuses.pop(0) if self.statuses else 200, body="done")


async def test_a_repeat_takes_no_effect() -> None:
    """It is answered 200 without the body of the first answer."""
    repeats, handler = Repeats(), Handler()
    answers = [await repeats.once("a", handler) for _ in range(3)]
    assert [(each.status, each.body) for each in answers] == [(200, "done"), (200, ""), (200, "")]
    assert handler.calls == 1


async def test_what_failed_is_handled_again() -> None:
    """A request that was not answered with 200 can be delivered again, until it is."""
    repeats, handler = Repeats(), Handler(503, 500)
    statuses = [(await repeats.once("a", handler)).status for _ in range(4)]
    assert (statuses, handler.calls) == ([503, 500, 200, 200], 3)


async def test_a_bug_is_no_success() -> None:
    """A request whose handling raised something is handled again."""
    repeats, handler = Repeats(), Handler()

    async def fail() -> BoltResponse:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await repeats.once("a", fail)
    assert (await repeats.once("a", handler)).body == "done"


async def test_a_repeat_during_the_first() -> None:
    """It waits for the first: a success that was not one yet is never said."""
    repeats, begun, go_on, calls = Repeats(), asyncio.Event(), asyncio.Event(), 0

    async def handle() -> BoltResponse:
        nonlocal calls
        calls += 1
        begun.set()
        await go_on.wait()
        return BoltResponse(status=503 if calls == 1 else 200)

    tasks = [asyncio.create_task(repeats.once("a", handle)) for _ in range(3)]
    await begun.wait()
    assert not any(each.done() for each in tasks)
    go_on.set()
    assert [each.status for each in await asyncio.gather(*tasks)] == [503, 200, 200]
    assert calls == 2


async def test_memory() -> None:
    """A request is remembered for as long as it can count as current, and no longer."""
    clock, handler = Clock(), Handler()
    repeats = Repeats(clock)
    await repeats.once("a", handler)
    clock.now = REMEMBERED_SECONDS - 1
    await repeats.once("a", handler)
    assert handler.calls == 1
    clock.now = REMEMBERED_SECONDS
    await repeats.once("a", handler)
    assert handler.calls == 2


async def test_bounded_memory() -> None:
    """However many requests there are, only the newest are remembered."""
    repeats, handler = Repeats(Clock()), Handler()
    for number in range(MAX_REMEMBERED + 1):
        await repeats.once(str(number), handler)
    handler.calls = 0
    await repeats.once("1", handler)
    assert handler.calls == 0
    await repeats.once("0", handler)
    assert handler.calls == 1
