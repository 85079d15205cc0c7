"""Decides when a waiting thread says how many are before it, and how exactly.

Thousands may wait, and Slack takes about 600 status lines a minute in a workspace. Those at the
front are kept informed; what is left of the calls goes to the others.
Pure: times are seconds on any clock that only goes forward.
"""

import random
from collections import deque
from collections.abc import Callable

from slackbot.delivery.texts import FAR_STATUS, NEXT_STATUS, QUEUED_STATUS

STATUS_REFRESH_SECONDS = 100.0
"""The line is set again after this time, before Slack removes it after two minutes:
https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""

POLL_SECONDS = 15.0
"""About the time between two looks at the position; far behind, where it changes less, longer."""

MAX_POLL_FACTOR = 20.0

EXACT_POSITIONS = 10
"""Up to this position, people see the exact number, updated at each look: with ten such threads, 40
calls a minute. The others see a rounded one, each time that their line is set again."""

FRONT_POSITIONS = 200
"""Up to this position, threads are kept informed: 120 calls a minute, and one for each thread that
reaches it.
"""

CALLS_PER_MINUTE = 300
"""Half of what Slack takes. The other half is for threads that are being answered."""

CALLS_FOR_EXACT_POSITIONS = 50
CALLS_FOR_THE_FRONT = 200
"""The calls that others leave to the next EXACT_POSITIONS, and to the next FRONT_POSITIONS."""


class StatusAllowance:
    """The status lines that all waiting threads of a workspace may set."""

    def __init__(self) -> None:
        self._calls: deque[float] = deque()
        """When the calls of the last minute were made."""

    def take(self, ahead: int, now: float) -> bool:
        """Returns whether a thread with so many ahead may make a call now, and counts it."""
        while self._calls and self._calls[0] <= now - 60.0:
            self._calls.popleft()
        left_to_others = 0
        if ahead >= FRONT_POSITIONS:
            left_to_others = CALLS_FOR_THE_FRONT
        elif ahead > EXACT_POSITIONS:
            left_to_others = CALLS_FOR_EXACT_POSITIONS
        if len(self._calls) >= CALLS_PER_MINUTE - left_to_others:
            return False
        self._calls.append(now)
        return True


class QueuePosition:
    """The position of one waiting thread, and what its line says of it."""

    def __init__(self, ahead: Callable[[], int], allowance: StatusAllowance) -> None:
        """`ahead` returns how many others come first."""
        self._ahead = ahead
        self._allowance = allowance
        self._shown = ""
        self._shown_at = 0.0

    def line(self, now: float) -> str:
        """Returns the line to show now. It is empty if the one that was shown will do, or if the
        calls are needed elsewhere.
        """
        ahead = self._ahead()
        line = status_line(ahead)
        is_fresh = self._shown and now - self._shown_at < STATUS_REFRESH_SECONDS
        if is_fresh and (line == self._shown or ahead > EXACT_POSITIONS):
            return ""
        if not self._allowance.take(ahead, now):
            return ""
        self._shown, self._shown_at = line, now
        return line

    def miss(self) -> None:
        """Notes that the line could not be shown."""
        self._shown = ""

    def next_look(self, draw: Callable[[], float] = random.random) -> float:
        """Returns the seconds until the position is worth another look.

        `draw` gives a number from 0 to 1, so that those who came together do not all look at once.
        """
        factor = min(max(self._ahead() / FRONT_POSITIONS, 1.0), MAX_POLL_FACTOR)
        return POLL_SECONDS * factor * (0.75 + draw() / 2)


def status_line(ahead: int) -> str:
    """Returns what people read; beyond the next ten in steps of 10, 20, 50, 100, 200 and so on."""
    if not ahead:
        return NEXT_STATUS
    if ahead <= EXACT_POSITIONS:
        return QUEUED_STATUS.format(ahead=ahead)
    step = 10 ** (len(str(ahead - 1)) - 1)
    rounded = max(factor * step for factor in (1, 2, 5) if factor * step < ahead)
    return FAR_STATUS.format(ahead=rounded)
