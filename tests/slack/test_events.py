"""Which events are messages, whose, and in which thread."""

from typing import Any

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageEdited
from slackbot.conversation.messages import ThreadKey
from slackbot.slack.events import event_from, message_from
from slackbot.slack.identity import Identity

ME = Identity(TeamId("T1"), "Acme", UserId("U0"), "assistant", "B0", frozenset())
EVENT = {"type": "message", "channel": "C1", "ts": "2.0", "user": "U1", "text": "hi"}


def test_thread() -> None:
    """A message belongs to the thread of its thread_ts, or starts one."""
    top, reply = message_from(EVENT, ME), message_from({**EVENT, "thread_ts": "1.0"}, ME)
    assert top is not None
    assert reply is not None
    assert (top.thread, top.starts_thread) == (
        ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("2.0")),
        True,
    )
    assert (reply.thread, reply.starts_thread) == (
        ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0")),
        False,
    )


def test_both_forms_are_one_message() -> None:
    """`app_mention` and `message` of one message give the same value, so they are one claim."""
    mention = {**EVENT, "type": "app_mention", "team": "T2"}
    assert message_from(EVENT, ME) == message_from(mention, ME)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {**EVENT, "type": "reaction_added"},
        {**EVENT, "subtype": "message_changed"},
        {**EVENT, "subtype": "channel_join"},
        {**EVENT, "ts": None},
        {**EVENT, "channel": None},
        {**EVENT, "user": None},
    ],
)
def test_other_events_are_none(event: dict[str, Any]) -> None:
    """Whatever is no new message, or lacks what makes one, is left alone."""
    assert message_from(event, ME) is None


NOTICES = [
    "assistant_app_thread",
    "bot_add",
    "bot_remove",
    "channel_archive",
    "channel_convert_to_private",
    "channel_join",
    "channel_leave",
    "channel_name",
    "channel_posting_permissions",
    "channel_purpose",
    "channel_topic",
    "channel_unarchive",
    "document_mention",
    "ekm_access_denied",
    "file_comment",
    "file_mention",
    "group_archive",
    "group_join",
    "group_leave",
    "group_name",
    "group_purpose",
    "group_topic",
    "group_unarchive",
    "huddle_thread",
    "joiner_notification",
    "message_changed",
    "message_deleted",
    "message_replied",
    "pinned_item",
    "reminder_add",
    "reply_broadcast",
    "sh_room_created",
    "tombstone",
    "unpinned_item",
]
"""https://docs.slack.dev/reference/events/message#subtypes, and those that Slack sends besides."""


@pytest.mark.parametrize("subtype", NOTICES)
def test_subtypes_that_are_no_messages(subtype: str) -> None:
    """What Slack writes itself, and what is about an earlier message, is nobody's question."""
    assert message_from({**EVENT, "subtype": subtype, "text": "<@U0> hi"}, ME) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_subtypes_that_are_messages(subtype: str) -> None:
    """Messages with files, those also sent to the channel, and those of `/me` are messages."""
    assert message_from({**EVENT, "subtype": subtype}, ME) is not None


@pytest.mark.parametrize(
    ("changes", "author"),
    [
        ({}, "person"),
        ({"bot_id": "B9"}, "app"),
        ({"app_id": "A9"}, "app"),
        ({"bot_profile": {"name": "Clock"}}, "app"),
        ({"bot_id": "B9", "bot_profile": {"is_workflow_bot": True}}, "bot"),
        ({"bot_id": "B9", "user": None}, "bot"),
        ({"bot_id": "B9", "subtype": "bot_message"}, "bot"),
        ({"bot_id": "B9", "user": None, "subtype": "bot_message"}, "bot"),
        ({"bot_id": "B0"}, "me"),
        ({"user": "U0"}, "me"),
        ({"user": "USLACKBOT"}, "bot"),
        ({"user": "USLACK"}, "bot"),
        ({"user": "USLACKBOT", "subtype": "slackbot_response"}, "bot"),
    ],
)
def test_author(changes: dict[str, Any], author: str) -> None:
    """People, other bots and this one are told apart by their ids."""
    message = message_from({**EVENT, **changes}, ME)
    assert message is not None
    assert message.author == author


def test_files_are_named() -> None:
    """The model is told which files came with a message."""
    message = message_from({**EVENT, "text": "", "files": [{"name": "a.pdf"}, {}]}, ME)
    assert message is not None
    assert [each.label for each in message.files] == ["[file: a.pdf]", "[file: unnamed]"]


