import pytest
from slack_sdk.web.async_client import AsyncWebClient

from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.fake_slack.messages import new_version
from slackbot.playground.fake_slack.workspace import Workspace
from tests.playground.fake_slack.bare_app import BareApp


async def test_a_message_is_told(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """A person's message reaches the app as a message event of its channel."""
    message = await workspace.say(ann, channel, "a &amp; b")
    (event,) = app.events
    assert event["type"] == "message"
    assert event["channel"] == channel.id
    assert event["channel_type"] == "channel"
    assert event["user"] == ann.id
    assert event["ts"] == message.ts
    assert event["text"] == "a &amp; b"
    assert "thread_ts" not in event
    assert "bot_id" not in event


@pytest.mark.parametrize("first", [False, True])
async def test_a_mention_arrives_twice(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel, *, first: bool
) -> None:
    """A mention comes as message and app_mention, in either order, with different event ids."""
    workspace.mention_first = first
    message = await workspace.say(ann, channel, f"hi {workspace.bot.mention}")
    kinds = [event["type"] for event in app.events]
    assert kinds == (["app_mention", "message"] if first else ["message", "app_mention"])
    assert {event["ts"] for event in app.events} == {message.ts}
    assert len({frame["payload"]["event_id"] for frame in app.received}) == 2


async def test_what_is_no_mention(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """In a direct message, or from another app, a mention is only a message event."""
    await workspace.say(ann, workspace.direct_message(ann), f"hi {workspace.bot.mention}")
    other = workspace.add_person("other", bot=True)
    await workspace.say(other, workspace.add_channel("general"), f"hi {workspace.bot.mention}")
    assert [event["type"] for event in app.events] == ["message", "message"]
    assert [event["channel_type"] for event in app.events] == ["im", "channel"]
    assert app.events[1]["bot_id"] == other.bot_id


async def test_where_the_bot_is_not(workspace: Workspace, app: BareApp, ann: Person) -> None:
    """Outside its channels the app gets only mentions, and only from public channels."""
    public = workspace.add_channel("open", with_bot=False)
    private = workspace.add_channel("secret", private=True, with_bot=False)
    for channel in (public, private):
        await workspace.say(ann, channel, "hi")
        await workspace.say(ann, channel, f"hi {workspace.bot.mention}")
    assert [(event["type"], event["channel"]) for event in app.events] == [
        ("app_mention", public.id)
    ]


async def test_edits_and_deletions(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An edit or deletion arrives as a hidden event about the earlier message."""
    message = await workspace.say(ann, channel, "a")
    await workspace.edit(ann, message, "b")
    await workspace.delete(ann, message)
    _, changed, deleted = app.events
    assert (changed["subtype"], changed["hidden"]) == ("message_changed", True)
    assert changed["message"]["text"] == "b"
    edited = changed["message"]["edited"]
    assert edited["user"] == ann.id
    assert message.ts < edited["ts"] < changed["event_ts"] < deleted["event_ts"]
    assert changed["previous_message"]["text"] == "a"
    assert changed["ts"] != message.ts
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", message.ts)
    assert workspace.thread(channel, message.ts) == []


async def test_other_peoples_messages(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """Nobody edits what others wrote; an admin may delete it."""
    message = await workspace.say(ann, channel, "a")
    with pytest.raises(PermissionError):
        await workspace.edit(workspace.add_person("ben"), message, "b")
    with pytest.raises(PermissionError):
        await workspace.delete(workspace.add_person("ben"), message)
    await workspace.delete(workspace.add_person("cho", admin=True), message)
    assert message.deleted
    assert app.events[-1]["subtype"] == "message_deleted"


async def test_a_tombstone(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """A message to which there are replies changes into a tombstone instead of being deleted."""
    first = await workspace.say(ann, channel, "a")
    reply = await workspace.say(ann, channel, "b", thread=first.ts)
    await workspace.delete(ann, first)
    event = app.events[-1]
    assert (event["type"], event["subtype"], event["hidden"]) == (
        "message",
        "message_changed",
        True,
    )
    assert (event["channel"], event["channel_type"]) == (channel.id, "channel")
    assert event["ts"] == event["event_ts"] > reply.ts
    assert event["message"] == {
        "type": "message",
        "subtype": "tombstone",
        "text": "This message was deleted.",
        "user": "USLACKBOT",
        "hidden": True,
        "ts": first.ts,
        "thread_ts": first.ts,
        "parent_user_id": "USLACKBOT",
        "reply_count": 1,
        "reply_users_count": 1,
        "reply_users": [ann.id],
        "latest_reply": reply.ts,
        "is_locked": False,
        "subscribed": False,
    }
    previous = event["previous_message"]
    assert (previous["text"], previous["user"], previous["thread_ts"]) == ("a", ann.id, first.ts)
    assert first.deleted
    assert workspace.thread(channel, first.ts) == [reply]


async def test_the_end_of_a_tombstone(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """With the last reply the tombstone is deleted too, and the app gets both events."""
    first = await workspace.say(ann, channel, "a")
    replies = [await workspace.say(ann, channel, text, thread=first.ts) for text in "bc"]
    await workspace.delete(ann, first)
    for reply in replies:
        await workspace.delete(ann, reply)
    deletions = [(event["subtype"], event["deleted_ts"]) for event in app.events[4:]]
    assert deletions == [
        ("message_deleted", replies[0].ts),
        ("message_deleted", replies[1].ts),
        ("message_deleted", first.ts),
    ]
    previous = app.events[-1]["previous_message"]
    assert (previous["subtype"], previous["ts"]) == ("tombstone", first.ts)
    assert (previous["reply_count"], previous["reply_users"]) == (0, [])
    assert previous["latest_reply"] == "0000000000.000000"


async def test_deleted_replies_leave_nothing(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """A message whose replies are all deleted is deleted like one without replies."""
    first = await workspace.say(ann, channel, "a")
    reply = await workspace.say(ann, channel, "b", thread=first.ts)
    await workspace.delete(ann, reply)
    await workspace.delete(ann, first)
    assert [event["deleted_ts"] for event in app.events[2:]] == [reply.ts, first.ts]


async def test_editing_the_first_message_of_a_thread(
    workspace: Workspace, app: BareApp, ann: Person, channel: Channel
) -> None:
    """An edit of a message with replies includes their summary, before and after."""
    first = await workspace.say(ann, channel, "a")
    await workspace.say(ann, channel, "b", thread=first.ts)
    await workspace.edit(ann, first, "c")
    for message in (app.events[-1]["message"], app.events[-1]["previous_message"]):
        assert (message["thread_ts"], message["reply_count"]) == (first.ts, 1)


async def test_unfurling(
    workspace: Workspace, app: BareApp, api: AsyncWebClient, ann: Person, channel: Channel
) -> None:
    """A link's preview arrives later, as a hidden change that keeps the text and is not an edit."""
    url = "https://example.com/"
    message = await workspace.say(ann, channel, f"<{url}>")
    await workspace.unfurl(message, url, "Example")
    event = app.events[-1]
    assert (event["subtype"], event["hidden"]) == ("message_changed", True)
    assert event["message"]["text"] == event["previous_message"]["text"] == f"<{url}>"
    assert "edited" not in event["message"]
    (attachment,) = event["message"]["attachments"]
    assert (attachment["from_url"], attachment["title"]) == (url, "Example")
    assert "attachments" not in event["previous_message"]
    (shown,) = (await api.conversations_history(channel=channel.id))["messages"]
    assert shown["attachments"] == [attachment]


async def test_two_edits(workspace: Workspace, app: BareApp, ann: Person, channel: Channel) -> None:
    """Each edit has a later time than the one before; an unfurled link changes no time."""
    message = await workspace.say(ann, channel, "<https://example.com/>")
    for text in ("b", "c"):
        await workspace.edit(ann, message, text)
    await workspace.unfurl(message, "https://example.com/")
    edited = [event["message"]["edited"]["ts"] for event in app.events[1:]]
    assert edited[0] < edited[1] == edited[2]


def test_reactions(workspace: Workspace, ann: Person, channel: Channel) -> None:
    """Adding a reaction again removes it; without people the emoji disappears."""
    message = workspace.post(ann, channel, new_version("a"))
    ben = workspace.add_person("ben")
    workspace.react(ann, message, "tada")
    workspace.react(ben, message, "tada")
    assert message.reactions == {"tada": [ann.id, ben.id]}
    workspace.react(ann, message, "tada")
    workspace.react(ben, message, "tada")
    assert message.reactions == {}
