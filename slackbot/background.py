"""Tasks that run alongside everything else and have an owner: none outlives the bot."""

import asyncio
import logging
from collections.abc import Coroutine

logger = logging.getLogger(__name__)

GRACE_SECONDS = 1.0
"""How long the tasks get to finish when the bot stops."""


class BackgroundTasks:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Waits a moment for the tasks under way, then cancels them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception:  # a bug of ours must not end in silence
            logger.exception("A background task failed")
