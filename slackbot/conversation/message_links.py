"""Links to messages, as Slack copies them: https://slack.com/help/articles/203274767"""

import re
from dataclasses import dataclass

from slackbot.conversation.ids import ChannelId, Ts

_LINK = re.compile(
    r"https://(?P<host>[\w.-]+)/archives/(?P<channel>\w+)/p(?P<seconds>\d+)(?P<rest>\d{6})\b"
    r"(?:\?(?P<query>[^\s>|]*))?"
)
_THREAD = re.compile(r"(?:^|[&;])thread_ts=(\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class MessageLink:
    """A message by its channel and ts, with its thread's ts if the link holds it."""

    channel: ChannelId
    ts: Ts
    thread_ts: Ts


def find_message_link(text: str) -> MessageLink | None:
    """Returns the first link to a message in a text; None if there is none."""
    match = _LINK.search(text)
    if match is None:
        return None
    ts = Ts(f"{match['seconds']}.{match['rest']}")
    thread = _THREAD.search(match["query"] or "")
    return MessageLink(ChannelId(match["channel"]), ts, Ts(thread[1]) if thread else ts)
