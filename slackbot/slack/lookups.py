"""Looks names and the like up in Slack: one call for all who ask, and never a long wait."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar

from cachetools import TTLCache

from slackbot.errors import SlackError

logger = logging.getLogger(__name__)

CACHE_SECONDS = 3600.0

MAX_CACHED = 10_000

TIMEOUT_SECONDS = 1.0
"""How long anything waits for a name, which is never worth more."""

V = TypeVar("V")


class Lookups(Generic[V]):
    """`fetch` asks Slack about one ID. What it raises as SlackError is not remembered."""

    def __init__(
        self,
        fetch: Callable[[str], Awaitable[V]],
        *,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._timeout = timeout
        self._known: TTLCache[str, V] = TTLCache(MAX_CACHED, CACHE_SECONDS, timer=clock)
        self._asking: dict[str, asyncio.Task[V]] = {}
        """The calls that are running: two requests for the same ID share one."""
        self._asked_at: dict[str, float] = {}
        """When they began, by the event loop's clock."""

    async def get(self, key: str) -> V | None:
        """Returns what Slack says, at most an hour old; None if it does not say in time.

        A call that takes longer goes on, and is not waited for a second time.
        """
        if key in self._known:
            return self._known[key]
        asking = self._ask(key)
        left = self._asked_at[key] + self._timeout - asyncio.get_running_loop().time()
        await asyncio.wait({asking}, timeout=max(left, 0.0))
        answered = asking.done() and not asking.cancelled() and asking.exception() is None
        return asking.result() if answered else None

    async def close(self) -> None:
        """Cancels the calls that are still under way."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _ask(self, key: str) -> asyncio.Task[V]:
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._call(key))
            self._asked_at[key] = asyncio.get_running_loop().time()
            asking.add_done_callback(partial(self._answered, key))
        return asking

    async def _call(self, key: str) -> V:
        return await self._fetch(key)

    def _answered(self, key: str, asking: asyncio.Task[V]) -> None:
        del self._asking[key], self._asked_at[key]
        if asking.cancelled():
            return
        err = asking.exception()
        if err is None:
            self._known[key] = asking.result()
        else:
            cause = err.__cause__ if isinstance(err, SlackError) else err
            logger.warning("Slack does not say what %s is: %s", key, type(cause).__name__)
