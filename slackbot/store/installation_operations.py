"""What a store does with installations, for every kind of database."""

from collections.abc import Sequence

from slackbot.conversation.ids import TeamId
from slackbot.store.announcements import NewWorkspaces
from slackbot.store.record_access import RecordAccess
from slackbot.workspaces.installations import Installation, InstallationKey

ALL_INSTALLATIONS = TeamId("-")
"""Stands for the workspace of these operations: one changes the rows of several."""


class InstallationOperations(RecordAccess):
    """Implements `workspaces.installations.InstallationStore`."""

    async def now(self) -> float:
        """Returns the time in seconds since the epoch, by one clock for all processes."""
        return await self._read(None, lambda records: records.clock())

    async def installations(self) -> Sequence[Installation]:
        return await self._run(ALL_INSTALLATIONS, lambda records: records.installations.all())

    async def installation(self, key: InstallationKey) -> Installation | None:
        return await self._run(ALL_INSTALLATIONS, lambda records: records.installations.of(key))

    async def add_installation(self, installation: Installation) -> bool:
        """From now on the workspace is written about again, if it had removed the app."""
        return await self._run(
            ALL_INSTALLATIONS,
            lambda records: records.add_installation(installation),
            announcement=NewWorkspaces(),
        )

    async def replace_installation(self, old: Installation, new: Installation | None) -> bool:
        """Other processes are told if the tokens that they know are not the right ones now."""
        has_same_tokens = new is not None and new.sealed_tokens == old.sealed_tokens
        return await self._run(
            ALL_INSTALLATIONS,
            lambda records: records.installations.replace(old, new),
            announcement=None if has_same_tokens else NewWorkspaces(),
        )
