"""A running bot, as those who started it see it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from slackbot.config import Settings
from slackbot.errors import LostStoreError
from slackbot.slack.identity import Identity


class Work(Protocol):
    async def idle(self) -> None:
        """Returns when nothing is being answered here."""

    def is_busy(self) -> bool:
        """Whether anything is being answered here."""

    def abandon(self) -> None:
        """Abandons running turns at once; the next process continues them."""


@dataclass(frozen=True, slots=True)
class Service:
    """A running bot, and what it is connected to."""

    bot: Work
    """What the bot is doing, in all workspaces."""
    me: Identity | None
    """The bot; None if there are several, one in each workspace that has installed the app."""
    settings: Settings
    port: int | None
    """Where it listens, if it does."""
    failed: asyncio.Future[LostStoreError]
    """Resolves once the bot can't work any more; the log says why by then."""

    def _whom(self) -> Sequence[str]:
        if self.me is None:
            return ["teams     those that have installed the app"]
        return [
            f"team      {self.me.team_name} ({self.me.team})",
            f"bot       @{self.me.user_name} ({self.me.user})",
        ]

    def __str__(self) -> str:
        """For those who started it; nothing secret is in it."""
        model, database = self.settings.model, urlsplit(self.settings.database_url)
        server = urlsplit(model.base_url or "https://api.openai.com")
        host = f"{server.hostname}:{server.port}" if server.port else server.hostname
        ways = ["Socket Mode"] if self.settings.slack.app_token else []
        ways += [f"HTTP on port {self.port}"] if self.port is not None else []
        return "\n".join(
            (
                *self._whom(),
                f"model     {model.name} at {host}",
                f"database  {database.scheme}://{database.hostname or ''}{database.path}",
                f"listening {', '.join(ways)}",
            )
        )
