"""Messages as Slack delivers them, and those that wait for an answer."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.attachment import Attachment


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """A thread of Slack's: `ts` is that of its first message, answered or not."""

    team: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack delivered it. (team, channel, ts) is its identity.

    https://docs.slack.dev/reference/events/message
    """

    thread: ThreadKey
    ts: str
    user: str
    markup: str
    """Slack's own markup, escapes and mentions included; Markdown where this bot wrote it."""
    direct: bool = False
    """In a conversation between one person and the bot."""
    author: Literal["person", "bot", "me"] = "person"
    """`bot`: another one; `me`: this one."""
    files: tuple[Attachment, ...] = ()
    edited_ts: str = ""
    """When its author last edited it, by Slack's clock; empty if never."""

    @property
    def starts_thread(self) -> bool:
        return self.ts == self.thread.ts


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """A claimed message that awaits its turn, and the messages its reply has so far, if any."""

    message: Message
    reply_ts: tuple[str, ...] = ()
    deleted: bool = False
    """Its author deleted it: what was written as its answer is to go."""


@dataclass(frozen=True, slots=True)
class PendingWork:
    """What is to be done in one thread."""

    messages: tuple[QueuedMessage, ...] = ()
    """Oldest first."""
    again: tuple[int, ...] = ()
    """The numbers of the turns whose answers are to be written anew."""
