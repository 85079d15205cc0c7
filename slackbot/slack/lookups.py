"""Looks up what IDs mean in Slack: one call for all who ask at the same time, and a cache."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Generic, TypeVar

from cachetools import TTLCache

from slackbot.conversation import turn_reads
from slackbot.delivery.rate_budget import RateBudget
from slackbot.errors import SlackError
from slackbot.slack.method_budgets import CALLS_PER_MINUTE

logger = logging.getLogger(__name__)

CACHE_SECONDS = 3600.0

MAX_CACHED = 10_000

TIMEOUT_SECONDS = 1.0
"""How long anything waits for a name, which is never worth more."""

NAMES_SHARE = 0.5
"""Of the calls of a method that Slack allows in a minute. What decides about rights needs the
others: somebody who mentions many people or channels would keep everybody from using theirs.
"""

K = TypeVar("K", bound=str)
V = TypeVar("V")


class Lookups(Generic[K, V]):
    """Keeps answers for an hour, and no failures."""

    def __init__(
        self,
        fetch: Callable[[K], Coroutine[Any, Any, V]],
        *,
        timeout: float = TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        is_better: Callable[[V, V | None], bool] = lambda _new, _known: True,
        method: str | None = None,
    ) -> None:
        """`fetch` asks Slack about one ID. Its answer is kept if it `is_better` than the one known,
        or than None. `method` is Slack's, of which names may use NAMES_SHARE.
        """
        self._fetch = fetch
        self._is_better = is_better
        self._calls = None if method is None else RateBudget(_calls_for_names(method))
        self._clock = clock
        self._timeout = timeout
        self._known: TTLCache[K, V] = TTLCache(MAX_CACHED, CACHE_SECONDS, timer=clock)
        self._asking: dict[K, asyncio.Task[V]] = {}
        """The calls that are running: two requests for the same ID share one."""
        self._asked_at: dict[K, float] = {}
        """When they began, by the event loop's clock."""

    async def get(self, key: K) -> V | None:
        """Returns what Slack says, at most an hour old; None if it does not say in time.

        A call that takes longer goes on, and is not waited for a second time. None is made for a
        turn that has had its share of them, nor if names have had theirs of the method.
        """
        known = self.known(key)
        if known is not None:
            return known
        is_asking = key in self._asking
        if not is_asking and not (turn_reads.current().names.take() and self._take_call()):
            return None
        return await self.look_again(key)

    async def look_again(self, key: K) -> V | None:
        """Returns what Slack says now; None if it does not say in time, as above."""
        asking = self._ask(key)
        left = self._asked_at[key] + self._timeout - asyncio.get_running_loop().time()
        await asyncio.wait({asking}, timeout=max(left, 0.0))
        answered = asking.done() and not asking.cancelled() and asking.exception() is None
        return asking.result() if answered else None

    def known(self, key: K) -> V | None:
        """Returns what Slack said within the last hour."""
        return self._known.get(key)

    async def ask(self, key: K) -> V:
        """Returns what Slack says now, or raises what `fetch` raises. A call that is under way is
        shared, and goes on if this one is cancelled.
        """
        return await asyncio.shield(self._ask(key))

    def remember(self, key: K, found: V) -> None:
        """Keeps an answer that came another way."""
        if self._is_better(found, self.known(key)):
            self._known[key] = found

    async def close(self) -> None:
        """Cancels the calls that are still under way."""
        asking = list(self._asking.values())
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    def _take_call(self) -> bool:
        """Counts a call for a name. False if names have had their share."""
        if self._calls is None:
            return True
        now = self._clock()
        if self._calls.room(now) < 1:
            return False
        self._calls.begin(now)
        self._calls.end(now)
        return True

    def _ask(self, key: K) -> asyncio.Task[V]:
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.create_task(self._fetch(key))
            self._asked_at[key] = asyncio.get_running_loop().time()
            asking.add_done_callback(partial(self._answered, key))
        return asking

    def _answered(self, key: K, asking: asyncio.Task[V]) -> None:
        del self._asking[key], self._asked_at[key]
        if asking.cancelled():
            return
        err = asking.exception()
        if err is None:
            self.remember(key, asking.result())
        else:
            reason = err.detail if isinstance(err, SlackError) else type(err).__name__
            logger.warning("Slack says nothing about %s: %s", key, reason)


def _calls_for_names(method: str) -> int:
    return int(CALLS_PER_MINUTE[method] * NAMES_SHARE)
