"""Waits until something becomes true, without polling: whatever changes calls `notify`."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class ChangeNotifier:
    """Wakes everyone who waits for a condition, whenever something has changed.

    Waiters are woken in the order in which they began to wait.
    """

    def __init__(self) -> None:
        self._waiting: list[asyncio.Event] = []

    def notify(self) -> None:
        for change in self._waiting:
            change.set()

    async def wait(self) -> None:
        """Returns at the next change of any kind."""
        change = asyncio.Event()
        self._waiting.append(change)
        try:
            await change.wait()
        finally:
            self._waiting.remove(change)

    async def until(self, condition: Callable[[], T]) -> T:
        """Returns what `condition()` returns, as soon as that is truthy."""
        change = asyncio.Event()
        self._waiting.append(change)
        try:
            while not (result := condition()):
                change.clear()
                await change.wait()
        finally:
            self._waiting.remove(change)
        return result
