"""Asks Slack what an installation is worth: whether its token works, and serves its workspace."""

import asyncio

from slackbot.errors import RevokedError, SlackError
from slackbot.slack.api_calls import call
from slackbot.slack.json_fields import object_in, objects_in, text_in
from slackbot.slack.oauth.client import ANSWER_TIMEOUT_SECONDS, OAuthClient
from slackbot.slack.oauth.token_rotation import TokenRotation
from slackbot.workspaces.installations import Installation, InstallationStore
from slackbot.workspaces.installed import InstalledWorkspaces, of_organisation
from slackbot.workspaces.removal import Standing

EXPIRED = "token_expired"


class StandingCheck:
    def __init__(
        self,
        store: InstallationStore,
        installed: InstalledWorkspaces,
        client: OAuthClient,
        rotation: TokenRotation,
    ) -> None:
        self._store = store
        self._installed = installed
        self._client = client
        self._rotation = rotation

    async def of(self, installation: Installation) -> Standing:
        """Raises StoreError or EncryptionError."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                if installation.uses_organisation:
                    return await self._in_organisation(installation)
                return await self._of_token(installation)
        except (SlackError, TimeoutError):
            return "unknown"

    async def _of_token(self, installation: Installation) -> Standing:
        """A token that has expired says nothing yet: the next one does.

        https://docs.slack.dev/reference/methods/auth.test
        """
        token = self._installed.tokens(installation).bot
        try:
            await call("auth.test", self._client.auth_test(token=token))
        except RevokedError as err:
            if err.code == EXPIRED and installation.expires_at is not None:
                renewed = await self._rotation.renew(installation)
                return "unknown" if renewed else "refused"
            return "refused"
        return "works"

    async def _in_organisation(self, installation: Installation) -> Standing:
        """Whether the organisation's token still serves the workspace.

        https://docs.slack.dev/reference/methods/auth.teams.list
        """
        whole = await self._store.installation(of_organisation(installation.key))
        if whole is None or whole.is_being_removed:
            return "refused"
        token, cursor, is_last = self._installed.tokens(whole).bot, "", False
        while not is_last:
            try:
                request = self._client.auth_teams_list(token=token, cursor=cursor or None)
                answer = await call("auth.teams.list", request)
            except RevokedError:
                return await self._of_token(whole)
            if any(each.get("id") == installation.key.team for each in objects_in(answer, "teams")):
                return "works"
            cursor = text_in(object_in(answer, "response_metadata"), "next_cursor")
            is_last = not cursor
        return "refused"
