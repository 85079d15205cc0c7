"""How many calls of one method Slack still accepts: counted, and learned from refusals.

Slack's limits hold per method and workspace: https://docs.slack.dev/apis/web-api/rate-limits.
Times are in seconds on any clock that only goes forward.
"""

from collections import deque
from math import inf


class RateBudget:
    """Allows at most `allowance` calls in any `window_seconds`.

    The allowance starts at the documented limit. A refusal lowers it to the number of calls that
    were accepted, but by at most 30 %: an earlier process may have used the window too. After three
    windows without a refusal in which calls had to wait, it rises by one call, then by two, four
    and so on, up to the documented limit.
    """

    WINDOW_SECONDS = 61.0
    """Slack's minute and a second more, as calls take time to arrive."""

    REFUSAL_FACTOR = 0.7
    MIN_LIMIT_SHARE = 0.2
    PASSED_CALLS_SHARE = 0.95
    WINDOWS_BEFORE_RISE = 3

    def __init__(self, limit: int, window_seconds: float = WINDOW_SECONDS) -> None:
        self.allowance = float(limit)
        self.window_seconds = window_seconds
        self._limit = limit
        self._calls: deque[float] = deque()
        self._closed_until = -inf
        self._adapted_at = -inf
        self._held_back = False
        self._rise_calls = 1

    def used(self, now: float) -> int:
        """Returns how many calls count against the limit now."""
        while self._calls and self._calls[0] <= now - self.window_seconds:
            self._calls.popleft()
        return len(self._calls)

    def room(self, now: float) -> float:
        """Returns how many more calls may be made now."""
        return 0.0 if now < self._closed_until else max(self.allowance - self.used(now), 0.0)

    def opens_at(self, now: float, reserve: int = 0) -> float:
        """Returns when a call may be made that leaves room for `reserve` more; `inf` for never."""
        excess = self.used(now) + reserve + 1 - max(int(self.allowance), 1)
        if excess > 0:
            self._held_back = True
        if excess > len(self._calls):
            return inf
        free_at = self._calls[excess - 1] + self.window_seconds if excess > 0 else now
        return max(free_at, self._closed_until, now)

    def spend(self, now: float) -> None:
        """Counts a call."""
        if (
            self._held_back
            and now - self._adapted_at >= self.WINDOWS_BEFORE_RISE * self.window_seconds
        ):
            self.allowance = min(self.allowance + self._rise_calls, float(self._limit))
            self._rise_calls *= 2
            self._adapted_at = now
            self._held_back = False
        self._calls.append(now)

    def refuse(self, now: float, retry_after: float) -> None:
        """Notes a 429: no call for `retry_after` seconds, and a lower allowance afterwards."""
        if (
            now >= self._closed_until
        ):  # calls that were sent together are refused together: they count once
            passed = self.used(now) - 1
            self.allowance = max(
                self.allowance * self.REFUSAL_FACTOR,
                min(self.allowance, passed * self.PASSED_CALLS_SHARE),
                self._limit * self.MIN_LIMIT_SHARE,
            )
            self._rise_calls = 1
        self._adapted_at = now
        self._held_back = False
        self._closed_until = max(self._closed_until, now + retry_after)
