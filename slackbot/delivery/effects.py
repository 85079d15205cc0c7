"""Calls that have an effect are never abandoned."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Effects:
    """The calls of one reply that change something in Slack, one at a time."""

    def __init__(self) -> None:
        self._running: asyncio.Task[Any] | None = None

    async def complete(self, effect: Coroutine[Any, Any, T]) -> T:
        """The effect's result. Whoever is cancelled meanwhile is cancelled once the effect is over:
        then it is known what the call did.
        """
        self._running = running = asyncio.create_task(effect)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            if not running.done():
                await asyncio.wait({running})
            if not running.cancelled():
                running.exception()  # is of no interest any more
            raise
        finally:
            self._running = None

    def abandon(self) -> None:
        """The process ends now: the next one finds out what the call did."""
        if self._running is not None:
            self._running.cancel()
