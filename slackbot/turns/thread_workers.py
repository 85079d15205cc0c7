"""The threads in which something waits, each with a worker of its own.

A worker does one piece of work after the other until nothing waits in its thread. Different
threads are worked on side by side.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slackbot.conversation.messages import ThreadKey

logger = logging.getLogger(__name__)


class ThreadWorkers:
    def __init__(self, work: Callable[[ThreadKey], Awaitable[bool]]) -> None:
        """`work` does what a thread waits for longest; false where nothing waits."""
        self._work = work
        self._woken: set[ThreadKey] = set()
        self._workers: dict[ThreadKey, asyncio.Task[None]] = {}
        self._pieces: dict[ThreadKey, asyncio.Task[bool]] = {}
        self._closing = False

    @property
    def busy(self) -> int:
        """How many threads are being worked on."""
        return len(self._workers)

    def wake(self, thread: ThreadKey) -> None:
        """Something waits in the thread."""
        if self._closing:
            return
        self._woken.add(thread)
        if thread not in self._workers:
            self._workers[thread] = asyncio.create_task(self._run(thread))

    def interrupt(self, thread: ThreadKey) -> None:
        """What the thread's worker is at is no longer what is wanted: it looks anew."""
        piece = self._pieces.get(thread)
        if piece is not None:
            piece.cancel()

    async def idle(self) -> None:
        """Returns when nothing is being worked on."""
        while self._workers:
            await asyncio.wait(self._workers.values())

    async def close(self, grace: float) -> None:
        """Begins nothing new, gives what is under way `grace` seconds, leaves the rest as it is."""
        self._closing = True
        try:
            if self._workers:
                await asyncio.wait(self._workers.values(), timeout=grace)
        finally:
            self.abandon()
            await asyncio.gather(*self._workers.values(), return_exceptions=True)

    def abandon(self) -> None:
        """Leaves what is under way as it is, at once."""
        self._closing = True
        for worker in self._workers.values():
            worker.cancel()

    async def _run(self, thread: ThreadKey) -> None:
        try:
            while thread in self._woken:
                self._woken.discard(thread)
                while not self._closing and await self._piece(thread):
                    pass
        except Exception:  # a bug of ours must not end in silence
            logger.exception("The worker of a thread in %s failed", thread.channel)
        finally:
            del self._workers[thread]

    async def _piece(self, thread: ThreadKey) -> bool:
        """Does one piece of work; true also if it was interrupted."""
        worker = asyncio.current_task()
        piece = self._pieces[thread] = asyncio.ensure_future(self._work(thread))
        try:
            return await piece
        except asyncio.CancelledError:
            if worker is not None and worker.cancelling():
                raise
            return True
        finally:
            del self._pieces[thread]
