"""Serves every workspace that has installed the app."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from slackbot.app.during import during
from slackbot.app.served_workspaces import ServedWorkspaces
from slackbot.app.serving import (
    choose_answerer,
    delete_old_conversations,
    open_process,
    open_readiness,
)
from slackbot.background import BackgroundTasks
from slackbot.config import Settings
from slackbot.service import Service
from slackbot.slack.oauth.admission import OrganisationAdmission
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

        def on_change(key: InstallationKey) -> None:
            background.begin(workspaces.follow(key))

        rotation = TokenRotation(store, installed, client, installs, on_change)
        stack.push_async_callback(rotation.close)
        workspaces = ServedWorkspaces(process, rotation)
        stack.push_async_callback(workspaces.bots.close)
        readiness = open_readiness(stack, store)
        answerer = choose_answerer(process, workspaces.bots, readiness, on_workspaces=rotation.wake)
        workspaces.answerer = answerer
        deletion = InstallationDeletion(store, workspaces.forget)
        standing = StandingCheck(store, installed, client, rotation)
        removals = Removals(store, standing, deletion)
        admission = OrganisationAdmission(store, installed, standing)
        shared = SharedChannels(installed, client)
        flow = InstallFlow(installs, client, installed, encryption, store, workspaces.follow)

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
                Router(workspaces.dispatcher, admission, shared, removals),
                start,
                readiness,
                *install_routes(flow),
            )
        )
        await stack.enter_async_context(during(process.models.model.prepare()))
        yield Service(workspaces.bots, None, settings, port, store.failed)
