"""How often Slack may be asked where to open a socket: it is the scarcest of its methods.

`apps.connections.open` is Tier 1: one call a minute, and "a small amount of burst behavior".
https://docs.slack.dev/apis/web-api/rate-limits
"""

import math

BURST_CALLS = 5
"""How many calls may follow each other at once, such as after a lost connection."""

SECONDS_PER_CALL = 60.0


class AddressBudget:
    """Counts the calls. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._whole_at = -math.inf
        """When none of the calls counts any more."""

    def delay(self, now: float) -> float:
        """Returns the seconds until the next call fits."""
        return max(self._whole_at - (BURST_CALLS - 1) * SECONDS_PER_CALL - now, 0.0)

    def spend(self, now: float) -> None:
        """Counts a call."""
        self._whole_at = max(self._whole_at, now) + SECONDS_PER_CALL

    def refund(self) -> None:
        """Takes back the last call, which never got to Slack."""
        self._whole_at -= SECONDS_PER_CALL
