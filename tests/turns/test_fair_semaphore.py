"""Slots on the event loop: held, waited for, given back whatever happens."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from slackbot.conversation.ids import ChannelId, UserId
from slackbot.turns.fair_queue import Requester
from slackbot.turns.fair_semaphore import FairSemaphore

ANA, BEN = Requester(UserId("ana"), ChannelId("c")), Requester(UserId("ben"), ChannelId("d"))


class Visitor:
    """Somebody who wants a slot, and holds it until told to leave."""

    def __init__(self, semaphore: FairSemaphore, requester: Requester) -> None:
        self.has_slot = asyncio.Event()
        self.may_leave = asyncio.Event()
        self.told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """How many were ahead."""
        self.visit = asyncio.create_task(self._visit(semaphore, requester))

    async def _visit(self, semaphore: FairSemaphore, requester: Requester) -> None:
        async with semaphore.acquire(requester, self._wait):
            self.has_slot.set()
            await self.may_leave.wait()

    async def _wait(self, ahead: Callable[[], int]) -> None:
        self.told.set_result(ahead())
        await asyncio.Event().wait()

    async def leave(self) -> None:
        self.may_leave.set()
        await self.visit


async def never(_: Callable[[], int]) -> None:
    raise AssertionError("nobody has to wait here")


async def test_a_free_slot_is_had_at_once() -> None:
    """Nobody is told to wait while there are slots, and what is given back is free again."""
    semaphore = FairSemaphore(1)
    for _ in range(3):
        visitor = Visitor(semaphore, ANA)
        await visitor.has_slot.wait()
        assert not visitor.told.done()
        await visitor.leave()


async def test_waiting_until_one_is_given_back() -> None:
    """A waiting request learns how many are ahead, and gets the next free slot."""
    semaphore = FairSemaphore(1)
    first, second, third = (Visitor(semaphore, each) for each in (ANA, ANA, BEN))
    assert await third.told == 0  # Ben's first comes before Ana's second
    assert await second.told == 1
    await first.leave()
    await third.has_slot.wait()
    assert not second.has_slot.is_set()
    await third.leave()
    await second.leave()


async def test_a_slot_is_given_back_after_an_error() -> None:
    """Whatever goes wrong while it is held."""
    semaphore = FairSemaphore(1)

    with pytest.raises(RuntimeError):
        async with semaphore.acquire(ANA, never):
            raise RuntimeError
    visitor = Visitor(semaphore, BEN)
    await visitor.has_slot.wait()
    await visitor.leave()


async def test_a_cancelled_request_takes_no_slot() -> None:
    """One that waits and is cancelled, even at the moment of its turn, leaves it to the next."""
    semaphore = FairSemaphore(1)
    first, second, third = (Visitor(semaphore, each) for each in (ANA, BEN, ANA))
    await second.told
    first.may_leave.set()
    second.visit.cancel()
    with suppress(asyncio.CancelledError):
        await second.visit
    await third.has_slot.wait()
    await third.leave()


async def test_closing_sends_away_who_waits() -> None:
    """Those with a slot end in peace; those without, now or later, are cancelled."""
    semaphore = FairSemaphore(1)
    first, second = Visitor(semaphore, ANA), Visitor(semaphore, BEN)
    await second.told
    semaphore.close()
    with pytest.raises(asyncio.CancelledError):
        await second.visit
    with pytest.raises(asyncio.CancelledError):
        await Visitor(semaphore, BEN).visit
    await first.leave()


async def test_a_slot_begins_when_the_waiting_is_over() -> None:
    """What runs while a request waits, such as a status in Slack, has come to its end before the
    slot is used: it can't speak of waiting afterwards.
    """
    semaphore = FairSemaphore(1)
    began, steps = asyncio.Event(), list[str]()

    async def waiting(_: Callable[[], int]) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("waited")

    async def visit() -> None:
        async with semaphore.acquire(BEN, waiting):
            steps.append("has the slot")

    first = Visitor(semaphore, ANA)
    await first.has_slot.wait()
    second = asyncio.create_task(visit())
    await began.wait()
    await first.leave()
    await second
    assert steps == ["waited", "has the slot"]
