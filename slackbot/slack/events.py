"""From Slack's events to the messages that the bot hears."""

from collections.abc import Mapping
from typing import Any, Literal

from slackbot.conversation import Message, ThreadKey
from slackbot.slack.identity import Identity

NEW_MESSAGES = frozenset({None, "", "file_share", "thread_broadcast", "bot_message"})
"""The subtypes that are a new message; the others tell of an earlier one, or are noise.

https://docs.slack.dev/reference/events/message
"""


def message_from(event: Mapping[str, Any], me: Identity) -> Message | None:
    """The message that an event, or an entry of a thread's history, brings; None for any other.

    `app_mention` and `message` bring the same message, so the workspace is always our own.
    """
    channel, ts = event.get("channel"), event.get("ts")
    author = event.get("user") or event.get("bot_id")
    if event.get("type") not in {"message", "app_mention"} or not (channel and ts and author):
        return None
    if event.get("subtype") not in NEW_MESSAGES:
        return None
    return Message(
        thread=ThreadKey(me.team, channel, event.get("thread_ts") or ts),
        ts=ts,
        user=author,
        markup=_markup(event),
        direct=event.get("channel_type") == "im" or channel.startswith("D"),
        author=_author(event, me),
    )


def _author(event: Mapping[str, Any], me: Identity) -> Literal["person", "bot", "me"]:
    if event.get("user") == me.user or (me.bot and event.get("bot_id") == me.bot):
        return "me"
    return "bot" if event.get("bot_id") or event.get("subtype") == "bot_message" else "person"


def _markup(event: Mapping[str, Any]) -> str:
    """The text with a line for each file; our own messages as the Markdown they were written in."""
    markdown = [block.get("text", "") for block in event.get("blocks") or [] if _is_markdown(block)]
    lines = markdown or [event.get("text") or ""]
    lines += [f"[file: {file.get('name') or 'unnamed'}]" for file in event.get("files") or []]
    return "\n".join(line for line in lines if line)


def _is_markdown(block: Mapping[str, Any]) -> bool:
    return block.get("type") == "markdown" and isinstance(block.get("text"), str)
