"""Tasks that run alongside everything else and have an owner: none outlives the bot."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger(__name__)

GRACE_SECONDS = 1.0
"""How long the tasks get to finish when the bot stops."""


def note_outcome(task: asyncio.Future[Any]) -> None:
    """Of a task whose outcome nobody may ask for any more: asyncio does not log it as forgotten."""
    if not task.cancelled():
        task.exception()


class BackgroundTasks:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_end)
        return task

    def abandon(self) -> None:
        """Cancels the tasks under way."""
        for task in [*self._tasks]:
            task.cancel()

    async def close(self) -> None:
        """Waits a moment for the tasks under way, then cancels them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        self.abandon()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A bug of ours must not end in silence.
            logger.error("A background task failed", exc_info=error)
