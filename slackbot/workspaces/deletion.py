"""Deletes an installation and everything about its workspaces.

That is noted in the installation's row before anything is deleted, so that another process finishes
what one leaves in the middle.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

from slackbot.conversation.ids import TeamId
from slackbot.workspaces import texts
from slackbot.workspaces.installations import Installation, InstallationStore, Now
from slackbot.workspaces.installed import of_organisation

logger = logging.getLogger(__name__)

ABANDONED_SECONDS = 120
"""After this time another process goes on with a deletion. A deletion takes less."""

ForgetWorkspace = Callable[[TeamId], Awaitable[None]]
"""Stops the bot of a workspace and deletes everything about it but its installation.

It can be called again, and by several replicas. May raise StoreError.
"""


class InstallationDeletion:
    def __init__(
        self,
        store: InstallationStore,
        forget: ForgetWorkspace,
        now: Now | None = None,
    ) -> None:
        """`now` is the store's clock by default."""
        self._store = store
        self._forget = forget
        self._now = now or store.now

    async def delete(self, installation: Installation) -> bool:
        """Returns False, and changes nothing, if what is stored is not `installation` any more.

        Raises StoreError.
        """
        marked = replace(
            installation,
            sealed_tokens="",
            expires_at=None,
            refreshing_since=None,
            removal_reported_at=None,
            removing_since=int(await self._now()),
        )
        if not await self._store.replace_installation(installation, marked):
            return False
        logger.warning(texts.REMOVED, installation.key)
        if installation.is_for_organisation:
            await self._delete_served_by(installation)
        else:
            await self._forget(installation.key.team)
        await self._store.replace_installation(marked, None)
        return True

    async def hand_to_organisation(self, installation: Installation) -> bool | None:
        """Lets an organisation-wide installation serve a workspace that had one of its own.

        Returns None if there is no such installation, and False as `delete` does.
        """
        if not (installation.key.team and installation.key.enterprise):
            return None
        whole = await self._store.installation(of_organisation(installation.key))
        if whole is None or whole.is_being_removed or not installation.sealed_tokens:
            return None
        served = Installation(installation.key, enterprise_name=whole.enterprise_name)
        return await self._store.replace_installation(installation, served)

    async def go_on(self, installation: Installation) -> None:
        """Finishes what another process has left. Raises StoreError."""
        began = installation.removing_since
        if began is not None and abs(await self._now() - began) > ABANDONED_SECONDS:
            await self.delete(installation)

    async def _delete_served_by(self, whole: Installation) -> None:
        """Until no workspace uses the organisation's token: each may change meanwhile."""
        while served := [
            each
            for each in await self._store.installations()
            if each.key.enterprise == whole.key.enterprise and each.uses_organisation
        ]:
            for each in served:
                await self.delete(each)
