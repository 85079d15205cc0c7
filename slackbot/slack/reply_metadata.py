"""The metadata of the bot's replies, by which they are found again.

https://docs.slack.dev/messaging/message-metadata/
"""

from collections.abc import Mapping
from typing import Any

from slackbot.delivery.reply_transport import ReplyMessageId

REPLY_EVENT_TYPE = "slackbot_reply"
"""The event type in the metadata of replies."""

NOTE_EVENT_TYPE = "slackbot_note"
"""That of other posts to a channel, so that none is taken for an open stream, which has no type."""


def to_metadata(message_id: ReplyMessageId) -> dict[str, Any]:
    return {
        "event_type": REPLY_EVENT_TYPE,
        "event_payload": {"key": message_id.key, "number": message_id.number},
    }


def message_id_of(entry: Mapping[str, Any]) -> ReplyMessageId | None:
    """Returns which message of which reply an entry of a thread is; None if it is none."""
    match entry.get("metadata"):
        case {
            "event_type": event_type,
            "event_payload": {"key": str(key), "number": int(number)},
        } if event_type == REPLY_EVENT_TYPE:
            return ReplyMessageId(key, number)
    return None
