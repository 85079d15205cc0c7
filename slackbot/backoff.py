"""How long to wait before something that failed is tried again."""

import random
from collections.abc import Callable

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0


def pause(failures: int, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after this many failures in a row, at least one.

    The limit doubles with each failure. Half of it is waited in any case; how much of the other
    half, `draw` decides with a number from 0 to 1, so that those who failed together do not all
    come back together.
    """
    limit = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE_SECONDS)
    return limit / 2 * (1 + draw())
