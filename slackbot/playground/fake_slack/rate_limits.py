"""Slack's documented rate limits, and the calls that count against them.

https://docs.slack.dev/apis/web-api/rate-limits - a limit belongs to one method in one workspace.
"""

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Calls a minute in a workspace; only `post` is per channel and second.

    A channel takes `burst` posts at once, and no more than that in `burst / post` seconds.
    Other methods have no limit.
    """

    post: float = 1.0
    burst: int = 5
    posts: int = 300
    update: int = 50
    delete: int = 50
    ephemeral: int = 100
    start_stream: int = 20
    append_stream: int = 100
    stop_stream: int = 20
    conversations: int = 50
    members: int = 100
    users: int = 100
    groups: int = 20
    reactions: int = 50
    status: int = 600
    sessions: int = 50
    titles: int = 100
    views: int = 100
    files: int = 100

    def per_minute(self, method: str) -> int | None:
        field = _FIELDS.get(method) or _FIELDS.get(method.rpartition(".")[0])
        return None if field is None else getattr(self, field)


_FIELDS = {
    "chat.postMessage": "posts",
    "chat.update": "update",
    "chat.delete": "delete",
    "chat.postEphemeral": "ephemeral",
    "chat.startStream": "start_stream",
    "chat.appendStream": "append_stream",
    "chat.stopStream": "stop_stream",
    "agents.sessions": "sessions",
    "assistant.threads.setStatus": "status",
    "assistant.threads": "titles",
    "conversations": "conversations",
    "conversations.members": "members",
    "usergroups": "groups",
    "users": "users",
    "reactions": "reactions",
    "views": "views",
    "files": "files",
}


class CallLimiter:
    """Admits or refuses calls. `clock` returns monotonic seconds."""

    def __init__(self, limits: RateLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._windows: dict[tuple[str, str], SlidingWindow] = {}
        self._closed_until: dict[str, float] = {}

    def admit(self, method: str, channel: str = "") -> int:
        """Admits a call and returns 0, or returns its Retry-After in whole seconds.

        A refused call does not count, but closes the method until its Retry-After has passed.
        """
        now = self._clock()
        windows = list(self._windows_of(method, channel))
        opens = max((window.opens(now) for window in windows), default=now)
        opens = max(opens, self._closed_until.get(method, now))
        if opens > now:
            retry_after = max(1, math.ceil(opens - now))
            self._closed_until.setdefault(method, now + retry_after)
            return retry_after
        self._closed_until.pop(method, None)
        for window in windows:
            window.add(now)
        return 0

    def used(self, method: str) -> int:
        """Returns how many calls of a method count now."""
        window = self._windows.get((method, ""))
        return 0 if window is None else window.used(self._clock())

    def _windows_of(self, method: str, channel: str) -> Iterator["SlidingWindow"]:
        per_minute = self._limits.per_minute(method)
        if per_minute is not None:
            yield self._windows.setdefault((method, ""), SlidingWindow(per_minute, 60.0))
        if method == "chat.postMessage":
            limits = self._limits
            window = SlidingWindow(limits.burst, limits.burst / limits.post)
            yield self._windows.setdefault((method, channel), window)


class SlidingWindow:
    """At most `size` calls in any `seconds`."""

    def __init__(self, size: int, seconds: float) -> None:
        self._size = size
        self._seconds = seconds
        self._calls: deque[float] = deque()

    def opens(self, now: float) -> float:
        """Returns when the next call fits: `now`, or later."""
        if self.used(now) < self._size:
            return now
        return self._calls[-self._size] + self._seconds

    def used(self, now: float) -> int:
        """Returns how many calls lie in the `seconds` before `now`."""
        while self._calls and self._calls[0] + self._seconds <= now:
            self._calls.popleft()
        return len(self._calls)

    def add(self, now: float) -> None:
        self._calls.append(now)
