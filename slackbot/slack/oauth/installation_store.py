"""Takes installations from slack-bolt, and hands bots to slack-sdk."""

import logging

from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store import Installation as SdkInstallation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore

from slackbot.conversation.ids import EnterpriseId, TeamId, UserId
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import BotTokens


class StoredInstallations(AsyncInstallationStore):
    """Only saves: which workspace an event belongs to, and its token, `Router` finds itself."""

    def __init__(self, installed: InstalledWorkspaces) -> None:
        self._installed = installed

    @property
    def logger(self) -> logging.Logger:
        return logging.getLogger(__name__)

    async def async_save(self, installation: SdkInstallation) -> None:
        """Raises StoreError or StillRemovingError."""
        tokens = BotTokens(installation.bot_token or "", installation.bot_refresh_token or "")
        await self._installed.save(installation_from(installation), tokens)


def installation_from(installation: SdkInstallation) -> Installation:
    """The same as we store it, without its tokens.

    An organisation-wide one may name the workspace in which it was begun: it is not that one's.
    """
    team = "" if installation.is_enterprise_install else installation.team_id or ""
    return Installation(
        InstallationKey(TeamId(team), EnterpriseId(installation.enterprise_id or "")),
        team_name=(installation.team_name or "") if team else "",
        enterprise_name=installation.enterprise_name or "",
        app=installation.app_id or "",
        bot_user=UserId(installation.bot_user_id or ""),
        bot=installation.bot_id or "",
        scopes=tuple(sorted(installation.bot_scopes or ())),
        installer=UserId(installation.user_id or ""),
        installed_at=int(installation.installed_at),
        expires_at=installation.bot_token_expires_at,
    )


def bot_from(installation: Installation, tokens: BotTokens) -> Bot:
    """The same as slack-sdk knows it."""
    return Bot(
        app_id=installation.app,
        enterprise_id=installation.key.enterprise or None,
        team_id=installation.key.team or None,
        bot_token=tokens.bot,
        bot_id=installation.bot,
        bot_user_id=installation.bot_user,
        bot_scopes=installation.scopes,
        bot_refresh_token=tokens.refresh,
        bot_token_expires_at=installation.expires_at,
        is_enterprise_install=installation.is_for_organisation,
        installed_at=float(installation.installed_at),
    )
