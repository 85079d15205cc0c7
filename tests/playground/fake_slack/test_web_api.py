import asyncio
import json
import math
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace


async def test_who_the_app_is(workspace: Workspace, api: AsyncWebClient) -> None:
    """auth.test names the team and the bot, and a header lists what the token may do."""
    workspace.scopes = {"chat:write", "users:read"}
    answer = await api.auth_test()
    assert answer["team_id"] == workspace.team.team_id
    assert answer["user_id"] == workspace.bot.id
    assert answer["bot_id"] == workspace.bot.bot_id
    assert answer.headers["x-oauth-scopes"] == "chat:write,users:read"


@pytest.mark.parametrize("way", ["query", "form", "json", "token in form"])
async def test_arguments_come_every_way(
    workspace: Workspace, session: aiohttp.ClientSession, way: str
) -> None:
    """Arguments are taken from a query, a form or a JSON body, JSON within strings decoded."""
    channel = workspace.add_channel("general")
    blocks = [{"type": "divider"}]
    fields: dict[str, Any] = {"channel": channel.id, "text": "hi", "blocks": json.dumps(blocks)}
    headers = {"Authorization": f"Bearer {workspace.bot_token}"}
    url = f"{workspace.url}chat.postMessage"
    if way == "query":
        request = session.get(url, params=fields, headers=headers)
    elif way == "form":
        request = session.post(url, data=fields, headers=headers)
    elif way == "json":
        request = session.post(url, json={**fields, "blocks": blocks}, headers=headers)
    else:
        request = session.post(url, data={**fields, "token": workspace.bot_token})
    async with request as response:
        assert (await response.json())["ok"]
    (call,) = workspace.calls
    assert call.args == {"channel": channel.id, "text": "hi", "blocks": blocks}
    assert workspace.bot_token not in repr(call)


@pytest.mark.parametrize(
    ("token", "method", "error"),
    [
        ("", "auth.test", "not_authed"),
        ("xoxb-other", "auth.test", "invalid_auth"),
        ("bot", "apps.connections.open", "not_allowed_token_type"),
        ("app", "chat.postMessage", "not_allowed_token_type"),
        ("bot", "chat.shout", "unknown_method"),
    ],
)
async def test_who_may_call(
    workspace: Workspace, session: aiohttp.ClientSession, token: str, method: str, error: str
) -> None:
    """Each method wants its kind of token; anything else is refused by name."""
    token = {"bot": workspace.bot_token, "app": workspace.app_token}.get(token, token)
    api = AsyncWebClient(token, base_url=workspace.url, session=session)
    with pytest.raises(SlackApiError, match=error):
        await api.api_call(method)
    assert workspace.calls[-1].error == error


async def test_a_revoked_token(workspace: Workspace, api: AsyncWebClient) -> None:
    """A revoked token is refused by every method."""
    workspace.token_error = "token_revoked"
    with pytest.raises(SlackApiError, match="token_revoked"):
        await api.auth_test()


async def test_missing_scope(workspace: Workspace, api: AsyncWebClient) -> None:
    """What the token may not do is refused, naming the scope that it takes."""
    workspace.scopes = {"chat:write"}
    with pytest.raises(SlackApiError) as refused:
        await api.users_info(user=workspace.bot.id)
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "users:read"
    assert refused.value.response["provided"] == "chat:write"


async def test_past_the_limit(session: aiohttp.ClientSession) -> None:
    """Past its limit a method answers 429 with Retry-After in whole seconds, and does nothing."""
    async with Workspace(limits=RateLimits(update=1)) as workspace:
        api = AsyncWebClient(workspace.bot_token, base_url=workspace.url, session=session)
        channel = workspace.add_channel("general")
        ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
        await api.chat_update(channel=channel.id, ts=ts, text="b")
        with pytest.raises(SlackApiError) as refused:
            await api.chat_update(channel=channel.id, ts=ts, text="c")
        assert refused.value.response.status_code == 429
        assert refused.value.response["error"] == "ratelimited"
        assert int(refused.value.response.headers["Retry-After"]) in (59, 60)
        assert workspace.messages[channel.id, ts].text == "b"


async def test_faults_come_as_ordered(workspace: Workspace, api: AsyncWebClient) -> None:
    """An ordered fault befalls so many calls of its method, and then all is well."""
    workspace.faults.add("auth.test", Fault.status(503), times=2)
    workspace.faults.add("auth.test", Fault.rate_limited(7))
    workspace.faults.add("auth.test", Fault.error("fatal_error"))
    seen = []
    for _ in range(4):
        with pytest.raises(SlackApiError) as failed:
            await api.auth_test()
        response = failed.value.response
        seen.append((response.status_code, response["error"], response.headers.get("Retry-After")))
    assert seen == [
        (503, "internal_error", None),
        (503, "internal_error", None),
        (429, "ratelimited", "7"),
        (200, "fatal_error", None),
    ]
    assert (await api.auth_test())["ok"]
    assert workspace.faults.pending == 0


async def test_a_fault_for_some_calls(workspace: Workspace, api: AsyncWebClient) -> None:
    """A fault can wait for the call whose arguments it is meant for."""
    channel = workspace.add_channel("general")
    workspace.faults.add(
        "chat.postMessage", Fault.error("fatal_error"), when=lambda args: args["text"] == "b"
    )
    await api.chat_postMessage(channel=channel.id, text="a")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await api.chat_postMessage(channel=channel.id, text="b")
    workspace.faults.add("chat.postMessage", Fault.error("fatal_error"))
    workspace.faults.clear()
    await api.chat_postMessage(channel=channel.id, text="b")


@pytest.mark.parametrize(("fault", "posted"), [(Fault.reset_before(), 0), (Fault.reset_after(), 1)])
async def test_reset_connections(
    workspace: Workspace, api: AsyncWebClient, fault: Fault, posted: int
) -> None:
    """A reset connection looks the same whether the call had its effect or not."""
    channel = workspace.add_channel("general")
    workspace.faults.add("chat.postMessage", fault)
    with pytest.raises(aiohttp.ClientConnectionError):
        await api.chat_postMessage(channel=channel.id, text="a")
    assert len(workspace.messages) == posted
    assert workspace.calls[-1].status == 0


async def test_a_hanging_call(workspace: Workspace, session: aiohttp.ClientSession) -> None:
    """A call that hangs has had its effect; the end of the workspace does not wait for it."""
    channel = workspace.add_channel("general")
    api = AsyncWebClient(workspace.bot_token, base_url=workspace.url, session=session)
    workspace.faults.add("chat.postMessage", Fault.hang(1000))
    hanging = asyncio.create_task(api.chat_postMessage(channel=channel.id, text="a"))
    await workspace.until(lambda: workspace.messages)
    (call,) = workspace.calls
    assert call.ended == math.inf
    hanging.cancel()


async def test_latency(session: aiohttp.ClientSession) -> None:
    """With latency a call takes that long, and has its effect halfway."""
    async with Workspace(latency=0.1) as workspace:
        api = AsyncWebClient(workspace.bot_token, base_url=workspace.url, session=session)
        channel = workspace.add_channel("general")
        await api.chat_postMessage(channel=channel.id, text="a")
        (call,) = workspace.calls
        (message,) = workspace.messages.values()
        assert message.versions[0].at - call.started >= 0.05
        assert call.ended - message.versions[0].at >= 0.05
