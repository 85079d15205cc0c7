from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace


@pytest.fixture
async def parent(workspace: Workspace, api: AsyncWebClient) -> PostedMessage:
    channel = workspace.direct_message(workspace.add_person("ann"))
    answer = await api.chat_postMessage(channel=channel.id, text="a")
    return workspace.messages[channel.id, answer["ts"]]


@pytest.fixture
async def stream(workspace: Workspace, api: AsyncWebClient, parent: PostedMessage) -> PostedMessage:
    answer = await api.chat_startStream(
        channel=parent.channel, thread_ts=parent.ts, markdown_text="one"
    )
    return workspace.messages[parent.channel, answer["ts"]]


async def test_a_stream(api: AsyncWebClient, stream: PostedMessage) -> None:
    """A stream grows with each append; the stop ends it and adds blocks below."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    assert stream.shown == "one"
    await api.chat_appendStream(**where, markdown_text=" two")
    assert stream.shown == "one two"
    footer = {"type": "context", "elements": [{"type": "mrkdwn", "text": "fin"}]}
    metadata = {"event_type": "reply", "event_payload": {}}
    await api.chat_stopStream(**where, markdown_text=" three", blocks=[footer], metadata=metadata)
    assert stream.shown == "one two three\nfin"
    assert stream.metadata == metadata
    assert [state.text for state in stream.versions] == ["one", "one two", *["one two three"]]
    assert stream.edited is None


async def test_updates_have_to_wait(api: AsyncWebClient, stream: PostedMessage) -> None:
    """A message can be updated only once its stream is stopped."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await api.chat_update(**where, text="b")
    await api.chat_stopStream(**where)
    await api.chat_update(**where, text="b")
    assert stream.shown == "b"


async def test_streams_die(
    workspace: Workspace, api: AsyncWebClient, stream: PostedMessage
) -> None:
    """A stream that is too old refuses appends, and chat.update works instead."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    workspace.streams.lifetime = 0
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await api.chat_appendStream(**where, markdown_text=" two")
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await api.chat_stopStream(**where)
    await api.chat_update(**where, text="b")


async def test_stopped_by_the_person(
    workspace: Workspace, api: AsyncWebClient, stream: PostedMessage
) -> None:
    """After a person pressed stop, further appends are refused as stopped_by_user."""
    workspace.streams.stop_by_user(stream)
    with pytest.raises(SlackApiError, match="stopped_by_user"):
        await api.chat_appendStream(channel=stream.channel, ts=stream.ts, markdown_text=" two")


async def test_what_is_no_stream(
    workspace: Workspace, api: AsyncWebClient, parent: PostedMessage
) -> None:
    """A posted message is not a stream, and other people's messages are not the app's."""
    workspace.feed.connection_timeout = 0
    channel = workspace.channels[parent.channel]
    theirs = await workspace.say(workspace.add_person("ben"), channel, "a")
    for ts, error in (
        (parent.ts, "message_not_in_streaming_state"),
        (theirs.ts, "message_not_owned_by_app"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await api.chat_appendStream(channel=channel.id, ts=ts, markdown_text="b")


async def test_a_thread_that_is_gone(
    workspace: Workspace, api: AsyncWebClient, parent: PostedMessage
) -> None:
    """A stream for a thread that was deleted whole is written to the channel, like a post."""
    await api.chat_delete(channel=parent.channel, ts=parent.ts)
    answer = await api.chat_startStream(channel=parent.channel, thread_ts=parent.ts)
    assert workspace.messages[parent.channel, answer["ts"]].thread_ts is None


async def test_what_a_start_takes(workspace: Workspace, api: AsyncWebClient) -> None:
    """A stream needs a thread, and in a channel a recipient."""
    channel = workspace.add_channel("general")
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    start: dict[str, str] = {"channel": channel.id}
    for name, value, error in (
        ("thread_ts", ts, "invalid_arguments"),
        ("recipient_user_id", workspace.bot.id, "missing_recipient_user_id"),
        ("recipient_team_id", workspace.team.team_id, "missing_recipient_team_id"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await api.api_call("chat.startStream", json=start)
        start[name] = value
    assert (await api.api_call("chat.startStream", json=start))["ok"]


async def test_chunks(api: AsyncWebClient, stream: PostedMessage) -> None:
    """Text can come in chunks, up to 12,000 characters a call, and never empty."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    chunks = [{"type": "markdown_text", "text": " two"}, {"type": "markdown_text", "text": "!"}]
    await api.chat_appendStream(**where, chunks=chunks)
    assert stream.shown == "one two!"
    for text, error in (("", "no_text"), ("a" * 12_001, "msg_too_long")):
        with pytest.raises(SlackApiError, match=error):
            await api.chat_appendStream(**where, markdown_text=text)
