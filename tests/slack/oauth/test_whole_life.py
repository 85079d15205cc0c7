"""From the installation to the removal, with the fake Slack and all parts of the bot between."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot import config
from slackbot.conversation.ids import TeamId
from slackbot.playground.fake_slack.members import Organisation
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.http_server import events, listening
from slackbot.slack.oauth.admission import OrganisationAdmission
from slackbot.slack.oauth.client import oauth_client
from slackbot.slack.oauth.flow import INSTALL_PATH, InstallFlow
from slackbot.slack.oauth.removals import Removals
from slackbot.slack.oauth.routes import install_routes
from slackbot.slack.oauth.shared_channels import SharedChannels
from slackbot.slack.oauth.standing import StandingCheck
from slackbot.slack.oauth.token_rotation import TokenRotation
from slackbot.slack.router import Router
from slackbot.store import RecordStore
from slackbot.workspaces.deletion import InstallationDeletion
from slackbot.workspaces.encryption import Encryption
from slackbot.workspaces.installations import InstallationKey
from slackbot.workspaces.installed import InstalledWorkspaces
from slackbot.workspaces.token_encryption import TokenEncryption
from tests.config import ENCRYPTION_KEY, OAUTH
from tests.slack.oauth.install_site import Browser, Page
from tests.slack.oauth.test_removals import remember, teams_stored


@dataclass
class Workspaces:
    """A bot that notes what arrives for which workspace, and with which token it would answer."""

    platform: SlackPlatform
    store: RecordStore
    installed: InstalledWorkspaces
    rotation: TokenRotation
    removals: Removals
    received: list[tuple[str, str]]
    """Workspace and text."""
    port: int
    session: aiohttp.ClientSession

    async def install(self, where: Workspace | Organisation) -> Page:
        """Somebody opens the page, agrees at Slack, and comes back."""
        browser = Browser(self.port, self.session)
        page = await browser.get(INSTALL_PATH)
        approval = self.platform.open(page.button, where)
        return await browser.come_back(**dict(parse_qsl(urlsplit(approval.redirect_url).query)))

    async def token(self, workspace: Workspace) -> str | None:
        access = await self.rotation.access(TeamId(workspace.team.team_id))
        return None if access is None else access.token

    async def keys(self) -> Sequence[InstallationKey]:
        return [each.key for each in await self.store.installations()]

    async def until_arrived(self, text: str) -> list[str]:
        """The same, once it has arrived."""
        await self.platform.until(lambda: self.arrived(text))
        return self.arrived(text)

    def arrived(self, text: str) -> list[str]:
        """The workspaces in which a text arrived."""
        return sorted(team for team, said in set(self.received) if said == text)


class Recorder:
    """The Bolt app of a workspace."""

    def __init__(self, team: str, received: list[tuple[str, str]]) -> None:
        self._team = team
        self._received = received

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        event: Mapping[str, Any] = req.body.get("event", {})
        self._received.append((self._team, str(event.get("text"))))
        return BoltResponse(status=200)


@asynccontextmanager
async def serving(platform: SlackPlatform, store: RecordStore) -> AsyncIterator[Workspaces]:
    settings = config.slack_settings(
        {
            **OAUTH,
            "SLACK_API_URL": platform.url,
            "SLACK_CLIENT_ID": platform.app.client_id,
            "SLACK_CLIENT_SECRET": platform.app.client_secret,
        }
    )
    assert settings.installs is not None
    encryption = Encryption([ENCRYPTION_KEY])
    installed = InstalledWorkspaces(store, TokenEncryption(encryption))
    received: list[tuple[str, str]] = []

    async def app_of(team: TeamId) -> Dispatcher | None:
        return Recorder(team, received) if await installed.access(team) else None

    async def forget(team: TeamId) -> None:
        await store.forget_team(team)

    async def tell(_: InstallationKey) -> None:
        pass

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(oauth_client(settings))
        rotation = TokenRotation(store, installed, client, settings.installs, lambda _: None)
        standing = StandingCheck(store, installed, client, rotation)
        removals = Removals(store, standing, InstallationDeletion(store, forget))
        admission = OrganisationAdmission(store, installed, standing)
        router = Router(app_of, admission, SharedChannels(installed, client), removals)
        flow = InstallFlow(settings.installs, client, installed, encryption, store, tell)
        routes = (*install_routes(flow), events(router, platform.app.signing_secret))
        port = await stack.enter_async_context(listening(0, *routes))
        platform.events_url = f"http://127.0.0.1:{port}/slack/events"
        session = await stack.enter_async_context(aiohttp.ClientSession())
        yield Workspaces(platform, store, installed, rotation, removals, received, port, session)


@pytest.fixture
async def bot(store: RecordStore) -> AsyncIterator[Workspaces]:
    async with SlackPlatform() as platform, serving(platform, store) as running:
        yield running


def key_of(workspace: Workspace) -> InstallationKey:
    organisation = workspace.organisation
    enterprise = "" if organisation is None else organisation.enterprise_id
    return InstallationKey(TeamId(workspace.team.team_id), enterprise)  # type: ignore[arg-type]


async def say(workspace: Workspace, text: str) -> None:
    """Somebody mentions the bot in a channel that it is in."""
    ana = workspace.add_person("Ana")
    general = workspace.add_channel("general", members=[ana])
    await workspace.say(ana, general, f"{workspace.bot.mention} {text}")


async def test_two_workspaces(bot: Workspaces) -> None:
    """Each has a token of its own, gets its own events, and goes alone."""
    first, second = (bot.platform.add_workspace(name) for name in ("First", "Second"))
    for workspace in (first, second):
        assert (await bot.install(workspace)).title == "Thank you!"
        await remember(bot.store, workspace.team.team_id)
    assert await bot.token(first) == first.bot_token != second.bot_token
    for workspace in (first, second):
        text = f"{workspace.bot.mention} hello"
        await say(workspace, "hello")
        assert await bot.until_arrived(text) == [workspace.team.team_id]
    installation = bot.platform.installations.of(first.team)
    assert installation is not None
    await bot.platform.uninstall(installation)
    assert await bot.keys() == [key_of(second)]
    assert await teams_stored(bot.store) == {second.team.team_id}
    assert await bot.token(first) is None
    await bot.install(first)
    assert await bot.token(first) == first.bot_token
    assert await teams_stored(bot.store) == {second.team.team_id}


async def test_an_organisation(bot: Workspaces) -> None:
    """One installation serves its workspaces, each of which is a workspace of its own; one that it
    loses goes alone, and all go with it.
    """
    group = bot.platform.add_organisation("Group")
    first, second = (
        bot.platform.add_workspace(name, organisation=group) for name in ("First", "Second")
    )
    outside = bot.platform.add_workspace("Outside")
    await bot.install(group)
    await bot.install(outside)
    for workspace in (first, second, outside):
        text = f"{workspace.bot.mention} hello to {workspace.team.name}"
        await say(workspace, f"hello to {workspace.team.name}")
        assert await bot.until_arrived(text) == [workspace.team.team_id]
        await remember(bot.store, workspace.team.team_id)
    assert await bot.token(first) == await bot.token(second) != await bot.token(outside)
    await bot.platform.withdraw(first)
    assert await teams_stored(bot.store) == {second.team.team_id, outside.team.team_id}
    assert await bot.token(first) is None
    installation = bot.platform.installations.of(group)
    assert installation is not None
    await bot.platform.uninstall(installation)
    assert await bot.keys() == [key_of(outside)]
    assert await teams_stored(bot.store) == {outside.team.team_id}


async def test_what_an_organisation_has_taken_away(bot: Workspaces) -> None:
    """A workspace that lost the app stays out, also if something of it comes late."""
    group = bot.platform.add_organisation("Group")
    first = bot.platform.add_workspace("First", organisation=group)
    await bot.install(group)
    await say(first, "hello")
    await bot.until_arrived(f"{first.bot.mention} hello")
    async with first.hold_events() as late:
        await say(first, "later")
        await bot.platform.withdraw(first)
        assert late
    assert all(each.acknowledged for each in late)
    assert not bot.arrived(f"{first.bot.mention} later")
    assert await bot.token(first) is None
    assert [each.team for each in await bot.keys()] == [""]


async def test_a_workspace_leaves_alone(bot: Workspaces) -> None:
    """One with an installation of its own, while its organisation's serves other workspaces only:
    its data is deleted.
    """
    group = bot.platform.add_organisation("Group")
    own, other = (bot.platform.add_workspace(name, organisation=group) for name in ("Own", "Other"))
    await bot.install(group)
    await bot.platform.withdraw(own)
    await bot.install(own)
    for workspace in (own, other):
        await say(workspace, "hello")
        await bot.until_arrived(f"{workspace.bot.mention} hello")
        await remember(bot.store, workspace.team.team_id)
    installation = bot.platform.installations.of(own.team)
    assert installation is not None
    await bot.platform.uninstall(installation)
    assert await teams_stored(bot.store) == {other.team.team_id}
    assert {each.team for each in await bot.keys()} == {"", other.team.team_id}


async def test_a_shared_channel(bot: Workspaces) -> None:
    """Both workspaces that have the app get what is said there; a third one does not."""
    host, guest, other = (bot.platform.add_workspace(name) for name in ("A", "B", "C"))
    for workspace in (host, guest, other):
        await bot.install(workspace)
    ben = guest.add_person("Ben")
    channel = host.add_channel("shared")
    bot.platform.share(channel, host, guest)
    channel.members |= {ben.id, host.bot.id}
    text = f"{host.bot.mention} hello"
    await guest.say(ben, channel, text)
    both = sorted([host.team.team_id, guest.team.team_id])
    await bot.platform.until(lambda: bot.arrived(text) == both)


async def test_tokens_expire(bot: Workspaces) -> None:
    """Each is renewed before it does, for as long as the app is there."""
    bot.platform.installations.rotates_tokens = True
    workspace = bot.platform.add_workspace("First")
    await bot.install(workspace)
    first = await bot.token(workspace)
    stored = await bot.store.installation(key_of(workspace))
    assert stored is not None
    assert await bot.rotation.renew(stored)
    assert first != await bot.token(workspace) == workspace.bot_token
