"""Limits the number of replies that are written at once; others wait in a fair queue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager

from slackbot.conversation.fair_queue import FairQueue, PlaceInLine, Requester
from slackbot.delivery.queue_position import QueuePosition, StatusAllowance

WaitingCallback = Callable[[QueuePosition], Awaitable[None]]
"""Runs while somebody waits."""


MAX_GIVEN_BACK_PER_PERSON = 20
"""How many turns of one person may wait for people without a slot. Each of them takes memory, so
further ones keep their slots, of which a person has only a share.
"""


class FairSemaphore:
    """A question has a place in line until it has been answered, or is given up.

    While its turn is being chosen again, because of an edit, the place stays in line, and may even
    get its slot.
    """

    def __init__(self, slots: int) -> None:
        self._queue = FairQueue(slots)
        self._waiting: set[PlaceInLine] = set()
        self._held: set[PlaceInLine] = set()
        self._given_back: set[PlaceInLine] = set()
        self._awaited: dict[PlaceInLine, asyncio.Future[None]] = {}
        self._closed = False
        self._allowance = StatusAllowance()

    def reserve(self, requester: Requester) -> PlaceInLine:
        """Returns a new place, to be given up in the end."""
        return self._queue.reserve(requester)

    def give_up(self, place: PlaceInLine) -> None:
        """Leaves the line, or returns the slot; the place is not used again."""
        self._leave(place)
        self._queue.withdraw(place)
        self._admit()

    @asynccontextmanager
    async def acquire(self, place: PlaceInLine, waiting: WaitingCallback) -> AsyncIterator[None]:
        """Holds a slot while the block runs. `waiting` runs until there is one.

        A cancelled task keeps the place and the slot for its next attempt.
        """
        self._join(place)
        if place not in self._held:
            await self._wait(place, waiting)
        with ExitStack() as stack:
            stack.callback(self._free, place)
            try:
                yield
            except asyncio.CancelledError:
                stack.pop_all()
                raise

    def give_back(self, place: PlaceInLine) -> None:
        """Lets others use the slot of a place, which keeps its rank in line."""
        theirs = (each for each in self._given_back if each.requester.user == place.requester.user)
        if sum(1 for _ in theirs) < MAX_GIVEN_BACK_PER_PERSON:
            self._free(place)
            self._given_back.add(place)

    async def take_again(self, place: PlaceInLine) -> None:
        """Waits for a slot that was given back, before all who came later.

        Once the semaphore is closed nobody else begins, so there is nothing to wait for.
        """
        if self._closed:
            return
        self._join(place)
        if place in self._held:
            return
        admitted = self._awaited[place] = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({admitted})
        finally:
            del self._awaited[place]
            if place in self._waiting:
                self._leave(place)

    def close(self) -> None:
        """Raises CancelledError in those who wait for their first slot, now or later."""
        self._closed = True
        for awaited in self._awaited.values():
            awaited.cancel()

    async def _wait(self, place: PlaceInLine, waiting: WaitingCallback) -> None:
        if self._closed:
            raise asyncio.CancelledError
        admitted = self._awaited[place] = asyncio.get_running_loop().create_future()
        position = QueuePosition(lambda: self._queue.ahead(place), self._allowance)
        callback = asyncio.ensure_future(waiting(position))
        try:
            await admitted
        finally:
            del self._awaited[place]
            callback.cancel()
            await asyncio.gather(callback, return_exceptions=True)

    def _join(self, place: PlaceInLine) -> None:
        self._given_back.discard(place)
        if not (place in self._waiting or place in self._held):
            self._queue.join(place)
            self._waiting.add(place)
            self._admit()

    def _admit(self) -> None:
        while not self._closed and (place := self._queue.admit()) is not None:
            self._waiting.remove(place)
            self._held.add(place)
            awaited = self._awaited.get(place)
            if awaited is not None and not awaited.done():  # its task may have been cancelled
                awaited.set_result(None)

    def _free(self, place: PlaceInLine) -> None:
        self._leave(place)
        self._admit()

    def _leave(self, place: PlaceInLine) -> None:
        self._given_back.discard(place)
        if place in self._held:
            self._held.remove(place)
            self._queue.release(place)
        elif place in self._waiting:
            self._waiting.remove(place)
            self._queue.leave(place)
