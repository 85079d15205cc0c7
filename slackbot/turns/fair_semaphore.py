"""Limits the number of replies that are written at once; others wait in a fair queue."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from slackbot.turns.fair_queue import FairQueue, Requester, SlotRequest

WaitingCallback = Callable[[Callable[[], int]], Awaitable[None]]
"""Runs while a request waits; its argument returns how many requests are ahead."""


class FairSemaphore:
    def __init__(self, slots: int) -> None:
        self._queue = FairQueue(slots)
        self._awaited: dict[SlotRequest, asyncio.Future[None]] = {}
        self._held: set[SlotRequest] = set()
        self._closed = False

    @asynccontextmanager
    async def acquire(self, requester: Requester, waiting: WaitingCallback) -> AsyncIterator[None]:
        """Holds a slot while the block runs. `waiting` runs until there is one."""
        request = SlotRequest(requester)
        self._awaited[request] = asyncio.get_running_loop().create_future()
        self._queue.join(request)
        self._admit()
        try:
            if request not in self._held:
                await self._wait(request, waiting)
            yield
        finally:
            del self._awaited[request]
            self._leave(request)
            self._admit()

    def close(self) -> None:
        """Raises CancelledError in those who wait, now or later."""
        self._closed = True
        for request, awaited in self._awaited.items():
            if request not in self._held:
                awaited.cancel()

    async def _wait(self, request: SlotRequest, waiting: WaitingCallback) -> None:
        if self._closed:
            raise asyncio.CancelledError
        callback = asyncio.ensure_future(waiting(lambda: self._queue.ahead(request)))
        try:
            await self._awaited[request]
        finally:
            callback.cancel()
            await asyncio.gather(callback, return_exceptions=True)

    def _admit(self) -> None:
        while not self._closed and (request := self._queue.admit()) is not None:
            self._held.add(request)
            if not self._awaited[request].done():  # the request may just have been cancelled
                self._awaited[request].set_result(None)

    def _leave(self, request: SlotRequest) -> None:
        if request in self._held:
            self._held.remove(request)
            self._queue.release(request)
        else:
            self._queue.leave(request)
