"""What a replica does about installations, over a real store and the server that gives tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from slackbot.conversation.ids import EnterpriseId, TeamId, UserId
from slackbot.slack.oauth.client import oauth_client
from slackbot.slack.oauth.removals import Removals
from slackbot.slack.oauth.standing import StandingCheck
from slackbot.slack.oauth.token_rotation import TokenRotation
from slackbot.store import RecordStore
from slackbot.workspaces.deletion import ForgetWorkspace, InstallationDeletion
from slackbot.workspaces.installations import Installation, InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import BotTokens
from tests.slack.oauth.install_site import slack_settings
from tests.slack.oauth.oauth_server import App, OAuthServer
from tests.workspaces.samples import ENCRYPTION


class Clock:
    """Begins at a time that Slack's tokens are counted from, and stands still."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Replica:
    server: OAuthServer
    store: RecordStore
    clock: Clock
    installed: InstalledWorkspaces
    rotation: TokenRotation
    standing: StandingCheck
    removals: Removals
    deletion: InstallationDeletion
    changed: list[InstallationKey]
    """The installations whose tokens it has told about."""

    async def save(self, app: App, *, expires_at: int | None = None) -> Installation:
        """Stores an installation as Slack knows it."""
        key = InstallationKey(TeamId(app.team), EnterpriseId(app.enterprise))
        installation = Installation(
            key,
            bot_user=UserId("UBOT"),
            bot="BBOT",
            installer=UserId("UANA"),
            installed_at=int(self.clock()),
            expires_at=expires_at,
        )
        await self.installed.save(
            installation, BotTokens(app.tokens[-1], "".join(app.refresh[-1:]))
        )
        return await self.stored(key)

    async def stored(self, key: InstallationKey) -> Installation:
        installation = await self.store.installation(key)
        assert installation is not None
        return installation


@asynccontextmanager
async def replica(
    server: OAuthServer,
    store: RecordStore,
    clock: Clock | None = None,
    forget: ForgetWorkspace | None = None,
) -> AsyncIterator[Replica]:
    """`forget` deletes the data of a workspace, in place of the store alone."""
    settings, clock = slack_settings(server), clock or Clock()

    async def now() -> float:
        return clock()

    assert settings.installs is not None

    async def forget_in_store(team: TeamId) -> None:
        await store.forget_team(team)

    installed = InstalledWorkspaces(store, ENCRYPTION)
    changed: list[InstallationKey] = []
    async with oauth_client(settings) as client:
        rotation = TokenRotation(store, installed, client, settings.installs, changed.append, now)
        standing = StandingCheck(store, installed, client, rotation)
        deletion = InstallationDeletion(store, forget or forget_in_store, now)
        removals = Removals(store, standing, deletion, now)
        yield Replica(
            server, store, clock, installed, rotation, standing, removals, deletion, changed
        )
        await rotation.close()
