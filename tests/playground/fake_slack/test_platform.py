"""Many workspaces on one server: what belongs to each, and what they share."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import AuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


def client(workspace: Workspace, session: aiohttp.ClientSession) -> AsyncWebClient:
    return AsyncWebClient(
        workspace.bot_token, base_url=workspace.url, session=session, retry_handlers=[]
    )


async def test_a_call_finds_its_workspace(
    platform: SlackPlatform, session: aiohttp.ClientSession
) -> None:
    """The token decides in which workspace a call takes effect, and that one records it."""
    first, second = (platform.add_workspace(name) for name in ("First", "Second"))
    for workspace in (first, second):
        platform.install(workspace)
    general = second.add_channel("general")
    await client(second, session).chat_postMessage(channel=general.id, text="Hello")
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client(first, session).chat_postMessage(channel=general.id, text="Hello")
    assert [message.text for message in second.messages.values()] == ["Hello"]
    assert not first.messages
    assert [[call.error for call in each.calls] for each in (first, second)] == [
        ["channel_not_found"],
        [""],
    ]


def test_nothing_has_the_id_of_something_else(platform: SlackPlatform) -> None:
    """Ids differ between the workspaces of a server; the app is the same in each."""
    workspaces = [platform.add_workspace(f"Workspace {number}") for number in range(300)]
    ids = [each.team.team_id for each in workspaces]
    for workspace in workspaces:
        ids += [workspace.bot.id, workspace.bot.bot_id, workspace.add_person("ann").id]
        ids += [workspace.add_channel("general").id]
    assert len(ids) == len(set(ids)) == 1500
    assert {each.bot.app_id for each in workspaces} == {platform.app.app_id}


async def test_events_name_their_workspace(platform: SlackPlatform, platform_app: BareApp) -> None:
    """All events come over the app's connection, each with the workspace and its bot."""
    workspaces = [platform.add_workspace(name) for name in ("First", "Second")]
    for workspace in workspaces:
        platform.install(workspace)
        await workspace.say(workspace.add_person("ann"), workspace.add_channel("general"), "Hello")
    payloads = [frame["payload"] for frame in platform_app.received]
    expected = [each.team.team_id for each in workspaces]
    assert [payload["team_id"] for payload in payloads] == expected
    assert [payload["context_team_id"] for payload in payloads] == expected
    assert [payload["authorizations"] for payload in payloads] == [
        [
            {
                "enterprise_id": None,
                "team_id": each.team.team_id,
                "user_id": each.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ]
        for each in workspaces
    ]
    assert {payload["api_app_id"] for payload in payloads} == {platform.app.app_id}
    assert [len(each.deliveries) for each in workspaces] == [1, 1]


async def test_a_workspace_without_the_app(platform: SlackPlatform, platform_app: BareApp) -> None:
    """The app gets nothing from a workspace in which it is not installed, and has no token."""
    workspace = platform.add_workspace("Elsewhere")
    ann = workspace.add_person("ann")
    await workspace.say(ann, workspace.add_channel("general"), f"{workspace.bot.mention} hello")
    await workspace.open_home(ann)
    assert not workspace.deliveries
    assert not platform_app.received
    with pytest.raises(LookupError, match="not installed in Elsewhere"):
        _ = workspace.bot_token


async def test_faults_and_limits_are_a_workspaces_own(
    platform: SlackPlatform, session: aiohttp.ClientSession
) -> None:
    """One workspace hangs, one is at its limit, one has lost its token; the fourth works."""
    hanging, limited, revoked, fine = (platform.add_workspace(name) for name in "abcd")
    for workspace in (hanging, limited, revoked, fine):
        platform.install(workspace)
    hanging.faults.add("auth.test", Fault.hang(), times=100)
    limited.limits = RateLimits(users=1)
    revoked.token_error = "token_revoked"
    waiting = asyncio.create_task(client(hanging, session).auth_test())
    await platform.until(lambda: hanging.held_calls)
    await client(limited, session).users_list()
    with pytest.raises(SlackApiError, match="ratelimited"):
        await client(limited, session).users_list()
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client(revoked, session).users_list()
    for _ in range(2):
        await client(fine, session).users_list()
    assert (await client(fine, session).auth_test())["team_id"] == fine.team.team_id
    assert not waiting.done()
    hanging.release_calls()
    assert (await waiting)["team_id"] == hanging.team.team_id


async def test_addresses_belong_to_a_workspace(
    platform: SlackPlatform, platform_app: BareApp, session: aiohttp.ClientSession
) -> None:
    """Response URLs, upload URLs and downloads lead to the workspace that gave them out."""
    first, second = (platform.add_workspace(name) for name in ("First", "Second"))
    for workspace in (first, second):
        platform.install(workspace)
    ann, general = second.add_person("ann"), second.add_channel("general")
    await second.command(ann, general, "/usage", "")
    url = platform_app.received[-1]["payload"]["response_url"]
    async with session.post(url, json={"text": "Here it is"}) as response:
        assert response.status == 200
    assert [each.text for each in second.ephemerals] == ["Here it is"]
    api = client(second, session)
    await api.files_upload_v2(channel=general.id, filename="a.txt", content="text")
    (file,) = second.files
    assert not [*first.files]
    for workspace, status in ((second, b"text"), (first, b"")):
        headers = {"Authorization": f"Bearer {workspace.bot_token}"}
        async with session.get(second.files.json(file)["url_private"], headers=headers) as response:
            assert (await response.read() if response.status == 200 else b"") == status


async def test_opening_the_authorize_url(platform: SlackPlatform) -> None:
    """Slack's page wants the app's own client and known scopes; Allow leads back to the app."""
    workspace = platform.add_workspace("First")
    link = AuthorizeUrlGenerator(
        client_id=platform.app.client_id,
        scopes=["chat:write", "commands"],
        redirect_uri="https://bot.test/slack/oauth_redirect",
    ).generate("a-state")
    approval = platform.open(link, workspace)
    url = urlsplit(approval.redirect_url)
    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://bot.test/slack/oauth_redirect"
    assert parse_qs(url.query) == {"code": [approval.code], "state": ["a-state"]}
    assert approval.installation.scopes == {"chat:write", "commands"}
    for wrong in (link.replace(platform.app.client_id, "1.2"), link.replace("commands", "fly")):
        with pytest.raises(RefusedError):
            platform.open(wrong, workspace)


async def test_calls_about_no_workspace(
    platform: SlackPlatform, session: aiohttp.ClientSession
) -> None:
    """The platform records calls without a known token, and its faults hit them."""
    api = AsyncWebClient("xoxb-unknown", base_url=platform.url, session=session, retry_handlers=[])
    platform.faults.add("auth.test", Fault.error("fatal_error"))
    for error in ("fatal_error", "invalid_auth"):
        with pytest.raises(SlackApiError, match=error):
            await api.auth_test()
    assert [call.error for call in platform.calls] == ["fatal_error", "invalid_auth"]


async def test_waiting_in_vain(platform: SlackPlatform) -> None:
    """A timeout error says what has happened in each workspace."""
    platform.add_workspace("First")
    with pytest.raises(TimeoutError, match=r"(?s)First: 0 connections.*0 messages"):
        await platform.until(lambda: False, timeout=0.01)
