"""Work that goes on while a block runs."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)


@asynccontextmanager
async def during(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """The work is cancelled at the end of the block."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _log_failure(task: asyncio.Task[None]) -> None:
    """A bug of ours must not end in silence what others rely on, such as renewing tokens."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("Work that goes on in the background has ended", exc_info=error)
