"""auth.* and apps.uninstall."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


@pytest.fixture
def workspace(platform: SlackPlatform) -> Workspace:
    workspace = platform.add_workspace("First")
    platform.install(workspace)
    return workspace


async def test_the_token_of_an_organisation(
    platform: SlackPlatform, session: aiohttp.ClientSession
) -> None:
    """auth.test names the organisation, and auth.teams.list has its workspaces."""
    acme = platform.add_organisation("Acme Inc")
    sales = platform.add_workspace("Sales", organisation=acme)
    platform.add_workspace("Elsewhere")
    platform.install(acme)
    api = AsyncWebClient(sales.bot_token, base_url=platform.url, session=session)
    answer = await api.auth_test()
    assert answer["is_enterprise_install"] is True
    assert (answer["team"], answer["team_id"]) == ("Acme Inc", acme.enterprise_id)
    assert answer["enterprise_id"] == acme.enterprise_id
    assert answer["user_id"] == sales.bot.id == acme.bot_user
    teams = (await api.auth_teams_list())["teams"]
    assert teams == [{"id": sales.team.team_id, "name": "Sales"}]


async def test_a_token_says_when_it_expires(
    platform: SlackPlatform, session: aiohttp.ClientSession
) -> None:
    """auth.test gives the seconds that are left of a token that rotates."""
    platform.installations.rotates_tokens = True
    workspace = platform.add_workspace("First")
    platform.install(workspace)
    api = AsyncWebClient(workspace.bot_token, base_url=platform.url, session=session)
    before = (await api.auth_test())["expires_in"]
    platform.move_clock(3600)
    assert 3599 <= before - (await api.auth_test())["expires_in"] <= 3700


async def test_revoking(
    platform: SlackPlatform,
    workspace: Workspace,
    platform_app: BareApp,
    session: aiohttp.ClientSession,
) -> None:
    """Without token rotation the app gets tokens_revoked, and is not uninstalled."""
    api = AsyncWebClient(workspace.bot_token, base_url=platform.url, session=session)
    assert (await api.auth_revoke(test=True))["revoked"] is False
    assert (await api.auth_revoke())["revoked"] is True
    await platform_app.changes.until(lambda: platform_app.received)
    assert [event["type"] for event in platform_app.events] == ["tokens_revoked"]
    assert platform_app.events[0]["tokens"] == {"oauth": [], "bot": [workspace.bot.id]}
    with pytest.raises(SlackApiError, match="token_revoked"):
        await api.auth_test()
    assert workspace.has_app


async def test_revoking_one_of_two_tokens(
    platform: SlackPlatform, platform_app: BareApp, session: aiohttp.ClientSession
) -> None:
    """With token rotation the installation lasts, and so does its other token."""
    platform.installations.rotates_tokens = True
    workspace = platform.add_workspace("First")
    installation = platform.install(workspace)
    old = workspace.bot_token
    platform.installations.issue(installation)
    api = AsyncWebClient(base_url=platform.url, session=session)
    await api.auth_revoke(token=old)
    with pytest.raises(SlackApiError, match="token_revoked"):
        await api.auth_test(token=old)
    assert (await api.auth_test(token=workspace.bot_token))["ok"]
    await workspace.say(workspace.add_person("ann"), workspace.add_channel("general"), "Hello")
    assert [event["type"] for event in platform_app.events] == ["message"]


async def test_uninstalling_by_the_app(
    platform: SlackPlatform,
    workspace: Workspace,
    platform_app: BareApp,
    session: aiohttp.ClientSession,
) -> None:
    """apps.uninstall needs the app's credentials; then both events come and all tokens end."""
    api = AsyncWebClient(workspace.bot_token, base_url=platform.url, session=session)
    client_id, secret = platform.app.client_id, platform.app.client_secret
    with pytest.raises(SlackApiError, match="bad_client_secret"):
        await api.apps_uninstall(client_id=client_id, client_secret="guessed")
    await api.apps_uninstall(client_id=client_id, client_secret=secret)
    await platform_app.changes.until(lambda: len(platform_app.received) == 2)
    assert {event["type"] for event in platform_app.events} == {"app_uninstalled", "tokens_revoked"}
    assert not workspace.has_app
    with pytest.raises(SlackApiError, match="account_inactive"):
        await api.auth_test()


async def test_the_events_of_a_removal(
    platform: SlackPlatform, workspace: Workspace, platform_app: BareApp
) -> None:
    """They name the workspace, nobody is authorised any more, and they can come late and twice."""
    async with workspace.hold_events() as held:
        await workspace.uninstall()
        assert not platform_app.received
        platform.install(workspace)
    assert len(held) == 2
    await workspace.redeliver(held[0])
    payloads = [frame["payload"] for frame in platform_app.received]
    assert [payload["event"]["type"] for payload in payloads] == [
        "app_uninstalled",
        "tokens_revoked",
        "app_uninstalled",
    ]
    assert payloads[0]["event_id"] == payloads[2]["event_id"] != payloads[1]["event_id"]
    assert {payload["team_id"] for payload in payloads} == {workspace.team.team_id}
    assert not any("authorizations" in payload for payload in payloads)
