from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


@pytest.fixture
async def place(workspace: Workspace, api: AsyncWebClient) -> dict[str, Any]:
    channel = workspace.add_channel("general")
    answer = await api.chat_postMessage(channel=channel.id, text="a")
    return {"channel_id": channel.id, "thread_ts": answer["ts"]}


async def test_a_session(workspace: Workspace, api: AsyncWebClient, place: dict[str, Any]) -> None:
    """The first call begins the session, with its title; later ones only set the status."""
    key = (place["channel_id"], place["thread_ts"])
    answer = await api.agents_sessions_setStatus(**place, status="processing", title="First")
    assert (answer["status"], answer["agent_status"]) == ("processing", "processing")
    await api.agents_sessions_setStatus(**place, status="active", title="Second")
    assert workspace.sessions[key] == "active"
    assert workspace.titles[key] == "First"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"status": "busy"}, "invalid_arguments"),
        ({"status": ""}, "invalid_arguments"),
        ({"title": "a" * 201}, "invalid_arguments"),
        ({"thread_ts": "1.0"}, "thread_not_found"),
        ({"channel_id": "C404"}, "channel_not_found"),
    ],
)
async def test_what_is_refused(
    workspace: Workspace,
    api: AsyncWebClient,
    place: dict[str, Any],
    change: dict[str, str],
    error: str,
) -> None:
    """A session needs a known status, a short title and a thread."""
    arguments = {**place, "status": "active", **change}
    with pytest.raises(SlackApiError, match=error):
        await api.api_call("agents.sessions.setStatus", json=arguments)
    assert not workspace.sessions


async def test_only_for_agents(
    workspace: Workspace, api: AsyncWebClient, place: dict[str, Any]
) -> None:
    """An app that is not declared as an agent has no sessions."""
    workspace.is_agent = False
    with pytest.raises(SlackApiError, match="not_authorized"):
        await api.agents_sessions_setStatus(**place, status="active")
