"""Limits how many files are fetched and read at once, fairly between people and channels."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.conversation.fair_queue import FairQueue, PlaceInLine, Requester


class FileSlots:
    """A person holds at most half of the slots, so one who sends many files delays nobody else."""

    def __init__(self, slots: int) -> None:
        self._queue = FairQueue(slots)
        self._waiting: dict[PlaceInLine, asyncio.Future[None]] = {}

    @asynccontextmanager
    async def hold(self, requester: Requester) -> AsyncIterator[None]:
        """Waits for a slot, and holds it while the block runs."""
        place = self._queue.reserve(requester)
        admitted = self._waiting[place] = asyncio.get_running_loop().create_future()
        self._queue.join(place)
        self._admit()
        try:
            await admitted
            yield
        finally:
            if self._waiting.pop(place, None) is None:  # it was admitted, perhaps a moment ago
                self._queue.release(place)
            else:
                self._queue.withdraw(place)
            self._admit()

    def _admit(self) -> None:
        while (place := self._queue.admit()) is not None:
            admitted = self._waiting.pop(place)
            if not admitted.done():  # who waited may just have been cancelled
                admitted.set_result(None)
