"""Slots on the event loop: held, waited for, given back whatever happens."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest

from slackbot.conversation.fair_queue import PlaceInLine, Requester
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.delivery.queue_position import QueuePosition, status_line
from slackbot.turns.fair_semaphore import MAX_GIVEN_BACK_PER_PERSON, FairSemaphore

ANA, BEN = Requester(UserId("ana"), ChannelId("c")), Requester(UserId("ben"), ChannelId("d"))
CEM = Requester(UserId("cem"), ChannelId("e"))


class Visitor:
    """Somebody who wants a slot, and holds it until told to leave."""

    def __init__(self, semaphore: FairSemaphore, requester: Requester) -> None:
        self.has_slot = asyncio.Event()
        self.may_leave = asyncio.Event()
        self.told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """What the status says while it waits."""
        self.visit = asyncio.create_task(self._visit(semaphore, requester))

    async def _visit(self, semaphore: FairSemaphore, requester: Requester) -> None:
        place = semaphore.reserve(requester)
        try:
            async with semaphore.acquire(place, self._wait):
                self.has_slot.set()
                await self.may_leave.wait()
        finally:
            semaphore.give_up(place)

    async def _wait(self, position: QueuePosition) -> None:
        self.told.set_result(position.line(0.0))
        await asyncio.Event().wait()

    async def leave(self) -> None:
        self.may_leave.set()
        await self.visit


async def never(_: QueuePosition) -> None:
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
    assert await third.told == status_line(0)  # Ben's first comes before Ana's second
    assert await second.told == status_line(1)
    await first.leave()
    await third.has_slot.wait()
    assert not second.has_slot.is_set()
    await third.leave()
    await second.leave()


async def test_a_slot_is_given_back_after_an_error() -> None:
    """Whatever goes wrong while it is held."""
    semaphore = FairSemaphore(1)

    with pytest.raises(RuntimeError):
        async with semaphore.acquire(semaphore.reserve(ANA), never):
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


class Attempt:
    """One attempt of a question's turn: it waits, holds its slot, and is cancelled by an edit."""

    def __init__(self, semaphore: FairSemaphore, place: PlaceInLine) -> None:
        self.waits, self.has_slot = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run(semaphore, place))

    async def _run(self, semaphore: FairSemaphore, place: PlaceInLine) -> None:
        async with semaphore.acquire(place, self._wait):
            self.has_slot.set()
            await asyncio.Event().wait()

    async def _wait(self, position: QueuePosition) -> None:
        assert position.line(0.0) == status_line(0)
        self.waits.set()

    async def cancel(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        assert self._task.cancelled()


async def test_a_place_is_kept_between_attempts() -> None:
    """A question that is taken again stays where it was, and gets its slot in the meantime."""
    semaphore = FairSemaphore(1)
    first, place = Visitor(semaphore, ANA), semaphore.reserve(BEN)
    await first.has_slot.wait()
    for _ in range(3):
        attempt = Attempt(semaphore, place)
        await attempt.waits.wait()
        await attempt.cancel()
    other = Visitor(semaphore, CEM)
    assert await other.told == status_line(1)
    await first.leave()
    for _ in range(2):
        attempt = Attempt(semaphore, place)
        await attempt.has_slot.wait()
        await attempt.cancel()
    assert not other.has_slot.is_set()
    semaphore.give_up(place)
    await other.has_slot.wait()
    await other.leave()


async def test_a_place_in_line_is_given_up() -> None:
    """A question that was deleted while it waited is waited for by nobody."""
    semaphore = FairSemaphore(1)
    first, place = Visitor(semaphore, ANA), semaphore.reserve(BEN)
    await first.has_slot.wait()
    attempt = Attempt(semaphore, place)
    await attempt.waits.wait()
    await attempt.cancel()
    semaphore.give_up(place)
    other = Visitor(semaphore, CEM)
    assert await other.told == status_line(0)
    await first.leave()
    await other.has_slot.wait()
    await other.leave()


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

    async def waiting(_: QueuePosition) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            steps.append("waited")

    async def visit() -> None:
        async with semaphore.acquire(semaphore.reserve(BEN), waiting):
            steps.append("has the slot")

    first = Visitor(semaphore, ANA)
    await first.has_slot.wait()
    second = asyncio.create_task(visit())
    await began.wait()
    await first.leave()
    await second
    assert steps == ["waited", "has the slot"]


async def test_a_slot_that_is_given_back_for_a_while() -> None:
    """Others use it meanwhile; then its place comes before all who came later, and each of those
    learns that one more is ahead.
    """
    semaphore = FairSemaphore(1)
    place = semaphore.reserve(ANA)
    async with semaphore.acquire(place, never):
        semaphore.give_back(place)
        semaphore.give_back(place)
        second = Visitor(semaphore, BEN)
        await second.has_slot.wait()
        again = asyncio.create_task(semaphore.take_again(place))
        await asyncio.sleep(0)
        third = Visitor(semaphore, CEM)
        assert await third.told == status_line(1)
        await second.leave()
        await again
        assert not third.has_slot.is_set()
        await semaphore.take_again(place)
    await third.has_slot.wait()
    await third.leave()


async def test_who_gives_up_taking_it_again_leaves_the_line() -> None:
    """Nobody waits for somebody who was stopped."""
    semaphore = FairSemaphore(1)
    place = semaphore.reserve(ANA)
    async with semaphore.acquire(place, never):
        semaphore.give_back(place)
        second = Visitor(semaphore, BEN)
        await second.has_slot.wait()
        again = asyncio.create_task(semaphore.take_again(place))
        await asyncio.sleep(0)
        again.cancel()
        await asyncio.wait({again})
        third = Visitor(semaphore, CEM)
        assert await third.told == status_line(0)
    await second.leave()
    await third.has_slot.wait()
    await third.leave()
    semaphore.give_up(place)


async def test_closing_lets_those_go_on_who_had_a_slot() -> None:
    """Nobody else begins then, so they wait for nobody."""
    semaphore = FairSemaphore(1)
    place, other = semaphore.reserve(ANA), semaphore.reserve(CEM)
    async with semaphore.acquire(place, never):
        semaphore.give_back(place)
        async with semaphore.acquire(other, never):
            again = asyncio.create_task(semaphore.take_again(place))
            await asyncio.sleep(0)
            semaphore.close()
            await again
            await semaphore.take_again(place)


async def test_a_person_with_many_open_turns_keeps_slots() -> None:
    """Twenty turns of one person wait for people without a slot, and the next one keeps its slot,
    until one of them has ended.
    """
    semaphore = FairSemaphore(1)
    places = [semaphore.reserve(ANA) for _ in range(MAX_GIVEN_BACK_PER_PERSON + 1)]
    async with AsyncExitStack() as stack:
        for place in places:
            await stack.enter_async_context(semaphore.acquire(place, never))
            semaphore.give_back(place)
        other = Visitor(semaphore, BEN)
        await other.told
        semaphore.give_up(places[0])
        semaphore.give_back(places[-1])
        await other.has_slot.wait()
        await other.leave()
