"""Predicts what the replies of a workspace will still need, from those that have ended.

Pure. Times are in seconds on any clock that only goes forward.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import accumulate
from math import inf

USUAL_SECONDS = 8.0
"""How long a reply takes to write, until the workspace has shown it."""

MIN_REMAINING_SECONDS = 1.0
"""A reply is always expected to take at least this much longer."""

REMEMBERED_REPLIES = 50
"""The latest replies from whose lengths the next ones' are predicted."""

PRIOR_WEIGHT = 0.3
"""How much the general expectation counts against one reply of the workspace."""

QUIET_SECONDS = 60.0
"""After this time without a reply, what was before says nothing about what comes."""

MEMORY_SECONDS = 180.0
"""How far the mean number of replies looks back."""

FOLLOW_UPS, FOLLOW_UPS_SECONDS = 0.3, 20.0
"""Some people ask on: how many replies are written at once in the minute after the first one, until
the workspace has shown it; and for how long that counts against what is seen.
"""

LEARNING_SHARE = 1 / 3
"""How much the latest first question tells about what follows the next one."""


class Demand:
    """How long replies take to write, and how many are written at once."""

    def __init__(self) -> None:
        self._lengths: deque[float] = deque(maxlen=REMEMBERED_REPLIES)
        """How many seconds the latest replies took."""
        self._sorted: list[float] | None = None
        """The same in order; None if they have changed since."""
        self._sums: list[float] = []
        """Of the longest so many of them."""
        self._ended: deque[tuple[float, float]] = deque()
        """When the latest replies ended, and how many seconds they took."""
        self._busy_since = -inf
        """When the first reply began after the last quiet time."""
        self._latest = -inf
        self.follow_ups = FOLLOW_UPS
        """How many replies are written at once, in the mean, in the minute after a first one."""
        self._first_ended = inf
        self._followed_seconds = 0.0
        """For how long replies were written in that minute."""

    def begin(self, now: float) -> None:
        """Notes that the model has begun a reply."""
        if now - self._latest > QUIET_SECONDS:
            if self._first_ended < inf:
                followed = self._followed_seconds / QUIET_SECONDS
                self.follow_ups += (followed - self.follow_ups) * LEARNING_SHARE
            self._busy_since, self._first_ended, self._followed_seconds = now, inf, 0.0
            self._ended.clear()
        self._latest = now

    def end(self, now: float, length: float) -> None:
        """Notes that the model has finished a reply, which took `length` seconds."""
        self.learn(length)
        self._ended.append((now, length))
        self._latest = now
        if self._first_ended == inf:
            self._first_ended = now
        elif now - length >= self._first_ended:
            until = min(now, self._first_ended + QUIET_SECONDS)
            self._followed_seconds += max(until - (now - length), 0.0)

    @property
    def lengths(self) -> Sequence[float]:
        """How many seconds the latest replies took."""
        return tuple(self._lengths)

    def learn(self, *lengths: float) -> None:
        """Notes how many seconds replies took."""
        self._lengths.extend(lengths)
        self._sorted = None

    def remaining(self, elapsed: float) -> float:
        """Returns how much longer a reply is likely to take that has taken `elapsed` seconds.

        As long as those replies took that took longer, in the mean. One that took longer than is
        usual is expected to take longer still.
        """
        if self._sorted is None:
            self._sorted = sorted(self._lengths)
            self._sums = [*accumulate(self._sorted[::-1], initial=0.0)]
        count = len(self._sorted) - bisect_right(self._sorted, elapsed)
        longer = self._sums[count] - count * elapsed
        prior = max(USUAL_SECONDS - elapsed, 2.0 * (elapsed - USUAL_SECONDS))
        mean = (longer + PRIOR_WEIGHT * prior) / (count + PRIOR_WEIGHT)
        return max(mean, MIN_REMAINING_SECONDS)

    @property
    def usual(self) -> float:
        """How long a reply is likely to take."""
        return self.remaining(0.0)

    def at_once(self, now: float) -> float:
        """Returns how many replies are likely to be written at once: as many as lately, in the
        mean, those not counted that are being written now.
        """
        while self._ended and self._ended[0][0] <= now - MEMORY_SECONDS:
            self._ended.popleft()
        latest = self._ended[-1][0] if self._ended else self._busy_since
        seen = min(max(latest - self._busy_since, 0.0), MEMORY_SECONDS)
        written = sum(min(length, ended - latest + seen) for ended, length in self._ended)
        return (self.follow_ups * FOLLOW_UPS_SECONDS + written) / (FOLLOW_UPS_SECONDS + seen)
