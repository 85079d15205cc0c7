"""The only process of its database, which answers in all workspaces."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.app.owned_workspaces import OwnedWorkspaces
from slackbot.app.process import Process
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import TeamId
from slackbot.errors import SlackbotError
from slackbot.workspaces import Lease

logger = logging.getLogger(__name__)


class SoleProcess:
    """Implements `Answerer`. Its leases last as long as the process."""

    def __init__(self, process: Process, bots: WorkspaceBots) -> None:
        self._store = process.store
        self._owner = OwnedWorkspaces(bots, process.store, lambda: process.settings.grace_seconds)
        self._leases: dict[TeamId, Lease] = {}
        self._tasks = BackgroundTasks()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            for team in {thread.team for thread in await self._store.unanswered()}:
                await self._take(team)
            yield
        finally:
            await self._tasks.close()
            await self._owner.close()
            for lease in [*self._leases.values()]:
                await self._owner.hand_over(lease)

    async def admit(self, team: TeamId) -> None:
        if team in self._leases:
            self._owner.begin_soon(team)
        else:
            self._tasks.begin(self._take(team))

    async def rest(self, team: TeamId) -> None:
        await self._owner.rest(team)

    async def dismiss(self, team: TeamId) -> None:
        if (lease := self._leases.pop(team, None)) is not None:
            await self._owner.lose(lease)

    async def _take(self, team: TeamId) -> None:
        lease = self._leases.setdefault(team, Lease(team, "", 0))
        if self._owner.owns(team):
            return
        try:
            await self._owner.take(lease, _always)
        except SlackbotError as err:
            self._leases.pop(team, None)
            logger.warning("%s can't be answered in now: %s", team, err.user_message)


def _always() -> bool:
    return True
