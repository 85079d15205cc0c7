"""Messages as Slack delivers them, and messages that wait for an answer."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.post_intent import PostIntent

Author = Literal["person", "app", "bot", "me"]
"""`app` is a person or a bot that posted through an app, and is known to be one or the other once
the message is received; `bot` is another bot, or Slack itself; `me` is this bot."""


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """A thread in Slack: `ts` is that of its first message, even if nobody has replied."""

    team: TeamId
    channel: ChannelId
    ts: Ts


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack delivered it. (team, channel, ts) is its identity.

    https://docs.slack.dev/reference/events/message
    """

    thread: ThreadKey
    ts: Ts
    user: UserId
    markup: str
    """Slack's own markup, escapes and mentions included; Markdown where this bot wrote it."""
    direct: bool = False
    """Sent in a direct conversation between a person and the bot."""
    author: Author = "person"
    files: tuple[Attachment, ...] = ()
    edited_ts: Ts = Ts("")
    """When its author last edited it, by Slack's clock; empty if never."""
    attached_markup: str = ""
    """What Slack shows under it, in Slack's markup: forwarded messages, previews of links, the
    alerts of apps. Its author did not type that, so no mention or command in it counts.
    """
    sender_name: str = ""
    """The name that an app gave the message; empty if it has the name of its author."""

    @property
    def starts_thread(self) -> bool:
        return self.ts == self.thread.ts


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A message that waits for its turn; `reply_ts` are the messages of its reply so far."""

    message: Message
    reply_ts: tuple[Ts, ...] = ()
    deleted: bool = False
    """Its author deleted it: the reply so far must be deleted."""
    posting: PostIntent | None = None
    """Another message of the reply, which may be in Slack."""

    @property
    def has_reply(self) -> bool:
        """Whether a message of its reply is in Slack, or may be."""
        return bool(self.reply_ts) or self.posting is not None


RegenerationCause = Literal["pressed", "retried", "edited"]
"""Somebody wants another answer; the person who asked tries again what failed; that person has
edited the question. By the last two people ask again: tools that change something may run.
"""


@dataclass(frozen=True, slots=True)
class QueuedRegeneration:
    """A turn, by its number, that waits to be answered again."""

    number: int
    posting: PostIntent | None = None
    """Another message of its reply, which may be in Slack."""
    cause: RegenerationCause = "pressed"


@dataclass(frozen=True, slots=True)
class PendingWork:
    """The work that waits in one thread."""

    messages: tuple[QueuedMessage, ...] = ()
    """Oldest first."""
    again: tuple[QueuedRegeneration, ...] = ()
    """The turns to answer again, in their order."""
    lost: tuple[Ts, ...] = ()
    """The ts of the messages that can't be read any more: their people must be told."""
    restored_until: Ts = Ts("")
    """Messages up to this ts were restored from a backup: they may be answered by now."""
