"""Slots for files on the event loop: fair, and given back whatever happens."""

import asyncio
from contextlib import suppress

from slackbot.attachments.slots import FileSlots
from slackbot.conversation.fair_queue import Requester
from slackbot.conversation.ids import ChannelId, UserId

ANA, BEN = (Requester(UserId(name), ChannelId("c")) for name in ("ana", "ben"))


class Reading:
    """A file that is being read until it may end."""

    def __init__(self, slots: FileSlots, requester: Requester) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.task = asyncio.create_task(self._read(slots, requester))

    async def _read(self, slots: FileSlots, requester: Requester) -> None:
        async with slots.hold(requester):
            self.begun.set()
            await self.may_end.wait()

    async def end(self) -> None:
        self.may_end.set()
        await self.task

    async def cancel(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


async def test_one_person_leaves_a_slot() -> None:
    """A person with many files holds at most two of three slots, and another one comes at once."""
    slots = FileSlots(3)
    many = [Reading(slots, ANA) for _ in range(10)]
    other = Reading(slots, BEN)
    await other.begun.wait()
    assert [each.begun.is_set() for each in many] == [True, True, *[False] * 8]
    await other.end()
    for each in many:
        await each.begun.wait()
        await each.end()


async def test_first_file_before_the_second() -> None:
    """Where all slots are held, everybody's first file comes before anybody's second."""
    slots = FileSlots(1)
    first, second = Reading(slots, ANA), Reading(slots, ANA)
    await first.begun.wait()
    other = Reading(slots, BEN)
    await asyncio.sleep(0)
    await first.end()
    await other.begun.wait()
    assert not second.begun.is_set()
    await other.end()
    await second.begun.wait()
    await second.end()


async def test_cancelled() -> None:
    """A slot is free again when its file is given up, and who waits no longer gets none."""
    slots = FileSlots(1)
    first = Reading(slots, ANA)
    await first.begun.wait()
    second, third = Reading(slots, ANA), Reading(slots, BEN)
    await asyncio.sleep(0)
    await second.cancel()
    await first.cancel()
    await third.begun.wait()
    fourth = Reading(slots, ANA)
    await third.cancel()
    await fourth.begun.wait()
    await fourth.end()


async def test_cancelled_when_admitted() -> None:
    """A slot that is given at the moment when nobody waits for it any more goes to the next."""
    slots = FileSlots(1)
    first, second, third = (Reading(slots, who) for who in (ANA, BEN, ANA))
    await first.begun.wait()
    first.may_end.set()
    await asyncio.sleep(0)
    second.task.cancel()
    await third.begun.wait()
    await third.end()
    assert second.task.cancelled()
