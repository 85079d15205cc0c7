"""Waiting for something to become true, without polling: everything that changes says so."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class ChangeNotifier:
    """Tells those who wait for something to become true that something has changed.

    Whoever has waited longest is told first.
    """

    def __init__(self) -> None:
        self._waiting: list[asyncio.Event] = []

    def notify(self) -> None:
        for change in self._waiting:
            change.set()

    async def wait(self) -> None:
        """Returns at the next change, whatever it is."""
        change = asyncio.Event()
        self._waiting.append(change)
        try:
            await change.wait()
        finally:
            self._waiting.remove(change)

    async def until(self, condition: Callable[[], T]) -> T:
        """What `condition()` returns, as soon as that is truthy."""
        change = asyncio.Event()
        self._waiting.append(change)
        try:
            while not (result := condition()):
                change.clear()
                await change.wait()
        finally:
            self._waiting.remove(change)
        return result
