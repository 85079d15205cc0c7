"""Deletes what is stored about a workspace once it has removed the app.

A removal is noted in the installation's row before anything is deleted, so that another process
finishes it where one ends in the middle.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from slackbot.conversation.ids import TeamId
from slackbot.errors import SlackbotError, StoreError, UnreachableError
from slackbot.slack.oauth import texts
from slackbot.slack.oauth.standing import StandingCheck
from slackbot.slack.payload_workspaces import Removal
from slackbot.workspaces.installations import Installation, InstallationKey, InstallationStore
from slackbot.workspaces.installed import of_organisation
from slackbot.workspaces.removal import Report, decide, is_recent

logger = logging.getLogger(__name__)

TICK_SECONDS = 60.0

ABANDONED_SECONDS = 120
"""After this time another process goes on with a deletion. Whoever deletes takes less."""

ForgetWorkspace = Callable[[TeamId], Awaitable[None]]
"""Stops the bot of a workspace and deletes everything about it but its installation.

It can be called again, and by several replicas. May raise StoreError.
"""


class Removals:
    """Implements `RemovalHandler`."""

    def __init__(
        self,
        store: InstallationStore,
        standing: StandingCheck,
        forget: ForgetWorkspace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` gives seconds since the epoch."""
        self._store = store
        self._standing = standing
        self._forget = forget
        self._clock = clock

    async def on_removal(self, removal: Removal) -> None:
        """Returns once Slack need not report it again.

        Raises StoreError, EncryptionError, or SlackError if Slack does not say whether the
        installation is gone.
        """
        await self._look(removal.key, removal.kind)

    async def run(self) -> None:
        """Goes on with what others have left, and asks again where a report came early, until it is
        cancelled.
        """
        while True:
            await self.tick()
            await asyncio.sleep(TICK_SECONDS)

    async def tick(self) -> None:
        """Looks at all installations once."""
        try:
            installations = await self._store.installations()
        except StoreError as err:
            logger.warning("The installations can't be read: %s", err.user_message)
            return
        for each in installations:
            try:
                await self._go_on(each)
            except SlackbotError as err:
                logger.warning("A removal is not finished yet: %s", err.user_message)

    async def remove(self, installation: Installation) -> bool:
        """Deletes an installation and everything about its workspaces.

        Returns False, and changes nothing, if the installation is not as it was read any more.
        Raises StoreError.
        """
        whole = None
        if installation.key.team and installation.sealed_tokens:
            whole = await self._store.installation(of_organisation(installation.key))
        if whole is not None and not whole.is_being_removed:  # it serves the workspace from now on
            served = Installation(installation.key, enterprise_name=whole.enterprise_name)
            return await self._store.replace_installation(installation, served)
        marked = _without_tokens(installation, int(self._clock()))
        if not await self._store.replace_installation(installation, marked):
            return False
        logger.warning(texts.REMOVED, installation.key)
        if installation.is_for_organisation:
            await self._remove_served_by(installation)
        else:
            await self._forget(installation.key.team)
        await self._store.replace_installation(marked, None)
        return True

    async def _remove_served_by(self, whole: Installation) -> None:
        """Until no workspace uses the organisation's token: each may change meanwhile."""
        while served := [
            each
            for each in await self._store.installations()
            if each.key.enterprise == whole.key.enterprise and each.uses_organisation
        ]:
            for each in served:
                await self.remove(each)

    async def _go_on(self, installation: Installation) -> None:
        """With what is not finished about an installation."""
        now = self._clock()
        if installation.removing_since is not None:
            if abs(now - installation.removing_since) > ABANDONED_SECONDS:
                await self.remove(installation)
        elif is_recent(installation.removal_reported_at, now):
            await self._look(installation.key, "nothing")

    async def _look(self, key: InstallationKey, report: Report) -> None:
        """Until what was decided is done: what is stored may change meanwhile."""
        is_done = False
        while not is_done:
            installation = await self._store.installation(key)
            if installation is None or installation.is_being_removed:
                return
            is_done = await self._follow(installation, report)

    async def _follow(self, installation: Installation, report: Report) -> bool:
        now, reported_at = self._clock(), installation.removal_reported_at
        standing = await self._standing.of(installation)
        match decide(report, standing, reported_at=reported_at, now=now):
            case "ask again":
                raise UnreachableError("auth.test", sent=True)
            case "delete":
                return await self.remove(installation)
            case "remember":
                logger.warning(texts.LATE_REMOVAL, installation.key)
                noted = replace(installation, removal_reported_at=int(now))
                return await self._store.replace_installation(installation, noted)
            case "keep":
                if standing == "refused":
                    logger.error(texts.NOT_ACCEPTED, installation.key)
                return True


def _without_tokens(installation: Installation, now: int) -> Installation:
    return replace(
        installation,
        sealed_tokens="",
        expires_at=None,
        refreshing_since=None,
        removal_reported_at=None,
        removing_since=now,
    )
