"""The only process of its database, which answers in all workspaces."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.app.answering_bot import AnsweringBot, AnsweringBots
from slackbot.app.owned_workspaces import OwnedWorkspaces
from slackbot.app.process import Process
from slackbot.conversation.ids import TeamId
from slackbot.errors import SlackbotError
from slackbot.workspaces import Lease

logger = logging.getLogger(__name__)


class SoleProcess:
    """Implements `Answerer`. Its leases last as long as the process."""

    def __init__(self, process: Process, bots: AnsweringBots[AnsweringBot]) -> None:
        self._store = process.store
        self._owner = OwnedWorkspaces(bots, process.store, lambda: process.settings.grace_seconds)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            waiting = {thread.team for thread in await self._store.unanswered()}
            await asyncio.gather(*map(self._begin, waiting))
            yield
        finally:
            await self._owner.close()
            leases = map(_lease, self._owner.owned())
            await asyncio.gather(*map(self._owner.hand_over, leases))

    async def admit(self, team: TeamId) -> None:
        if not self._owner.owns(team):
            self._owner.hold(_lease(team), _always)
        self._owner.begin_soon(team)

    async def _begin(self, team: TeamId) -> None:
        """Returns when what waits there is being answered, or has to be tried again."""
        try:
            await self._owner.take(_lease(team), _always)
        except SlackbotError as err:
            logger.warning("%s can't be answered in now: %s", team, err.user_message)
            await self.admit(team)

    async def rest(self, team: TeamId) -> bool:
        return await self._owner.rest(team)

    async def dismiss(self, team: TeamId) -> None:
        await self._owner.dismiss(team)


def _lease(team: TeamId) -> Lease:
    return Lease(team, "", 0)


def _always() -> bool:
    return True
