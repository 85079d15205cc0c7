"""Follows Slack's reports that an app was removed."""

import asyncio
import logging
from dataclasses import replace

from slackbot.errors import SlackbotError, StoreError, UnreachableError
from slackbot.slack.oauth import texts
from slackbot.slack.oauth.standing import StandingCheck
from slackbot.slack.payload_workspaces import Removal
from slackbot.workspaces.deletion import InstallationDeletion
from slackbot.workspaces.installations import Installation, InstallationKey, InstallationStore, Now
from slackbot.workspaces.removal import REMOVALS, Report, decide, is_recent
from slackbot.workspaces.token_encryption import EncryptionError

logger = logging.getLogger(__name__)

TICK_SECONDS = 60.0


class Removals:
    """Implements `RemovalHandler`."""

    def __init__(
        self,
        store: InstallationStore,
        standing: StandingCheck,
        deletion: InstallationDeletion,
        now: Now | None = None,
    ) -> None:
        """`now` is the store's clock by default."""
        self._store = store
        self._standing = standing
        self._deletion = deletion
        self._now = now or store.now

    async def on_removal(self, removal: Removal) -> None:
        """Returns once Slack need not report it again. Where no key decrypts the token, that is
        noted: another replica may have the key, or this one the next time.

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

    async def _go_on(self, installation: Installation) -> None:
        """With what is not finished about an installation."""
        if installation.is_being_removed:
            await self._deletion.go_on(installation)
        elif installation.removal_reported_at is not None and is_recent(
            installation.removal_reported_at, await self._now()
        ):
            await self._look(installation.key, "nothing")

    async def _look(self, key: InstallationKey, report: Report) -> None:
        """Until what was decided is done: what is stored may change meanwhile."""
        is_done = False
        while not is_done:
            installation = await self._store.installation(key)
            if installation is None or installation.is_being_removed:
                return
            try:
                is_done = await self._follow(installation, report)
            except EncryptionError:
                if report not in REMOVALS:
                    raise
                whose = key.team or key.enterprise
                logger.error(texts.REMOVAL_NOT_CHECKED, key, whose)  # noqa: TRY400 - it says all
                is_done = await self._note(installation)

    async def _follow(self, installation: Installation, report: Report) -> bool:
        now, reported_at = await self._now(), installation.removal_reported_at
        standing = await self._standing.of(installation)
        match decide(report, standing, reported_at=reported_at, now=now):
            case "ask again":
                raise UnreachableError("auth.test", sent=True)
            case "delete":
                return await self._let_go(installation)
            case "remember":
                logger.warning(texts.LATE_REMOVAL, installation.key)
                return await self._note(installation)
            case "keep":
                if standing == "refused":
                    logger.error(texts.NOT_ACCEPTED, installation.key)
                return True

    async def _note(self, installation: Installation) -> bool:
        """Has the installation looked at again, by every replica."""
        noted = replace(installation, removal_reported_at=int(await self._now()))
        return await self._store.replace_installation(installation, noted)

    async def _let_go(self, installation: Installation) -> bool:
        """An organisation-wide installation may serve the workspace from now on."""
        key = installation.key
        if key.team and key.enterprise and installation.sealed_tokens:
            served = await self._standing.of(Installation(key))
            if served == "unknown":
                raise UnreachableError("auth.teams.list", sent=True)
            if served == "works":
                handed = await self._deletion.hand_to_organisation(installation)
                if handed is not None:
                    return handed
        return await self._deletion.delete(installation)
