"""How long to wait before something that failed is tried again."""

FIRST = 0.5
LONGEST = 30.0
"""Seconds."""


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row, at least one: twice as long each time."""
    return min(FIRST * 2.0 ** min(failures - 1, 10), LONGEST)
