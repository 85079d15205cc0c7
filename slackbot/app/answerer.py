"""Who answers in which workspaces: this process in all, or one of several replicas in each."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from slackbot.conversation.ids import TeamId


class Answerer(Protocol):
    def running(self) -> AbstractAsyncContextManager[None]:
        """Takes up what an earlier process left, and answers while the block runs."""

    async def admit(self, team: TeamId) -> None:
        """Somebody answers in the workspace from now on. Returns at once. Raises StoreError."""

    async def rest(self, team: TeamId) -> None:
        """Nothing waits in the workspace: its bot can be closed until something arrives."""

    async def dismiss(self, team: TeamId) -> None:
        """Nobody answers in the workspace any more, or writes about it. Raises StoreError."""
