import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.workspace import Workspace

MARKDOWN = [{"type": "markdown", "text": "**hello**"}]


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return workspace.add_channel("general")


async def test_posting(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """A posted message is returned as stored, by the bot, in its thread."""
    parent = await api.chat_postMessage(channel=channel.id, text="a")
    reply = await api.chat_postMessage(
        channel=channel.id,
        text="b",
        blocks=MARKDOWN,
        thread_ts=parent["ts"],
        metadata={"event_type": "reply", "event_payload": {"part": 1}},
    )
    assert reply["message"]["bot_id"] == workspace.bot.bot_id
    assert reply["message"]["thread_ts"] == parent["ts"]
    stored = workspace.messages[channel.id, reply["ts"]]
    assert stored.shown == "**hello**"
    assert stored.text == "b"
    assert stored.metadata == {"event_type": "reply", "event_payload": {"part": 1}}
    assert [m.ts for m in workspace.thread(channel, parent["ts"])] == [parent["ts"], reply["ts"]]


async def test_a_reply_to_a_reply(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """Threads do not nest: a reply to a reply joins the same thread."""
    parent = await api.chat_postMessage(channel=channel.id, text="a")
    reply = await api.chat_postMessage(channel=channel.id, text="b", thread_ts=parent["ts"])
    await api.chat_postMessage(channel=channel.id, text="c", thread_ts=reply["ts"])
    assert [message.text for message in workspace.thread(channel, parent["ts"])] == ["a", "b", "c"]


async def test_a_thread_without_its_first_message(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """A thread goes on without its first message; after its last, posts go to the channel."""
    first = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    reply = (await api.chat_postMessage(channel=channel.id, text="b", thread_ts=first))["ts"]
    await api.chat_delete(channel=channel.id, ts=first)
    more = await api.chat_postMessage(channel=channel.id, text="c", thread_ts=first)
    assert more["message"]["thread_ts"] == first
    assert [message.text for message in workspace.thread(channel, first)] == ["b", "c"]
    for ts in (first, "1.000001"):
        with pytest.raises(SlackApiError, match="message_not_found"):
            await api.chat_update(channel=channel.id, ts=ts, text="d")
    for ts in (reply, more["ts"]):
        await api.chat_delete(channel=channel.id, ts=ts)
    for gone in (first, reply):
        answer = await api.chat_postMessage(channel=channel.id, text="d", thread_ts=gone)
        assert "thread_ts" not in answer["message"]


async def test_posting_to_a_person(workspace: Workspace, api: AsyncWebClient) -> None:
    """A person's id as the channel means the direct message with them."""
    ann = workspace.add_person("ann")
    answer = await api.chat_postMessage(channel=ann.id, text="a")
    assert answer["channel"] == workspace.direct_message(ann).id


async def test_very_long_text(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """Posted text is cut off after 40,000 characters."""
    answer = await api.chat_postMessage(channel=channel.id, text="a" * 40_001)
    assert len(workspace.messages[channel.id, answer["ts"]].text) == 40_000


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"markdown_text": "a", "text": "b"}, "markdown_text_conflict"),
        ({"markdown_text": "a", "blocks": MARKDOWN}, "markdown_text_conflict"),
        ({"markdown_text": "a" * 12_001}, "msg_too_long"),
        ({"blocks": [{"type": "hologram"}]}, "invalid_blocks"),
        ({"blocks": "no JSON"}, "invalid_blocks_format"),
        ({"text": "a", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "a", "metadata": {"event_payload": {}}}, "invalid_metadata_format"),
        ({"text": "a", "thread_ts": "1.000001"}, "thread_not_found"),
    ],
)
async def test_what_cannot_be_posted(
    api: AsyncWebClient, channel: Channel, content: dict[str, Any], error: str
) -> None:
    """Posts that Slack refuses are refused with the same error."""
    with pytest.raises(SlackApiError) as refused:
        await api.api_call("chat.postMessage", json={"channel": channel.id, **content})
    assert refused.value.response["error"] == error


async def test_where_the_bot_cannot_post(workspace: Workspace, api: AsyncWebClient) -> None:
    """The bot posts only where it is a member, and does not see other private channels."""
    refused = []
    closed = workspace.add_channel("closed")
    closed.archived = True
    for channel_id in (
        "C404",
        workspace.add_channel("secret", private=True, with_bot=False).id,
        workspace.add_channel("open", with_bot=False).id,
        closed.id,
    ):
        with pytest.raises(SlackApiError) as failed:
            await api.chat_postMessage(channel=channel_id, text="a")
        refused.append(failed.value.response["error"])
    assert refused == ["channel_not_found", "channel_not_found", "not_in_channel", "is_archived"]


