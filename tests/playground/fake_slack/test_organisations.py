"""An app that is installed for a whole organisation."""

import aiohttp
import pytest
from slack_bolt.request import BoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp
from tests.playground.fake_slack.test_interaction_payloads import MODAL


class Grid:
    """An organisation with two workspaces and the app, and a workspace that is not its own."""

    def __init__(self, platform: SlackPlatform, session: aiohttp.ClientSession) -> None:
        self.acme = platform.add_organisation("Acme Inc")
        self.sales = platform.add_workspace("Sales", organisation=self.acme)
        self.legal = platform.add_workspace("Legal", organisation=self.acme)
        self.other = platform.add_workspace("Other")
        self.installation = platform.install(self.acme)
        self.api = AsyncWebClient(
            self.sales.bot_token, base_url=platform.url, session=session, retry_handlers=[]
        )


@pytest.fixture
def grid(platform: SlackPlatform, session: aiohttp.ClientSession) -> Grid:
    return Grid(platform, session)


async def test_the_answer_to_the_code(platform: SlackPlatform, grid: Grid) -> None:
    """One token is for all workspaces of the organisation, and `team` is null."""
    assert grid.installation.team is None
    assert grid.sales.bot_token == grid.legal.bot_token
    assert not grid.other.has_app
    assert grid.sales.bot.id == grid.legal.bot.id
    assert grid.sales.bot.bot_id != grid.legal.bot.bot_id
    arguments = {
        "client_id": platform.app.client_id,
        "client_secret": platform.app.client_secret,
        "code": platform.approve(grid.acme).code,
    }
    answer = await grid.api.api_call("oauth.v2.access", params=arguments)
    assert answer["is_enterprise_install"] is True
    assert answer["team"] is None
    assert answer["enterprise"] == {"id": grid.acme.enterprise_id, "name": "Acme Inc"}
    assert answer["access_token"] == grid.sales.bot_token


async def test_calls_name_their_workspace(grid: Grid) -> None:
    """A call needs a team_id, unless it names a channel or a person; another's is refused."""
    grid.sales.add_person("ann")
    ben, legal = grid.legal.add_person("ben"), grid.legal.add_channel("general")
    with pytest.raises(SlackApiError) as raised:
        await grid.api.users_list()
    assert raised.value.response["error"] == "missing_argument"
    assert raised.value.response["arg"] == "team_id"
    answer = await grid.api.users_list(team_id=grid.legal.team.team_id)
    assert [member["name"] for member in answer["members"]] == ["assistant", "ben"]
    await grid.api.chat_postMessage(channel=legal.id, text="Hello")
    assert [message.text for message in grid.legal.messages.values()] == ["Hello"]
    assert (await grid.api.users_info(user=ben.id))["user"]["name"] == "ben"
    with pytest.raises(SlackApiError, match="missing_argument"):
        await grid.api.users_list(team_id=grid.other.team.team_id)
    assert [call.method for call in grid.legal.calls] == [
        "users.list",
        "chat.postMessage",
        "users.info",
    ]
    assert not grid.sales.calls


async def test_a_workspaces_own_token_ignores_team_id(
    platform: SlackPlatform, grid: Grid, session: aiohttp.ClientSession
) -> None:
    """A token for one workspace stays there, whatever team_id says."""
    platform.install(grid.other)
    cleo = grid.other.add_person("cleo")
    api = AsyncWebClient(grid.other.bot_token, base_url=platform.url, session=session)
    members = (await api.users_list(team_id=grid.sales.team.team_id))["members"]
    assert [member["id"] for member in members] == [grid.other.bot.id, cleo.id]


async def test_events_of_an_organisation(grid: Grid, platform_app: BareApp) -> None:
    """Events name the workspace and the organisation, and say that all of it has the app."""
    await grid.legal.say(grid.legal.add_person("ben"), grid.legal.add_channel("general"), "Hello")
    (frame,) = platform_app.received
    payload = frame["payload"]
    assert payload["team_id"] == payload["context_team_id"] == grid.legal.team.team_id
    assert payload["enterprise_id"] == grid.acme.enterprise_id
    assert payload["context_enterprise_id"] == grid.acme.enterprise_id
    assert payload["authorizations"] == [
        {
            "enterprise_id": grid.acme.enterprise_id,
            "team_id": grid.legal.team.team_id,
            "user_id": grid.acme.bot_user,
            "is_bot": True,
            "is_enterprise_install": True,
        }
    ]


