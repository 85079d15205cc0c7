"""Who answers in which workspaces: this process in all, or one of several replicas in each."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from slackbot.conversation.ids import TeamId


class Answerer(Protocol):
    def running(self) -> AbstractAsyncContextManager[None]:
        """Takes up what an earlier process left, and answers while the block runs."""

    async def admit(self, team: TeamId) -> None:
        """Somebody answers in the workspace from now on. Returns at once. Raises StoreError."""

    async def rest(self, team: TeamId) -> bool:
        """Lets the workspace's bot be closed until something arrives; False if it answers."""

    async def dismiss(self, team: TeamId) -> None:
        """Stops to answer in the workspace at once, until it is admitted again."""
