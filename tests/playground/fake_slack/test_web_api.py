import asyncio
import math

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace


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
    """Each method needs its kind of token; other tokens are refused with Slack's errors."""
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
