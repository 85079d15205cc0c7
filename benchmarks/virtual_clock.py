"""An asyncio event loop on a virtual clock: waiting takes no time, so an hour passes in seconds."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualClockLoop(asyncio.SelectorEventLoop):
    """Its time jumps to the next timer as soon as there is nothing else to do.

    Nothing in it may wait for real I/O or threads.
    """

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


class _JumpingSelector(selectors.SelectSelector):
    """Instead of waiting for a file, it moves the clock by the time it should wait."""

    def __init__(self, loop: VirtualClockLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            message = "nothing will ever happen again on the virtual clock"
            raise RuntimeError(message)
        self._loop.advance(max(timeout, 0.0))
        return super().select(0)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs something on a virtual clock that begins at 0."""
    with asyncio.Runner(loop_factory=VirtualClockLoop) as runner:
        return runner.run(work)
