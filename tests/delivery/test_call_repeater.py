"""The calls of one reply, repeated on a virtual clock."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import pytest

from benchmarks.virtual_clock import run
from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_repeater import CallRepeater
from slackbot.delivery.setbacks import SILENT_SECONDS, Failure
from slackbot.delivery.texts import STILL_TRYING
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    StoreError,
    UnknownRefusalError,
    UnreachableError,
)

OUTAGE = UnreachableError("chat.update", sent=True, code="team_added_to_org")
UNKNOWN = UnknownRefusalError("chat.update", "some_new_error")
LIMIT = RateLimitedError("conversations.replies", 7.0)
SILENCE = UnreachableError("chat.update", sent=True)
UNSENT = UnreachableError("chat.update", sent=False)


async def failing(err: Exception | None = None) -> None:
    """A call that fails, or succeeds."""
    if err is not None:
        raise err


def play(work: Coroutine[Any, Any, None]) -> float:
    """Returns how many seconds it takes."""

    async def timed() -> float:
        await work
        return asyncio.get_running_loop().time()

    return run(timed())


@pytest.mark.parametrize("failure", [OUTAGE, UNKNOWN])
def test_the_asker_is_told_once(failure: UnreachableError) -> None:
    """After the time in which nobody need know, and no second time."""
    told: list[tuple[float, str]] = []
    now = asyncio.get_running_loop

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda text, _: told.append((now().time(), text)))
        for _ in range(20):
            await asyncio.sleep(await calls.attempt(partial(failing, failure)))

    play(work())
    ((at, sentence),) = told
    assert sentence == STILL_TRYING
    assert at == SILENT_SECONDS


@pytest.mark.parametrize("how", ["call", "look", "limit"])
def test_the_asker_is_told_while_slack_lets_us_wait(how: str) -> None:
    """In a call that is not answered, or a limit that lasts long, no other failure comes first. The
    sentence is true until a call succeeds.
    """
    told: list[tuple[float, Callable[[], bool]]] = []
    now = asyncio.get_running_loop

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda _, true: told.append((now().time(), true)))
        if how == "call":
            await calls.attempt(partial(asyncio.sleep, 30.0))
        elif how == "look":
            await calls.look(asyncio.sleep(30.0))
        else:
            calls.note(RateLimitedError("chat.update", 30.0))
            await asyncio.sleep(30.0)
        ((_, is_true),) = told
        assert is_true() == (how != "call")
        await calls.attempt(failing)
        assert not is_true()

    play(work())
    assert [at for at, _ in told] == [SILENT_SECONDS]


def test_nobody_is_told_of_what_passes_soon() -> None:
    """A short limit, and the time that a reply then waits for its turn among others, say nothing;
    nor does a reply that is over.
    """
    told: list[str] = []

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda text, _: told.append(text))
        calls.note(LIMIT)
        await asyncio.sleep(60.0)
        await calls.attempt(failing)
        calls.note(RateLimitedError("chat.update", 30.0))
        calls.close()
        await asyncio.sleep(60.0)

    play(work())
    assert told == []


@pytest.mark.parametrize(
    ("failure", "reason"),
    [(OUTAGE, "team_added_to_org"), (SILENCE, "no answer"), (LIMIT, "a limit")],
)
def test_the_log_says_why(failure: Failure, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    """Once, with the method and with Slack's error code."""

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda *_: None)
        for _ in range(20):
            calls.note(failure)
            await asyncio.sleep(SILENT_SECONDS)

    play(work())
    assert caplog.messages == [f"A reply in C1 waits for Slack: {failure.method} ({reason})"]


def test_a_call_that_was_not_sent() -> None:
    """It has no late effect to wait for; the pause comes before the next call."""

    async def work() -> None:
        assert (
            await CallRepeater(ChannelId("C1"), lambda *_: None).attempt(partial(failing, UNSENT))
            >= 0.25
        )

    assert play(work()) == 0.0


def test_a_late_effect_is_part_of_the_pause() -> None:
    """After the first failure it is all of it, later its first half second."""

    async def work() -> None:
        calls, now = CallRepeater(ChannelId("C1"), lambda *_: None), asyncio.get_running_loop().time
        assert await calls.attempt(partial(failing, SILENCE)) == 0.0
        assert 0.25 <= now() <= 0.5
        for longest in (1.0, 2.0, 4.0):
            before = now()
            wait = await calls.attempt(partial(failing, SILENCE))
            assert now() - before == pytest.approx(0.5)
            assert longest / 2 - 0.5 <= wait <= longest - 0.5

    play(work())


def test_a_call_that_succeeds_needs_no_pause() -> None:
    """Nothing is told then, and an earlier failure no longer counts."""
    told: list[str] = []

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda text, _: told.append(text))
        assert await calls.attempt(failing) == 0.0
        await calls.attempt(partial(failing, OUTAGE))
        assert await calls.attempt(failing) == 0.0
        assert calls.setbacks.last is None

    assert play(work()) <= 0.5  # the time in which the failed call may still take effect
    assert told == []


@pytest.mark.parametrize("err", [DeliveryError("chat.update", "is_archived"), LIMIT])
def test_what_another_pause_does_not_help(err: Exception) -> None:
    """A final refusal and a limit are for the reply, and for the scheduler."""

    async def work() -> None:
        with pytest.raises(type(err)):
            await CallRepeater(ChannelId("C1"), lambda *_: None).attempt(partial(failing, err))

    assert play(work()) == 0.0


def test_a_look_waits_before_the_next_one() -> None:
    """As long as Slack asks. That Slack answers a look says nothing of the next call."""

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda *_: None)
        await calls.attempt(partial(failing, UNKNOWN))
        await calls.look(failing(LIMIT))
        await calls.look(failing())
        assert calls.setbacks.last is not None

    assert 7.0 <= play(work()) <= 7.5


FULL = StoreError("The database is full.")


def test_a_store_that_fails() -> None:
    """A post that can't be recorded is not made; the pauses grow like those of a call."""

    async def work() -> None:
        calls = CallRepeater(ChannelId("C1"), lambda *_: None)
        failures: Sequence[float] = [await calls.attempt(partial(failing, FULL)) for _ in range(8)]
        assert failures[0] <= 0.5
        assert failures[-1] >= 15.0
        await calls.attempt(failing)
        for longest in (0.5, 1.0, 2.0):
            pause = await calls.attempt(partial(failing, FULL))
            assert longest / 2 <= pause <= longest

    assert play(work()) == 0.0


async def test_a_call_that_is_given_up_before_it_begins() -> None:
    """The process ends in the instant between: nothing is left that was never awaited."""
    calls = CallRepeater(ChannelId("C1"), lambda *_: None)
    caller = asyncio.create_task(calls.attempt(failing))
    await asyncio.sleep(0)
    calls.abandon()
    caller.cancel()
    await asyncio.wait({caller})
    assert caller.cancelled()
