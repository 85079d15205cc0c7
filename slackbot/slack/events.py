"""Turns Slack's events into inbox events, and Slack's messages and files into ours."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.inbox_events import (
    InboxEvent,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Author, Message, ThreadKey
from slackbot.slack import message_text
from slackbot.slack.file_objects import kind_of, name_of, size_of
from slackbot.slack.identity import Identity
from slackbot.slack.json_fields import object_in, objects_in, text_in

NEW_MESSAGE_SUBTYPES = frozenset(
    {
        "",
        "bot_message",
        "file_share",
        "me_message",
        "slackbot_response",
        "thread_broadcast",
    }
)
"""The other subtypes are about an earlier message, or are notices that Slack itself writes:
somebody joined, a topic changed, a huddle began, a reminder was set up.

`me_message` is what `/me` posts, `slackbot_response` an answer that admins have set for a word.
https://docs.slack.dev/reference/events/message#subtypes
"""

SLACKS_OWN_USERS = frozenset({"USLACKBOT", "USLACK"})
"""Slackbot, and the sender of Slack's notifications. `users.info` does not call them bots.

https://docs.slack.dev/reference/objects/user-object
https://docs.slack.dev/changelog/2026/06/17/system-notifications/
"""

GONE_FILE_MODES = frozenset({"tombstone", "hidden_by_limit"})
"""Files that were deleted, or that the workspace's plan hides.

https://docs.slack.dev/reference/objects/file-object
"""


def message_from(event: Mapping[str, Any], me: Identity) -> Message | None:
    """The message in an event or in an entry of a thread's history; None if there is none.

    `app_mention` and `message` bring the same message, so the workspace is always our own. Odd
    fields raise no error, as every event has to be acknowledged.
    """
    channel, ts = ChannelId(text_in(event, "channel")), Ts(text_in(event, "ts"))
    author = UserId(text_in(event, "user") or text_in(event, "bot_id"))
    if text_in(event, "type") not in {"message", "app_mention"} or not (channel and ts and author):
        return None
    if text_in(event, "subtype") not in NEW_MESSAGE_SUBTYPES:
        return None
    author_kind = author_of(event, me)
    return Message(
        thread=ThreadKey(me.team, channel, Ts(text_in(event, "thread_ts")) or ts),
        ts=ts,
        user=author,
        markup=_markup(event, me),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
        author=author_kind,
        files=_files(event, author_kind),
        edited_ts=Ts(text_in(object_in(event, "edited"), "ts")),
        attached_markup="" if author_kind == "me" else message_text.attached_to(event),
        sender_name="" if author_kind == "person" else _sender_name(event),
    )


def attachment_from(file: Mapping[str, Any]) -> Attachment:
    """A reference to a file that Slack describes, perhaps by its ID alone.

    https://docs.slack.dev/reference/objects/file-object
    """
    return Attachment(
        id=text_in(file, "id"), name=name_of(file), mimetype=kind_of(file), size=size_of(file)
    )


def event_from(event: Mapping[str, Any], me: Identity) -> InboxEvent | None:
    """What an event tells about a thread; None for any other event."""
    message = message_from(event, me)
    if message is not None:
        return MessageReceived(message)
    if text_in(event, "type") == "agent_session_stopped":
        return _stop_from(event, me)
    return _change_from(event, me)


def _change_from(event: Mapping[str, Any], me: Identity) -> MessageEdited | MessageDeleted | None:
    """What an event tells about an earlier message.

    A message that others have answered in its thread is not deleted but becomes a tombstone.
    https://docs.slack.dev/reference/events/message/message_changed and message_deleted
    """
    subtype, now = text_in(event, "subtype"), object_in(event, "message")
    earlier, channel = object_in(event, "previous_message"), ChannelId(text_in(event, "channel"))
    where = {"channel": channel, "channel_type": event.get("channel_type")}
    if subtype == "message_deleted" or text_in(now, "subtype") == "tombstone":
        ts = Ts(text_in(event, "deleted_ts") or text_in(now, "ts"))
        thread = ThreadKey(me.team, channel, Ts(text_in(earlier, "thread_ts")) or ts)
        before = message_from({"type": "message", **earlier, **where}, me)
        return MessageDeleted(thread, ts, before) if channel and ts else None
    if subtype != "message_changed":
        return None
    message = message_from({**now, **where}, me)
    if message is None:
        return None
    if _content(now, me) == _content(earlier, me):
        return None
    before = replace(
        message,
        markup=_markup(earlier, me),
        files=_files(earlier, message.author),
        attached_markup=message_text.attached_to(earlier),
    )
    return MessageEdited(message, before)


def _stop_from(event: Mapping[str, Any], me: Identity) -> StopRequested | None:
    """https://docs.slack.dev/reference/events/agent_session_stopped"""
    channel, thread_ts = ChannelId(text_in(event, "channel")), Ts(text_in(event, "thread_ts"))
    if not (channel and thread_ts):
        return None
    thread = ThreadKey(me.team, channel, thread_ts)
    return StopRequested(thread, UserId(text_in(event, "user")), Ts(text_in(event, "event_ts")))


