"""Counts what Slack refuses, by method and error code, and logs the codes that may pass.

Who made a call logs a final refusal, since only they know what it means.
"""

import logging
from collections import Counter
from collections.abc import Callable

logger = logging.getLogger(__name__)

LOG_INTERVAL_SECONDS = 300.0
"""A code that comes again and again has one line in this time."""


class RefusalCounts:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        """How often each method answered with each code, since the start."""
        self._clock = clock
        self._logged_at: dict[tuple[str, str], float] = {}

    def note(self, method: str, code: str, *, passing: bool) -> None:
        """Counts a refusal."""
        key, now = (method, code), self._clock()
        self.counts[key] += 1
        logged_at = self._logged_at.get(key)
        if passing and (logged_at is None or now - logged_at >= LOG_INTERVAL_SECONDS):
            self._logged_at[key] = now
            logger.warning("%s failed: %s (%d times so far)", method, code, self.counts[key])
