"""How much one turn may read of Slack and of the store, whatever people and the model ask for.

Slack limits each method for the whole workspace, so one question must not use up what all others
need. Everything that works for a turn shares its `TurnReads`, which begins with the turn.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MAX_NAMES = 100
"""How many names of people, channels and user groups are looked up that are not known already."""

MAX_TOOL_CALLS = 50
"""How many calls to Slack the built-in tools make."""

MAX_SEARCHES = 10
"""How many searches they make: each reads all that is stored about a channel."""


@dataclass(slots=True)
class Allowance:
    """So many are left."""

    left: int

    def take(self) -> bool:
        """Takes one. False if none is left."""
        if self.left <= 0:
            return False
        self.left -= 1
        return True


class TurnReads:
    def __init__(self) -> None:
        self.names = Allowance(MAX_NAMES)
        self.tool_calls = Allowance(MAX_TOOL_CALLS)
        self.searches = Allowance(MAX_SEARCHES)
        self._results: dict[Hashable, str] = {}
        self._locks: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def once(self, key: Hashable, read: Callable[[], Awaitable[str]]) -> str:
        """What `read` returns, which is read once for a key. Raises what it raises."""
        async with self._locks[key]:
            if key not in self._results:
                self._results[key] = await read()
            return self._results[key]


_turn: ContextVar[TurnReads | None] = ContextVar("turn_reads", default=None)


def begin_turn() -> None:
    """Gives the current task, and all tasks that it starts from now on, what a turn may read."""
    _turn.set(TurnReads())


def current() -> TurnReads:
    """What the current turn may still read; all of it for what belongs to no turn."""
    return _turn.get() or TurnReads()


_counted: ContextVar[Allowance | None] = ContextVar("counted_calls", default=None)


@contextmanager
def counting(calls: Allowance) -> Iterator[None]:
    """Each call to Slack that is made for the block takes one of the `calls`."""
    outer = _counted.set(calls)
    try:
        yield
    finally:
        _counted.reset(outer)


def take_call() -> bool:
    """Counts a call to Slack. False if it must not be made."""
    calls = _counted.get()
    return calls is None or calls.take()