def is_own_echo(event: Mapping[str, Any], me: Identity) -> bool:
    """Whether an event only repeats what the bot itself has just posted or edited.

    Slack sends one for each such call. The deletion of a message of the bot is no echo: a person
    may have deleted it.
    """
    if text_in(event, "type") not in {"message", "app_mention"}:
        return False
    subtype, now = text_in(event, "subtype"), object_in(event, "message")
    if subtype in NEW_MESSAGE_SUBTYPES:
        return author_of(event, me) == "me"
    edited = subtype == "message_changed" and text_in(now, "subtype") != "tombstone"
    return edited and author_of(now, me) == "me"


def is_expected(event: Mapping[str, Any]) -> bool:
    """Whether Slack sends such an event although it is about no thread."""
    is_message = text_in(event, "type") in {"message", "app_mention"}
    return is_message and text_in(event, "subtype") not in NEW_MESSAGE_SUBTYPES


def author_of(event: Mapping[str, Any], me: Identity) -> Author:
    """Who wrote a message.

    Slack marks every message that was posted through its API with the app's `bot_id` and `app_id`,
    whether it was posted as a bot or as the person who gave the app a token. Only `users.info` of
    its `user` tells which.
    """
    user, subtype = text_in(event, "user"), text_in(event, "subtype")
    profile = object_in(event, "bot_profile")
    if user == me.user or (me.bot and event.get("bot_id") == me.bot):
        return "me"
    if user in SLACKS_OWN_USERS or subtype in {"bot_message", "slackbot_response"}:
        return "bot"
    through_app = event.get("bot_id") or event.get("app_id") or profile
    if not through_app:
        return "person"
    return "bot" if not user or profile.get("is_workflow_bot") else "app"


def _content(event: Mapping[str, Any], me: Identity) -> Any:
    """What the author of a message put into it: an edit changes some of it.

    The previews that Slack adds to a message with links come a moment later, and are no edit.
    """
    own = [each for each in objects_in(event, "attachments") if not message_text.is_unfurl(each)]
    content = {**event, "attachments": own}
    files = _files(content, author_of(event, me))
    return _markup(event, me), files, message_text.attached_to(content)


def _markup(event: Mapping[str, Any], me: Identity) -> str:
    """What a message itself says; for our own ones, the Markdown that the bot wrote."""
    own = author_of(event, me) == "me"
    return message_text.own_text(event) if own else message_text.written_in(event)


def _sender_name(event: Mapping[str, Any]) -> str:
    """The name under which people see an app's message. Only some apps have a user.

    https://docs.slack.dev/reference/events/message/bot_message
    """
    profile = "" if text_in(event, "user") else text_in(object_in(event, "bot_profile"), "name")
    return text_in(event, "username") or profile


def _files(event: Mapping[str, Any], author: Author) -> tuple[Attachment, ...]:
    """The files of a message that still exist, each once; Slack leaves a tombstone for others.

    Then those of the messages that it forwards, which may be read although they were shared
    elsewhere. An app writes its attachments itself, so no word of it opens another channel's file.
    """
    own = [(file, "") for file in objects_in(event, "files")]
    forwarded = message_text.forwarded_files(objects_in(event, "attachments"))
    found: dict[str, Attachment] = {}
    for number, (file, origin) in enumerate((*own, *forwarded)):
        if text_in(file, "mode") not in GONE_FILE_MODES:
            trusted = ChannelId(origin if author == "person" else "")
            attachment = replace(attachment_from(file), origin=trusted)
            found.setdefault(attachment.id or str(number), attachment)
    return tuple(found.values())