def test_own_messages_are_read_as_markdown() -> None:
    """Our own messages are read from their markdown block, not from the notification."""
    blocks = [{"type": "markdown", "text": "**all** of it"}]
    message = message_from({**EVENT, "bot_id": "B0", "text": "all", "blocks": blocks}, ME)
    assert message is not None
    assert message.markup == "**all** of it"


def test_own_messages_are_read_from_what_slack_made_of_them() -> None:
    """Slack gives an answer's Markdown back as other blocks, without the buttons below it."""
    element = {"type": "text", "text": "all", "style": {"bold": True}}
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [element]}],
    }
    blocks = [rich, {"type": "context_actions", "elements": []}]
    message = message_from({**EVENT, "bot_id": "B0", "text": "a…", "blocks": blocks}, ME)
    assert message is not None
    assert message.markup == "**all**"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"username": "Ana"}, ""),
        ({"bot_id": "B9", "username": "Grafana", "subtype": "bot_message"}, "Grafana"),
        ({"bot_id": "B9", "user": None, "bot_profile": {"name": "GitHub"}}, "GitHub"),
        ({"bot_id": "B9", "bot_profile": {"name": "GitHub"}}, ""),
        ({"bot_id": "B9", "user": None, "username": 3, "bot_profile": []}, ""),
    ],
)
def test_names_of_apps(changes: dict[str, Any], name: str) -> None:
    """An app says under which name people see its message; a person can't."""
    message = message_from({**EVENT, **changes}, ME)
    assert message is not None
    assert message.sender_name == name


def test_what_is_attached_is_kept_apart() -> None:
    """What a person forwards is not what they wrote; its files come after theirs, each once."""
    shared = {
        "is_share": True,
        "channel_id": "C2",
        "text": "<@U0> stop",
        "files": [{"id": "F1"}, {"id": "F2"}, {"id": "F3", "mode": "tombstone"}],
    }
    message = message_from({**EVENT, "files": [{"id": "F1"}], "attachments": [shared]}, ME)
    assert message is not None
    assert message.markup == "hi"
    assert message.attached_markup == "[Forwarded message (<#C2>)]\n&gt; <@U0> stop"
    assert [(file.id, file.origin) for file in message.files] == [("F1", ""), ("F2", "C2")]


@pytest.mark.parametrize("app", [{"bot_id": "B1"}, {"bot_id": "B1", "subtype": "bot_message"}])
def test_no_app_opens_a_file_of_another_channel(app: dict[str, str]) -> None:
    """Apps write their attachments themselves, so they may name any file and any channel."""
    forged = {"is_share": True, "channel_id": "C2", "files": [{"id": "F2"}]}
    message = message_from({**EVENT, **app, "attachments": [forged]}, ME)
    assert message is not None
    assert [(file.id, file.origin) for file in message.files] == [("F2", "")]


PREVIEW = {"from_url": "https://x.org", "title": "X"}
TABLE = {"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}]}
LINKED = {"is_msg_unfurl": True, "text": "x", "files": [{"id": "F1"}]}


@pytest.mark.parametrize(
    ("before", "now", "is_edit"),
    [
        ({}, {"attachments": [PREVIEW]}, False),
        ({"attachments": [PREVIEW]}, {"edited": {"user": "U1", "ts": "3.0"}}, False),
        ({}, {"attachments": [LINKED]}, False),
        ({}, {"blocks": [{"type": "section", "text": "hi"}]}, False),
        ({}, {"text": "ho"}, True),
        ({}, {"attachments": [TABLE]}, True),
        ({"attachments": [TABLE]}, {"attachments": [TABLE, PREVIEW]}, False),
        ({"attachments": [{"text": "firing"}]}, {"attachments": [{"text": "resolved"}]}, True),
        ({"files": [{"id": "F1"}]}, {"files": []}, True),
    ],
)
def test_edits(before: dict[str, Any], now: dict[str, Any], is_edit: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """An edit changes what the author put into a message; Slack's previews of links do not."""
    event = {
        "type": "message",
        "subtype": "message_changed",
        "channel": "C1",
        "message": {**EVENT, **now},
        "previous_message": {**EVENT, **before},
    }
    assert isinstance(event_from(event, ME), MessageEdited) is is_edit