async def test_interactions_of_an_organisation(grid: Grid, platform_app: BareApp) -> None:
    """Commands have their team; in interactions it is null, and Bolt finds it nevertheless."""
    ben, general = grid.legal.add_person("ben"), grid.legal.add_channel("general")
    await grid.legal.command(ben, general, "/usage", "")
    await grid.legal.submit_view(ben, grid.legal.views.open(ben.id, MODAL), {})
    command, form = (frame["payload"] for frame in platform_app.received)
    assert command["team_id"] == grid.legal.team.team_id
    assert command["enterprise_id"] == grid.acme.enterprise_id
    assert command["enterprise_name"] == "Acme Inc"
    assert command["is_enterprise_install"] == "true"
    assert form["team"] is None
    assert form["enterprise"] == {"id": grid.acme.enterprise_id, "name": "Acme Inc"}
    assert form["is_enterprise_install"] is True
    for payload in (command, form):
        context = BoltRequest(body=payload, mode="socket_mode").context
        assert context.team_id == grid.legal.team.team_id
        assert context.enterprise_id == grid.acme.enterprise_id
        assert context.is_enterprise_install


async def test_one_workspace_of_an_organisation(
    platform: SlackPlatform, grid: Grid, platform_app: BareApp
) -> None:
    """An app in a workspace alone knows the organisation, and is not installed for all of it."""
    hr = platform.add_workspace("HR", organisation=grid.acme)
    platform.install(hr)
    dee, general = hr.add_person("dee"), hr.add_channel("general")
    await hr.say(dee, general, "Hello")
    await hr.submit_view(dee, hr.views.open(dee.id, MODAL), {})
    event, form = (frame["payload"] for frame in platform_app.received)
    assert event["authorizations"][0]["is_enterprise_install"] is False
    assert event["authorizations"][0]["enterprise_id"] == grid.acme.enterprise_id
    assert form["team"]["id"] == hr.team.team_id
    assert form["team"]["enterprise_id"] == grid.acme.enterprise_id
    assert form["is_enterprise_install"] is False


async def test_uninstalling_from_an_organisation(
    platform: SlackPlatform, grid: Grid, platform_app: BareApp
) -> None:
    """The two events name the organisation and no workspace; no workspace has the app then."""
    async with platform.feed.hold(lambda _: True) as held:
        await platform.uninstall(grid.installation)
        assert not platform_app.received
    assert len(held) == len(platform_app.received) == 2
    for frame in platform_app.received:
        assert frame["payload"]["team_id"] is None
        assert frame["payload"]["enterprise_id"] == grid.acme.enterprise_id
    assert not grid.sales.has_app
    assert not grid.legal.has_app
    with pytest.raises(SlackApiError, match="account_inactive"):
        await grid.api.auth_test()


async def test_workspaces_come_and_go(
    platform: SlackPlatform, grid: Grid, platform_app: BareApp
) -> None:
    """Admins decide in which workspaces the app works, and the app is told."""
    hr = platform.add_workspace("HR", organisation=grid.acme)
    assert not hr.has_app
    await platform.grant(hr)
    assert await teams(grid) == {each.team.team_id for each in (grid.sales, grid.legal, hr)}
    await platform.withdraw(grid.sales)
    assert await teams(grid) == {each.team.team_id for each in (grid.legal, hr)}
    told = [(event["type"], event["team_ids"]) for event in platform_app.events]
    assert told == [
        ("team_access_granted", [hr.team.team_id]),
        ("team_access_revoked", [grid.sales.team.team_id]),
    ]
    await talk(grid.sales)
    await talk(hr)
    assert platform_app.received[-1]["payload"]["team_id"] == hr.team.team_id
    assert len(platform_app.received) == 3


async def teams(grid: Grid) -> set[str]:
    return {each["id"] for each in (await grid.api.auth_teams_list())["teams"]}


async def talk(workspace: Workspace) -> None:
    await workspace.say(workspace.add_person("ann"), workspace.add_channel("general"), "Hello")
