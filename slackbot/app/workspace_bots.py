"""The bots of the workspaces that this process serves, each opened when it is first needed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Generic

from slackbot.app.answering_bot import AnyBot
from slackbot.conversation.ids import TeamId

Opener = Callable[[AsyncExitStack, TeamId], Awaitable[AnyBot | None]]
"""Opens the bot of a workspace, to be closed with the stack; None if the app is not installed.

Raises SlackbotError.
"""


@dataclass(slots=True)
class _BotPlace(Generic[AnyBot]):
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    bot: AnyBot | None = None
    used_at: float = 0.0


class WorkspaceBots(Generic[AnyBot]):
    def __init__(self, opener: Opener[AnyBot], clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` counts seconds."""
        self._opener = opener
        self._clock = clock
        self._places: dict[TeamId, _BotPlace[AnyBot]] = {}

    def opened(self, team: TeamId) -> AnyBot | None:
        """Returns the bot of a workspace, if it is open."""
        place = self._places.get(team)
        return place.bot if place is not None else None

    def teams(self) -> list[TeamId]:
        """The workspaces whose bots are open."""
        return [team for team, place in self._places.items() if place.bot is not None]

    async def get(self, team: TeamId) -> AnyBot | None:
        """Returns the bot of a workspace; None if the app is not installed there.

        Raises SlackbotError if it can't be opened.
        """
        place = self._places.setdefault(team, _BotPlace())
        async with place.lock:
            place.used_at = self._clock()
            if place.bot is None:
                async with AsyncExitStack() as stack:
                    place.bot = await self._opener(stack, team)
                    place.stack = stack.pop_all()
            return place.bot

    async def close_idle(self, seconds: float, rest: Callable[[TeamId], Awaitable[bool]]) -> None:
        """Closes bots for which nothing arrived for so long, and that answer nobody.

        `rest` is called before, and ends what the bot answers with; it returns False if that is
        needed. By then the bot does not count as open, so what arrives waits for another one.
        """
        for team, place in [*self._places.items()]:
            async with place.lock:
                bot = place.bot
                if bot is None or self._clock() - place.used_at < seconds:
                    continue
                if bot.bot.is_busy() or bot.must_stay():
                    continue
                place.bot = None
                if await rest(team):
                    await _close(place)
                else:
                    place.bot = bot

    async def close_one(self, team: TeamId) -> None:
        """Closes the bot of a workspace, which does not answer; it may be opened again."""
        if (place := self._places.get(team)) is not None:
            async with place.lock:
                await _close(place)

    async def close(self) -> None:
        for team in [*self._places]:
            await self.close_one(team)

    async def idle(self) -> None:
        """Returns when nothing is being answered."""
        while self.is_busy():
            for bot in self.all_opened():
                await bot.bot.idle()

    def is_busy(self) -> bool:
        """Whether anything is being answered."""
        return any(bot.bot.is_busy() for bot in self.all_opened())

    def abandon(self) -> None:
        """Abandons running turns at once; the next process continues them."""
        for bot in self.all_opened():
            bot.bot.abandon()

    def all_opened(self) -> list[AnyBot]:
        """Returns the bots that are open."""
        return [place.bot for place in self._places.values() if place.bot is not None]


async def _close(place: _BotPlace[AnyBot]) -> None:
    stack, place.stack, place.bot = place.stack, AsyncExitStack(), None
    await stack.aclose()
