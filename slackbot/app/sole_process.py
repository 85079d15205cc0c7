"""The only process of its database, which answers in all workspaces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.app.answering_bot import AnsweringBot, AnsweringBots
from slackbot.app.owned_workspaces import OwnedWorkspaces
from slackbot.app.process import Process
from slackbot.conversation.ids import TeamId
from slackbot.workspaces import Lease


class SoleProcess:
    """Implements `Answerer`. Its leases last as long as the process."""

    def __init__(self, process: Process, bots: AnsweringBots[AnsweringBot]) -> None:
        self._store = process.store
        self._owner = OwnedWorkspaces(bots, process.store, lambda: process.settings.grace_seconds)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        try:
            for team in {thread.team for thread in await self._store.unanswered()}:
                await self.admit(team)
            yield
        finally:
            await self._owner.close()
            for team in self._owner.owned():
                await self._owner.hand_over(_lease(team))

    async def admit(self, team: TeamId) -> None:
        if not self._owner.owns(team):
            self._owner.hold(_lease(team), _always)
        self._owner.begin_soon(team)

    async def rest(self, team: TeamId) -> bool:
        return await self._owner.rest(team)

    async def dismiss(self, team: TeamId) -> None:
        await self._owner.dismiss(team)


def _lease(team: TeamId) -> Lease:
    return Lease(team, "", 0)


def _always() -> bool:
    return True
