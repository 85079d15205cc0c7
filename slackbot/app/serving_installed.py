"""Serves every workspace that has installed the app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from slackbot.app.answerer import Answerer
from slackbot.app.during import during
from slackbot.app.process import Process
from slackbot.app.serving import (
    choose_answerer,
    delete_old_conversations,
    open_process,
    open_readiness,
)
from slackbot.app.workspace_bot import WorkspaceBot, workspace_bot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.background import BackgroundTasks
from slackbot.config import Settings
from slackbot.conversation.ids import TeamId
from slackbot.service import Service
from slackbot.slack.client import web_client
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.identity import installed_identity
from slackbot.slack.oauth.client import oauth_client
from slackbot.slack.oauth.flow import InstallFlow
from slackbot.slack.oauth.removals import Removals
from slackbot.slack.oauth.routes import install_routes
from slackbot.slack.oauth.shared_channels import SharedChannels
from slackbot.slack.oauth.standing import StandingCheck
from slackbot.slack.oauth.token_rotation import TokenRotation
from slackbot.slack.receiving import receiving
from slackbot.slack.router import Router
from slackbot.slack.sign_in import AppSignIn
from slackbot.store import RecordStore
from slackbot.workspaces.deletion import InstallationDeletion
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.ownership import LEASE_SECONDS
from slackbot.workspaces.token_encryption import TokenEncryption

IDLE_SECONDS = 600.0
"""How long a workspace's bot stays open after the last delivery, if it answers nobody."""

IDLE_CHECK_SECONDS = 60.0

NO_TEAM = TeamId("")
"""A workspace's own token is for no other."""


@asynccontextmanager
async def serving_installed(
    settings: Settings,
    store: RecordStore,
    sign_in: AppSignIn,
    *,
    lease_seconds: float = LEASE_SECONDS,
) -> AsyncIterator[Service]:
    """Each workspace that has the app has a bot while the block runs.

    Raises ConfigError where a setting does not work.
    """
    installs = settings.slack.installs
    assert installs is not None  # noqa: S101 - they are what this is for
    async with AsyncExitStack() as stack:
        process = open_process(stack, settings, store, lease_seconds)
        encryption = Encryption([key.get_secret_value() for key in installs.encryption_keys])
        installed = InstalledWorkspaces(store, TokenEncryption(encryption))
        await installed.encrypt_with_first_key()
        client = await stack.enter_async_context(oauth_client(settings.slack))
        background = BackgroundTasks()
        stack.push_async_callback(background.close)

        def on_change(_: InstallationKey) -> None:
            background.begin(workspaces.renew_tokens())

        rotation = TokenRotation(store, installed, client, installs, on_change)
        stack.push_async_callback(rotation.close)
        workspaces = _Workspaces(process, rotation)
        stack.push_async_callback(workspaces.bots.close)
        readiness = open_readiness(stack, store)
        answerer = choose_answerer(process, workspaces.bots, readiness)
        workspaces.answerer = answerer
        deletion = InstallationDeletion(store, workspaces.forget)
        standing = StandingCheck(store, installed, client, rotation)
        removals = Removals(store, standing, deletion)
        shared = SharedChannels(installed, client)
        flow = InstallFlow(installs, client, installed, encryption, store, workspaces.on_installed)

        async def start() -> None:
            await stack.enter_async_context(answerer.running())
            for work in (rotation.run(), removals.run(), workspaces.close_idle()):
                await stack.enter_async_context(during(work))

        await delete_old_conversations(stack, process, sign_in.control_client)
        port = await stack.enter_async_context(
            receiving(
                settings.slack,
                settings.port,
                sign_in,
                Router(workspaces.dispatcher, installed, shared, removals),
                start,
                readiness,
                *install_routes(flow),
            )
        )
        await stack.enter_async_context(during(process.models.model.prepare()))
        yield Service(workspaces.bots, None, settings, port, store.failed)


class _Workspaces:
    """The bots of the workspaces, and what installations mean for them."""

    answerer: Answerer

    def __init__(self, process: Process, rotation: TokenRotation) -> None:
        self._process = process
        self._rotation = rotation
        self.bots = WorkspaceBots(self._open)

    async def dispatcher(self, team: TeamId) -> Dispatcher | None:
        """What takes in a workspace's deliveries; None if the app is not installed there."""
        bot = await self.bots.get(team)
        if bot is None:
            return None
        await self.answerer.admit(team)
        return bot.dispatcher

    async def forget(self, team: TeamId) -> None:
        """Ends a workspace's bot, and deletes everything about the workspace."""
        await self.answerer.dismiss(team)
        await self.bots.close_one(team)
        await self._process.store.forget_team(team)

    async def on_installed(self, _: InstallationKey) -> None:
        await self.renew_tokens()

    async def renew_tokens(self) -> None:
        """Gives each open bot the token that its workspace has now, and closes those of workspaces
        that have removed the app, also where another replica was told that.
        """
        for team in self.bots.teams():
            access, bot = await self._rotation.access(team), self.bots.opened(team)
            if access is None:
                await self.answerer.rest(team)
                await self.bots.close_one(team)
            elif bot is not None:
                bot.client.token = access.token

    async def close_idle(self) -> None:
        """Closes bots that are not needed, until it is cancelled: a thousand would fill memory."""
        while True:
            await asyncio.sleep(IDLE_CHECK_SECONDS)
            await self.bots.close_idle(IDLE_SECONDS, self.answerer.rest)

    async def _open(self, stack: AsyncExitStack, team: TeamId) -> WorkspaceBot | None:
        access = await self._rotation.access(team)
        if access is None:
            return None
        slack = self._process.settings.slack
        client = await stack.enter_async_context(
            web_client(
                slack.api_url,
                access.token,
                slack.network,
                team=team if access.installation.is_for_organisation else NO_TEAM,
            )
        )
        opening = workspace_bot(self._process, client, client, installed_identity(access))
        return await stack.enter_async_context(opening)
