"""Completes calls to Slack that change something, even if the caller is cancelled."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from slackbot.background import note_outcome

T = TypeVar("T")


class Effects:
    """The calls of one reply that change something in Slack, one at a time."""

    def __init__(self) -> None:
        self._running: asyncio.Task[Any] | None = None

    async def complete(self, effect: Coroutine[Any, Any, T]) -> T:
        """Returns the effect's result. A cancellation takes effect only after the call: its outcome
        is known then.
        """
        self._running = running = asyncio.create_task(effect)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            while not running.done():  # also if it is cancelled once more
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({running})
            note_outcome(running)
            raise
        finally:
            self._running = None

    def abandon(self) -> None:
        """Cancels the running call, as the process ends now; the next one finds out its outcome."""
        if self._running is not None:
            self._running.cancel()
