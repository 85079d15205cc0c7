"""Makes calls of a Slack method wait until Slack takes more of them, first come, first served.

Slack limits each method per workspace, so all callers of a workspace share these budgets:
https://docs.slack.dev/apis/web-api/rate-limits. A refusal closes its method for all of them, so
that they do not find out one by one.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from slackbot.delivery.call_budgets import CALLS_PER_MINUTE as CALLS_OF_REPLIES
from slackbot.delivery.rate_budget import RateBudget
from slackbot.errors import RateLimitedError

CALLS_PER_MINUTE: Mapping[str, int] = {
    "assistant.threads.setStatus": 600,
    "assistant.threads.setSuggestedPrompts": 50,
    "chat.postEphemeral": 100,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.members": 100,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "files.info": 100,
    "usergroups.list": 20,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.update": 100,
}
"""What each method's page says, such as https://docs.slack.dev/reference/methods/users.info.

Tier 2 means 20 calls a minute or more, Tier 3 means 50 or more, Tier 4 means 100 or more.
"""

UNCOUNTED_CALLS_PER_MINUTE = 100_000
"""For a method that is not listed: only Slack's refusals hold its calls back."""

PACED_ELSEWHERE = frozenset({*CALLS_OF_REPLIES, "agents.sessions.setStatus"})
"""The call scheduler decides which reply calls next, and AgentSessions which session."""


class MethodBudgets:
    """The budgets of one workspace, for every method that does not grow a reply."""

    def __init__(self, calls_per_minute: Mapping[str, int] = CALLS_PER_MINUTE) -> None:
        self._calls_per_minute = calls_per_minute
        self._queues: dict[str, _MethodQueue] = {}

    async def admit(self, method: str, max_wait_seconds: float | None = None) -> None:
        """Waits until the method may be called, and counts the call; `end` or `refuse` follows.

        Raises RateLimitedError if that takes longer than `max_wait_seconds`; without waiting for
        it, where that is known before.
        """
        if method not in PACED_ELSEWHERE:
            await self._queue(method).admit(max_wait_seconds)

    def end(self, method: str) -> None:
        """Notes that Slack has answered an admitted call, or never will."""
        if method not in PACED_ELSEWHERE:
            self._queue(method).end()

    def refuse(self, method: str, retry_after: float) -> None:
        """Notes a 429: the method is closed for this many seconds."""
        if method not in PACED_ELSEWHERE:
            self._queue(method).refuse(retry_after)

    def _queue(self, method: str) -> "_MethodQueue":
        if method not in self._queues:
            limit = self._calls_per_minute.get(method, UNCOUNTED_CALLS_PER_MINUTE)
            self._queues[method] = _MethodQueue(method, limit)
        return self._queues[method]


class _MethodQueue:
    def __init__(self, method: str, limit: int) -> None:
        self._method = method
        self._budget = RateBudget(limit)
        self._turn = asyncio.Lock()
        """Held by the first in line; a lock lets the others in by their order."""
        self._changed = asyncio.Event()

    async def admit(self, max_wait_seconds: float | None) -> None:
        if max_wait_seconds is not None and self._wait() > max_wait_seconds:
            raise RateLimitedError(self._method, self._wait())
        try:
            async with asyncio.timeout(max_wait_seconds):
                await self._pass()
        except TimeoutError:
            raise RateLimitedError(self._method, max(self._wait(), 1.0)) from None

    def end(self) -> None:
        self._budget.end(_now())
        self._changed.set()

    def refuse(self, retry_after: float) -> None:
        self._budget.refuse(_now(), retry_after)
        self._changed.set()

    async def _pass(self) -> None:
        async with self._turn:
            while (wait := self._wait()) > 0:
                self._changed.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
            self._budget.begin(_now())

    def _wait(self) -> float:
        """Returns the seconds until the first in line may call, as far as is known now."""
        return self._budget.opens_at(_now()) - _now()


def _now() -> float:
    return asyncio.get_running_loop().time()
