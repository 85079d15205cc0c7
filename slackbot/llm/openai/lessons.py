"""What a server's answers have taught, each lesson for an hour.

Pure: times are seconds on any clock that only goes forward.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

REMEMBERED_SECONDS = 3600.0
"""After this time it is tried again: servers are updated, and models are replaced."""

T = TypeVar("T")


class Lessons(Generic[T]):
    def __init__(self) -> None:
        self._until: dict[T, float] = {}

    def learn(self, things: Iterable[T], now: float) -> None:
        self._until = {thing: until for thing, until in self._until.items() if now < until}
        self._until.update(dict.fromkeys(things, now + REMEMBERED_SECONDS))

    def known(self, now: float) -> frozenset[T]:
        return frozenset(thing for thing, until in self._until.items() if now < until)
