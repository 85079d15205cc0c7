"""A set that forgets each item after an hour: what a server refuses is tried again then.

Servers are updated, models are replaced, and admins change an app. Pure: times are seconds on any
clock that only goes forward.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

REMEMBERED_SECONDS = 3600.0

T = TypeVar("T")


class ExpiringSet(Generic[T]):
    def __init__(self) -> None:
        self._expires_at: dict[T, float] = {}

    def add(self, items: Iterable[T], now: float) -> None:
        """Adds items, or keeps them for another hour."""
        self._expires_at = {item: end for item, end in self._expires_at.items() if now < end}
        self._expires_at.update(dict.fromkeys(items, now + REMEMBERED_SECONDS))

    def remove(self, items: Iterable[T]) -> None:
        """Forgets items at once."""
        for item in items:
            self._expires_at.pop(item, None)

    def current(self, now: float) -> frozenset[T]:
        """Returns the items that are not forgotten yet."""
        return frozenset(item for item, end in self._expires_at.items() if now < end)
