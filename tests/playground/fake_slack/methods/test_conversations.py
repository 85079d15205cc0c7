from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel
from slackbot.playground.fake_slack.workspace import Workspace


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    return workspace.add_channel("general")


@pytest.fixture
async def thread(api: AsyncWebClient, channel: Channel) -> list[str]:
    """The ts of six messages "0" to "5" in a thread, with metadata."""
    timestamps: list[str] = []
    for number in range(6):
        answer = await api.chat_postMessage(
            channel=channel.id,
            text=str(number),
            thread_ts=timestamps[0] if timestamps else None,
            metadata={"event_type": "number", "event_payload": {"number": number}},
        )
        timestamps.append(answer["ts"])
    return timestamps


def texts(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


async def test_a_whole_thread(api: AsyncWebClient, channel: Channel, thread: list[str]) -> None:
    """A thread is returned oldest first, with a summary in its first message."""
    answer = await api.conversations_replies(channel=channel.id, ts=thread[3])
    assert texts(answer) == ["0", "1", "2", "3", "4", "5"]
    assert answer["has_more"] is False
    parent, reply = answer["messages"][:2]
    assert (parent["reply_count"], parent["latest_reply"]) == (5, thread[5])
    assert reply["thread_ts"] == thread[0]
    assert "reply_count" not in reply


async def test_pages(api: AsyncWebClient, channel: Channel, thread: list[str]) -> None:
    """A long thread comes in pages, each with a cursor for the next."""
    seen, cursor = [], ""
    while True:
        answer = await api.conversations_replies(
            channel=channel.id, ts=thread[0], limit=4, cursor=cursor
        )
        seen.append(texts(answer))
        cursor = answer["response_metadata"]["next_cursor"]
        assert answer["has_more"] is bool(cursor)
        if not cursor:
            break
    assert seen == [["0", "1", "2", "3"], ["4", "5"]]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await api.conversations_replies(channel=channel.id, ts=thread[0], cursor="?")


@pytest.mark.parametrize(
    ("inclusive", "expected"), [(False, ["0", "3"]), (True, ["0", "2", "3", "4"])]
)
async def test_bounds(
    api: AsyncWebClient,
    channel: Channel,
    thread: list[str],
    expected: list[str],
    *,
    inclusive: bool,
) -> None:
    """Replies can be limited to a time range; the first message is always included."""
    answer = await api.conversations_replies(
        channel=channel.id,
        ts=thread[0],
        oldest=thread[2],
        latest=thread[4],
        inclusive=inclusive,
    )
    assert texts(answer) == expected


async def test_metadata_on_request(
    api: AsyncWebClient, channel: Channel, thread: list[str]
) -> None:
    """Metadata is returned only on request."""
    plain = await api.conversations_replies(channel=channel.id, ts=thread[0])
    assert not any("metadata" in message for message in plain["messages"])
    full = await api.conversations_replies(
        channel=channel.id, ts=thread[0], include_all_metadata=True
    )
    assert full["messages"][1]["metadata"]["event_payload"] == {"number": 1}


async def test_a_thread_without_its_first_message(
    workspace: Workspace, api: AsyncWebClient, channel: Channel, thread: list[str]
) -> None:
    """A thread whose first message was deleted begins with a tombstone, until all of it is gone."""
    await api.chat_delete(channel=channel.id, ts=thread[0])
    for ts in (thread[0], thread[3]):
        answer = await api.conversations_replies(channel=channel.id, ts=ts)
        assert texts(answer) == ["This message was deleted.", "1", "2", "3", "4", "5"]
    tombstone = answer["messages"][0]
    assert (tombstone["subtype"], tombstone["user"]) == ("tombstone", "USLACKBOT")
    assert (tombstone["thread_ts"], tombstone["reply_count"]) == (thread[0], 5)
    (shown,) = (await api.conversations_history(channel=channel.id))["messages"]
    assert shown == tombstone
    for ts in thread[1:]:
        await api.chat_delete(channel=channel.id, ts=ts)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await api.conversations_replies(channel=channel.id, ts=thread[0])
    assert texts(await api.conversations_history(channel=channel.id)) == []
    assert workspace.thread(channel, thread[0]) == []


async def test_no_such_thread(api: AsyncWebClient, channel: Channel) -> None:
    """A ts without a message is not a thread."""
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await api.conversations_replies(channel=channel.id, ts="1.000001")


async def test_history(api: AsyncWebClient, channel: Channel, thread: list[str]) -> None:
    """A channel's history is newest first, without the replies that were not broadcast."""
    await api.chat_postMessage(
        channel=channel.id, text="to all", thread_ts=thread[0], reply_broadcast=True
    )
    gone = (await api.chat_postMessage(channel=channel.id, text="gone"))["ts"]
    await api.chat_delete(channel=channel.id, ts=gone)
    answer = await api.conversations_history(channel=channel.id)
    assert texts(answer) == ["to all", "0"]


async def test_info(workspace: Workspace, api: AsyncWebClient) -> None:
    """conversations.info names the kind of a channel, and the person of a direct message."""
    ann = workspace.add_person("ann")
    private = workspace.add_channel("secret", private=True)
    data = (await api.conversations_info(channel=private.id))["channel"]
    assert (data["name"], data["is_group"], data["is_private"]) == ("secret", True, True)
    data = (await api.conversations_info(channel=workspace.direct_message(ann).id))["channel"]
    assert (data["is_im"], data["user"]) == (True, ann.id)


async def test_members(workspace: Workspace, api: AsyncWebClient) -> None:
    """conversations.members returns all members of a channel in pages."""
    people = [workspace.add_person(f"p{number}") for number in range(3)]
    channel = workspace.add_channel("crew", members=people)
    found: list[str] = []
    cursor = None
    while cursor != "":
        page = await api.conversations_members(channel=channel.id, limit=2, cursor=cursor)
        found += page["members"]
        cursor = page["response_metadata"]["next_cursor"]
    assert sorted(found) == sorted([workspace.bot.id, *(person.id for person in people)])


async def test_scopes_by_kind(
    workspace: Workspace, api: AsyncWebClient, channel: Channel, thread: list[str]
) -> None:
    """Reading a channel needs the scope for its kind."""
    workspace.scopes.remove("channels:history")
    with pytest.raises(SlackApiError) as refused:
        await api.conversations_replies(channel=channel.id, ts=thread[0])
    assert refused.value.response["needed"] == "channels:history"
