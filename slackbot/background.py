"""Work that goes on beside everything else, and has an owner: nothing of it outlives the bot."""

import asyncio
import logging
from collections.abc import Coroutine

logger = logging.getLogger(__name__)

GRACE = 1.0
"""Seconds that it gets to end in when the bot stops."""


class BackgroundTasks:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, errand: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(self._run(errand))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends what is still under way after a moment."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GRACE)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, errand: Coroutine[None, None, None]) -> None:
        try:
            await errand
        except Exception:  # a bug of ours must not end in silence
            logger.exception("Something that went on aside failed")