async def test_missing_arguments(api: AsyncWebClient) -> None:
    """A missing argument is named in the answer."""
    with pytest.raises(SlackApiError) as refused:
        await api.api_call("chat.postMessage", json={"text": "a"})
    assert refused.value.response["error"] == "invalid_arguments"
    messages = refused.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: channel"]


async def test_edits_through_blocks_leave_no_mark(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """An update through blocks shows no "(edited)"; one through text does, and drops the blocks."""
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    message = workspace.messages[channel.id, ts]
    await api.chat_update(channel=channel.id, ts=ts, text="b", blocks=MARKDOWN)
    assert (message.text, message.shown, message.edited) == ("b", "**hello**", None)
    answer = await api.chat_update(channel=channel.id, ts=ts, text="c")
    assert answer["text"] == "c"
    assert (message.shown, list(message.blocks)) == ("c", [])
    assert message.edited is not None
    assert [version.shown for version in message.versions] == ["a", "**hello**", "c"]
    assert message.versions[0].at <= message.versions[1].at <= message.versions[2].at


async def test_metadata_is_kept(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """An update without metadata keeps the old metadata; one with metadata replaces it."""
    first = {"event_type": "reply", "event_payload": {"part": 1}}
    second = {"event_type": "reply", "event_payload": {"part": 2}}
    ts = (await api.chat_postMessage(channel=channel.id, text="a", metadata=first))["ts"]
    message = workspace.messages[channel.id, ts]
    await api.chat_update(channel=channel.id, ts=ts, text="b")
    assert message.metadata == first
    await api.chat_update(channel=channel.id, ts=ts, text="c", metadata=second)
    assert message.metadata == second


async def test_what_cannot_be_updated(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """Updates that Slack refuses are refused with the same error."""
    ann = workspace.add_person("ann")
    workspace.feed.connection_timeout = 0
    theirs = await workspace.say(ann, channel, "hi")
    ours = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    gone = (await api.chat_postMessage(channel=channel.id, text="b"))["ts"]
    await api.chat_delete(channel=channel.id, ts=gone)
    errors = []
    for ts, text, archived in (
        (theirs.ts, "c", False),
        (gone, "c", False),
        (ours, "c" * 4_001, False),
        (ours, "", False),
        (ours, "c", True),
    ):
        channel.archived = archived
        with pytest.raises(SlackApiError) as refused:
            await api.api_call("chat.update", json={"channel": channel.id, "ts": ts, "text": text})
        errors.append(refused.value.response["error"])
    assert errors == [
        "cant_update_message",
        "message_not_found",
        "msg_too_long",
        "no_text",
        "is_inactive",
    ]


async def test_deleting(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """The bot deletes its own messages, and nobody else's."""
    ann = workspace.add_person("ann")
    workspace.feed.connection_timeout = 0
    theirs = await workspace.say(ann, channel, "hi")
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    await api.chat_delete(channel=channel.id, ts=ts)
    assert workspace.messages[channel.id, ts].deleted
    assert workspace.thread(channel, ts) == []
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await api.chat_delete(channel=channel.id, ts=theirs.ts)


async def test_ephemeral(workspace: Workspace, api: AsyncWebClient, channel: Channel) -> None:
    """Only one member of the channel sees an ephemeral message, and it is not stored."""
    ann = workspace.add_person("ann")
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await api.chat_postEphemeral(channel=channel.id, user=ann.id, text="a")
    channel.members.add(ann.id)
    await api.chat_postEphemeral(channel=channel.id, user=ann.id, text="a")
    (notice,) = workspace.ephemerals
    assert (notice.channel, notice.user, notice.text) == (channel.id, ann.id, "a")
    assert not workspace.messages


async def test_ephemeral_in_a_thread(
    workspace: Workspace, api: AsyncWebClient, channel: Channel
) -> None:
    """An ephemeral message is shown in its thread, and waiters are notified."""
    ann = workspace.add_person("ann")
    channel.members.add(ann.id)
    ts = (await api.chat_postMessage(channel=channel.id, text="a"))["ts"]
    waiting = asyncio.create_task(workspace.until(lambda: workspace.ephemerals))
    await api.chat_postEphemeral(channel=channel.id, user=ann.id, text="b", thread_ts=ts)
    (notice,) = await waiting
    assert (notice.thread_ts, notice.text) == (ts, "b")
    assert [message.text for message in workspace.thread(channel, ts)] == ["a"]
