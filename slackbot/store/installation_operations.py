"""What a store does with installations, for every kind of database."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from slackbot.conversation.ids import TeamId
from slackbot.store.records import Records
from slackbot.workspaces.installations import Installation, InstallationKey

T = TypeVar("T")

ALL_INSTALLATIONS = TeamId("-")
"""Stands for the workspace of these operations: one changes the rows of several."""


class InstallationOperations(ABC):
    """Implements `workspaces.installations.InstallationStore`."""

    @abstractmethod
    async def _run(self, team: TeamId | None, work: Callable[[Records], T]) -> T:
        """Carries out an operation: see `RecordStore`."""

    @abstractmethod
    async def now(self) -> float:
        """Returns the time in seconds since the epoch, by one clock for all processes."""

    async def installations(self) -> Sequence[Installation]:
        return await self._run(ALL_INSTALLATIONS, lambda records: records.installations.all())

    async def installation(self, key: InstallationKey) -> Installation | None:
        return await self._run(ALL_INSTALLATIONS, lambda records: records.installations.of(key))

    async def add_installation(self, installation: Installation) -> bool:
        return await self._run(
            ALL_INSTALLATIONS, lambda records: records.add_installation(installation)
        )

    async def replace_installation(self, old: Installation, new: Installation | None) -> bool:
        return await self._run(
            ALL_INSTALLATIONS, lambda records: records.installations.replace(old, new)
        )
