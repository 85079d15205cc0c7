"""The workspaces that have installed the app, and the token by which each is reached."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from slackbot.conversation.ids import TeamId
from slackbot.errors import SlackbotError
from slackbot.workspaces import texts
from slackbot.workspaces.installations import Installation, InstallationKey, InstallationStore
from slackbot.workspaces.token_encryption import BotTokens, EncryptionError, TokenEncryption

logger = logging.getLogger(__name__)

REMOVAL_PATIENCE_SECONDS = 3.0
"""How long a new installation waits while the data of the last one is being deleted."""

REMOVAL_POLL_SECONDS = 0.1


class StillRemovingError(SlackbotError):
    """The data of an earlier installation is being deleted: the new one would lose some of its."""

    def __init__(self) -> None:
        super().__init__(texts.STILL_REMOVING)


@dataclass(frozen=True, slots=True)
class Access:
    """How a workspace is reached."""

    team: TeamId
    installation: Installation
    """Whose token it is: the workspace's own, or its organisation's."""
    token: str = field(repr=False)


class InstalledWorkspaces:
    def __init__(self, store: InstallationStore, encryption: TokenEncryption) -> None:
        self._store = store
        self._encryption = encryption

    async def access(self, team: TeamId) -> Access | None:
        """Returns None if the workspace has not installed the app, or is just removing it.

        Raises StoreError, and EncryptionError if its token can't be decrypted.
        """
        installation = await self._store.installation(InstallationKey(team))
        if installation is not None and installation.uses_organisation:
            installation = await self._store.installation(of_organisation(installation.key))
        if installation is None or installation.is_being_removed:
            return None
        return Access(team, installation, self.tokens(installation).bot)

    async def admit(self, key: InstallationKey) -> bool:
        """Notes that an organisation-wide installation serves a workspace.

        Returns False if the organisation has not installed the app. Raises StoreError.
        """
        whole = await self._store.installation(of_organisation(key)) if key.enterprise else None
        if whole is None or whole.is_being_removed:
            return False
        if await self._store.installation(key) is None:
            await self._store.add_installation(
                Installation(
                    key,
                    enterprise_name=whole.enterprise_name,
                    app=whole.app,
                    installer=whole.installer,
                    installed_at=whole.installed_at,
                )
            )
        return True

    def tokens(self, installation: Installation) -> BotTokens:
        """Raises EncryptionError."""
        return self._encryption.open(installation.sealed_tokens, installation.key)

    def sealed(self, installation: Installation, tokens: BotTokens) -> Installation:
        """The installation with these tokens."""
        sealed = self._encryption.seal(tokens, installation.key)
        return replace(installation, sealed_tokens=sealed)

    async def save(self, installation: Installation, tokens: BotTokens) -> None:
        """Stores a new installation with its tokens.

        Raises StoreError, and StillRemovingError if the data of the last one is not deleted yet.
        """
        sealed = self.sealed(installation, tokens)
        try:
            async with asyncio.timeout(REMOVAL_PATIENCE_SECONDS):
                while not await self._save(sealed):  # noqa: ASYNC110 - others do it
                    await asyncio.sleep(REMOVAL_POLL_SECONDS)
        except TimeoutError as err:
            raise StillRemovingError from err

    async def _save(self, installation: Installation) -> bool:
        """Returns False, and changes nothing, if the last one is being removed, or changes now."""
        before = await self._store.installation(installation.key)
        if before is None:
            return await self._store.add_installation(installation)
        if before.is_being_removed:
            return False
        return await self._store.replace_installation(before, installation)

    async def encrypt_with_first_key(self) -> Sequence[Installation]:
        """Encrypts again what needs another key than the first, so that the others can go.

        Returns the installations whose token can't be decrypted, each of which is logged. Raises
        StoreError.
        """
        failed: list[Installation] = []
        for each in await self._store.installations():
            if each.sealed_tokens and not self._encryption.is_current(each.sealed_tokens):
                try:
                    after = self.sealed(each, self.tokens(each))
                except EncryptionError as err:
                    logger.error("%s", err.user_message)  # noqa: TRY400 - it says all
                    failed.append(each)
                else:
                    await self._store.replace_installation(each, after)
        return failed


def of_organisation(key: InstallationKey) -> InstallationKey:
    """The key of the installation that serves the whole organisation of a workspace."""
    return InstallationKey(TeamId(""), key.enterprise)
