from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.workspace import Workspace


async def test_status(workspace: Workspace, api: AsyncWebClient) -> None:
    """A status is shown under its thread until it is emptied, or the bot posts there."""
    channel = workspace.direct_message(workspace.add_person("ann"))
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    where: Any = {"channel_id": channel.id, "thread_ts": ts}
    await api.assistant_threads_setStatus(**where, status="thinks", loading_messages=["a"])
    assert workspace.statuses == {(channel.id, ts): "thinks"}
    await api.assistant_threads_setStatus(**where, status="")
    assert workspace.statuses == {}
    await api.assistant_threads_setStatus(**where, status="thinks")
    await api.chat_postMessage(channel=channel.id, text="b", thread_ts=ts)
    assert workspace.statuses == {}
    with pytest.raises(SlackApiError, match="loading_messages"):
        await api.assistant_threads_setStatus(**where, status="a", loading_messages=["a"] * 11)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await api.assistant_threads_setStatus(channel_id=channel.id, thread_ts="1", status="a")


async def test_titles_and_prompts(workspace: Workspace, api: AsyncWebClient) -> None:
    """A thread has a title, and up to four prompts to start with."""
    channel = workspace.direct_message(workspace.add_person("ann"))
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    where: Any = {"channel_id": channel.id, "thread_ts": ts}
    await api.assistant_threads_setTitle(**where, title="About a")
    assert workspace.titles == {(channel.id, ts): "About a"}
    prompts = [{"title": "Hi", "message": "Say hi"}]
    await api.assistant_threads_setSuggestedPrompts(**where, prompts=prompts)
    assert workspace.prompts == {(channel.id, ts): prompts}
    for wrong in ([], prompts * 5, [{"title": "Hi"}]):
        with pytest.raises(SlackApiError, match="invalid_arguments"):
            await api.assistant_threads_setSuggestedPrompts(**where, prompts=wrong)
