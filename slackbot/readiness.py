"""Says whether the bot can take work now, part by part, to the platform that runs it.

A platform asks every few seconds and expects an answer at once. So a check is shared by all who ask
meanwhile, its result is kept for a while, and one that takes too long counts as failed.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

from slackbot.errors import SlackbotError

Check = Callable[[], Awaitable[str]]
"""Returns what is wrong with a part, in a sentence without secrets; "" if nothing is."""

CHECK_TIMEOUT_SECONDS = 1.0

DISK_CHECK_SECONDS = 5.0
"""How old the result of a check that writes to the disk may be."""

NO_ANSWER = "It does not answer in time."


def failing(work: Callable[[], Awaitable[object]]) -> Check:
    """Returns a check that tries something; the error that it raises says what is wrong."""

    async def check() -> str:
        try:
            await work()
        except SlackbotError as err:
            return err.user_message
        return ""

    return check


class Readiness:
    def __init__(self) -> None:
        self._parts: list[_Part] = []

    def add(self, name: str, check: Check, *, max_age_seconds: float = 0.0) -> None:
        """Adds a part; its result is used again until it is `max_age_seconds` old."""
        self._parts.append(_Part(name, check, max_age_seconds))

    async def problems(self) -> Sequence[str]:
        """Returns a line for each part that does not work, within CHECK_TIMEOUT_SECONDS."""
        found = await asyncio.gather(*(part.problem() for part in self._parts))
        return [
            f"{part.name}: {problem}"
            for part, problem in zip(self._parts, found, strict=True)
            if problem
        ]

    async def close(self) -> None:
        """Cancels the checks that still run."""
        for part in self._parts:
            await part.close()


class _Part:
    def __init__(self, name: str, check: Check, max_age_seconds: float) -> None:
        self.name = name
        self._check = check
        self._max_age_seconds = max_age_seconds
        self._problem = ""
        self._checked_at = -math.inf
        self._running: asyncio.Task[None] | None = None

    async def problem(self) -> str:
        age = asyncio.get_running_loop().time() - self._checked_at
        if self._running is None and age >= self._max_age_seconds:
            self._running = asyncio.create_task(self._run())
        if self._running is None:
            return self._problem
        done, _ = await asyncio.wait({self._running}, timeout=CHECK_TIMEOUT_SECONDS)
        for each in done:
            each.result()  # a bug shows
        return self._problem if done else NO_ANSWER

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        try:
            self._problem = await self._check()
        finally:
            self._checked_at = asyncio.get_running_loop().time()
            self._running = None
