from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace


def text(written: str) -> list[dict[str, str]]:
    return [{"type": "markdown_text", "text": written}]


def task(number: int, title: str) -> dict[str, str]:
    return {"type": "task_update", "id": f"t{number}", "title": title, "status": "complete"}


@pytest.fixture
async def parent(workspace: Workspace, api: AsyncWebClient) -> PostedMessage:
    channel = workspace.direct_message(workspace.add_person("ann"))
    answer = await api.chat_postMessage(channel=channel.id, text="a")
    return workspace.messages[channel.id, answer["ts"]]


@pytest.fixture
async def stream(workspace: Workspace, api: AsyncWebClient, parent: PostedMessage) -> PostedMessage:
    """A stream whose text comes in chunks."""
    answer = await api.chat_startStream(
        channel=parent.channel, thread_ts=parent.ts, chunks=text("one")
    )
    return workspace.messages[parent.channel, answer["ts"]]


async def test_a_stream(api: AsyncWebClient, stream: PostedMessage) -> None:
    """A stream grows with each append; the stop ends it and adds blocks below."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    assert stream.shown == "one"
    await api.chat_appendStream(**where, chunks=text(" two"))
    assert stream.shown == "one two"
    footer = {"type": "context", "elements": [{"type": "mrkdwn", "text": "fin"}]}
    metadata = {"event_type": "reply", "event_payload": {}}
    await api.chat_stopStream(**where, chunks=text(" three"), blocks=[footer], metadata=metadata)
    assert stream.shown == "one two three\nfin"
    assert stream.metadata == metadata
    assert [state.text for state in stream.versions] == ["one", "one two", *["one two three"]]
    assert stream.edited is None


async def test_updates_have_to_wait(api: AsyncWebClient, stream: PostedMessage) -> None:
    """A message can be updated or deleted only once its stream is stopped. An update replaces the
    tasks, too.
    """
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    await api.chat_appendStream(**where, chunks=[task(1, "Search")])
    with pytest.raises(SlackApiError, match="streaming_state_conflict"):
        await api.chat_update(**where, text="b")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await api.chat_delete(**where)
    await api.chat_stopStream(**where)
    assert stream.tasks
    await api.chat_update(**where, text="b")
    assert (stream.shown, stream.tasks) == ("b", {})
    await api.chat_delete(**where)
    assert stream.deleted


async def test_streams_die(
    workspace: Workspace, api: AsyncWebClient, stream: PostedMessage
) -> None:
    """A stream that is too old refuses appends, and chat.update works instead."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    workspace.streams.lifetime = 0
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await api.chat_appendStream(**where, chunks=text(" two"))
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
    """Text can come in several chunks, up to 12,000 characters a call, and never empty."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    await api.chat_appendStream(**where, chunks=[*text(" two"), *text("!")])
    assert stream.shown == "one two!"
    for written, error in (("", "no_text"), ("a" * 12_001, "msg_too_long")):
        with pytest.raises(SlackApiError, match=error):
            await api.chat_appendStream(**where, chunks=text(written))


async def test_one_form_of_text(
    api: AsyncWebClient, parent: PostedMessage, stream: PostedMessage
) -> None:
    """A stream takes its text in the form of the first call: as chunks or as markdown_text."""
    plain = await api.chat_startStream(
        channel=parent.channel, thread_ts=parent.ts, markdown_text="one"
    )
    for ts, more in ((plain["ts"], {"chunks": text("b")}), (stream.ts, {"markdown_text": "b"})):
        for method in ("chat.appendStream", "chat.stopStream"):
            late = {"channel": parent.channel, "ts": ts, **more}
            with pytest.raises(SlackApiError, match="streaming_mode_mismatch"):
                await api.api_call(method, json=late)
    both = {"markdown_text": "b", "chunks": text("b")}
    with pytest.raises(SlackApiError, match="cannot_provide_both"):
        await api.api_call(
            "chat.appendStream", json={"channel": parent.channel, "ts": stream.ts, **both}
        )
    await api.chat_appendStream(channel=parent.channel, ts=plain["ts"], markdown_text=" two")


async def test_tasks(api: AsyncWebClient, stream: PostedMessage) -> None:
    """A task has a title of 1 to 256 characters, and a message at most fifty tasks."""
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    await api.chat_appendStream(**where, chunks=[task(n, "a" * 256) for n in range(50)])
    for refused in (task(0, ""), task(0, "a" * 257), task(50, "a"), {"type": "plan"}):
        with pytest.raises(SlackApiError, match="invalid_chunks"):
            await api.chat_appendStream(**where, chunks=[refused])
    await api.chat_appendStream(**where, chunks=[task(0, "b")])
    assert stream.tasks["t0"] == ("b", "complete")
    assert len(stream.tasks) == 50


async def test_the_session_after_a_stream(
    workspace: Workspace, api: AsyncWebClient, parent: PostedMessage, stream: PostedMessage
) -> None:
    """The end of a stream sets the status of the thread's session: `active` unless it says so."""
    place: Any = {"channel_id": parent.channel, "thread_ts": parent.ts}
    where: Any = {"channel": stream.channel, "ts": stream.ts}
    await api.agents_sessions_setStatus(**place, status="processing")
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await api.chat_stopStream(**where, session_status="busy")
    await api.chat_stopStream(**where)
    assert workspace.sessions[parent.channel, parent.ts] == "active"
    again = await api.chat_startStream(channel=parent.channel, thread_ts=parent.ts)
    await api.chat_stopStream(channel=parent.channel, ts=again["ts"], session_status="processing")
    assert workspace.sessions[parent.channel, parent.ts] == "processing"
