"""A workspace, and two ways for an app to be in it: Slack's own client, and a bare one."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


@pytest.fixture
async def workspace() -> AsyncIterator[Workspace]:
    async with Workspace() as workspace:
        yield workspace


@pytest.fixture
async def platform() -> AsyncIterator[SlackPlatform]:
    async with SlackPlatform() as platform:
        yield platform


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def app(workspace: Workspace, session: aiohttp.ClientSession) -> AsyncIterator[BareApp]:
    """An app with one Socket Mode connection."""
    app = BareApp(workspace, session)
    await app.connect()
    yield app
    await app.close()


@pytest.fixture
def api(workspace: Workspace, session: aiohttp.ClientSession) -> AsyncWebClient:
    """Slack's own client, with the bot's token and without retries."""
    return AsyncWebClient(
        workspace.bot_token, base_url=workspace.url, session=session, retry_handlers=[]
    )


@pytest.fixture
def ann(workspace: Workspace) -> Person:
    return workspace.add_person("ann")


@pytest.fixture
def channel(workspace: Workspace, ann: Person) -> Channel:
    return workspace.add_channel("general", members=[ann])


@pytest.fixture
async def platform_app(
    platform: SlackPlatform, session: aiohttp.ClientSession
) -> AsyncIterator[BareApp]:
    """The same app for all workspaces of the platform."""
    app = BareApp(platform, session)
    await app.connect()
    yield app
    await app.close()
