"""Calls that have an effect are never abandoned."""

import asyncio
import gc

import pytest

from slackbot.delivery.effects import Effects


async def test_a_cancellation_waits_for_the_effect() -> None:
    """A cancelled caller is cancelled once the call is over, and not before."""
    effects, answer, done = Effects(), asyncio.Event(), []

    async def post() -> None:
        await answer.wait()
        done.append("posted")

    caller = asyncio.create_task(effects.complete(post()))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.sleep(0)
    assert not caller.done()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert done == ["posted"]


async def test_a_failure_meanwhile_is_no_news() -> None:
    """A cancelled caller gets the cancellation, not the failure of the call, and the log does not
    say that nobody looked at the failure.
    """
    effects, answer, logged = Effects(), asyncio.Event(), list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: logged.append(context["message"])
    )

    async def post() -> None:
        await answer.wait()
        raise ValueError

    caller = asyncio.create_task(effects.complete(post()))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.sleep(0)
    answer.set()
    await asyncio.wait({caller})
    assert caller.cancelled()
    del caller
    gc.collect()
    assert logged == []


async def test_the_end_of_the_process_waits_for_no_call() -> None:
    """Abandoned, a call is cancelled with its caller."""
    effects = Effects()
    caller = asyncio.create_task(effects.complete(asyncio.sleep(60)))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.sleep(0)
    effects.abandon()
    with pytest.raises(asyncio.CancelledError):
        await caller


async def test_results_and_errors_come_out() -> None:
    """Nobody is cancelled: the call's result or error is the caller's."""
    effects = Effects()
    assert await effects.complete(asyncio.sleep(0, "1.0")) == "1.0"

    async def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        await effects.complete(fail())


async def test_a_second_cancellation_waits_as_well() -> None:
    """However often a caller is cancelled, the call's outcome is known before it goes on."""
    effects, answer, done = Effects(), asyncio.Event(), []

    async def delete() -> None:
        await answer.wait()
        done.append("deleted")

    caller = asyncio.create_task(effects.complete(delete()))
    for _ in range(3):
        await asyncio.sleep(0)
        caller.cancel()
    await asyncio.sleep(0)
    assert not caller.done()
    answer.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert done == ["deleted"]
