"""Events that Slack delivers about a thread, stored in the inbox until the session folds them in.

An event is stored as delivered, before it is acknowledged and before any request to Slack or the
model. Its identity is the same however often Slack delivers it.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from slackbot.conversation.controls import Press
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import Message, ThreadKey


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A new message. Slack delivers a mention twice, and may add its files only the second time."""

    message: Message
    kind: Literal["message"] = "message"

    @property
    def thread(self) -> ThreadKey:
        return self.message.thread

    @property
    def identity(self) -> str:
        return f"{'files' if self.message.files else 'message'}/{self.message.ts}"


@dataclass(frozen=True, slots=True)
class MessageEdited:
    """A message was edited; `before` is its earlier version."""

    message: Message
    before: Message
    kind: Literal["edit"] = "edit"

    @property
    def thread(self) -> ThreadKey:
        return self.message.thread

    @property
    def identity(self) -> str:
        """Holds the edit's time, or a hash of the content if there is none (apps' messages)."""
        message = self.message
        content = repr((message.markup, message.files, message.attached_markup)).encode(
            "utf-8", "surrogatepass"
        )
        edit = message.edited_ts or sha256(content).hexdigest()[:16]
        return f"edit/{message.ts}/{edit}"


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message was deleted; `before` is its last version, if Slack sends it."""

    thread: ThreadKey
    ts: Ts
    before: Message | None = None
    kind: Literal["deletion"] = "deletion"

    @property
    def identity(self) -> str:
        return f"deletion/{self.ts}"


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A person pressed a button under one of the bot's messages."""

    press: Press
    kind: Literal["press"] = "press"

    @property
    def thread(self) -> ThreadKey:
        return self.press.thread

    @property
    def identity(self) -> str:
        press = self.press
        return f"press/{press.ts}/{press.user}/{press.button}/{press.action_ts}"


@dataclass(frozen=True, slots=True)
class StopRequested:
    """A person pressed Slack's own stop button in a thread.

    https://docs.slack.dev/reference/events/agent_session_stopped
    """

    thread: ThreadKey
    user: UserId
    event_ts: Ts
    kind: Literal["stop"] = "stop"

    @property
    def identity(self) -> str:
        return f"stop/{self.user}/{self.event_ts}"


InboxEvent = MessageReceived | MessageEdited | MessageDeleted | ButtonPressed | StopRequested


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event in the inbox; `number` orders the events of a store by their arrival."""

    number: int
    event: InboxEvent


def event_from(thread: ThreadKey, identity: str) -> InboxEvent | None:
    """Returns the event with this identity, if the identity says everything about it: a deletion, a
    stop, or a press of a button under an answer.
    """
    match identity.split("/"):
        case ["deletion", ts]:
            return MessageDeleted(thread, Ts(ts))
        case ["stop", user, ts]:
            return StopRequested(thread, UserId(user), Ts(ts))
        case ["press", ts, user, ("stop" | "again" | "good" | "bad") as button, action_ts]:
            return ButtonPressed(
                Press(thread, Ts(ts), UserId(user), button, action_ts=Ts(action_ts))
            )
    return None
