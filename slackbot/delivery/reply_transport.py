"""The calls to Slack that a reply needs, as a protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from slackbot.conversation.controls import Controls
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.annotations import Task

SessionStatus = Literal["processing", "active"]
"""Of a thread's agent session: https://docs.slack.dev/ai/agent-sessions/"""


@dataclass(frozen=True, slots=True)
class MessageContent:
    """The content of a message: Markdown with buttons; `text` is what notifications show.

    Without Markdown the message shows the text alone, without buttons.
    """

    markdown: str | None
    text: str
    controls: Controls = "none"
    question: str = ""
    """Markdown above the buttons, about which a person decides. It is shown by itself, so that
    nothing in the text above can hide it.
    """


class ReplyMessageId(NamedTuple):
    """Identifies a message of a reply by the reply's key and the message's number in it."""

    key: str
    number: int


class FoundMessage(NamedTuple):
    """A message of a reply that was found in Slack, by its number in the reply."""

    number: int
    ts: Ts


class ReplyTransport(Protocol):
    """Methods raise SlackError; RateLimitedError and UnreachableError are worth a retry."""

    async def post(
        self,
        thread: ThreadKey,
        content: MessageContent,
        message_id: ReplyMessageId,
        *,
        in_thread: bool = True,
    ) -> Ts:
        """Posts a message to the thread, or to its channel, and returns its ts; `find_messages`
        finds it by its ID.

        An error of another method than chat.postMessage says nothing about the post.
        """

    async def edit(
        self, thread: ThreadKey, ts: Ts, content: MessageContent, message_id: ReplyMessageId
    ) -> None: ...

    async def delete(self, thread: ThreadKey, ts: Ts) -> None: ...

    async def find_messages(
        self, thread: ThreadKey, intent: PostIntent, *, in_thread: bool = True
    ) -> Sequence[FoundMessage]:
        """Looks for the message that a recorded call may have posted.

        Returns it, if it is in Slack, with the other messages of its reply that are newer than the
        intent, oldest first.
        """

    async def start_stream(
        self, thread: ThreadKey, recipient: UserId, markdown: str, tasks: Sequence[Task]
    ) -> Ts:
        """Begins a stream for the person with the user ID `recipient`; returns its message's ts."""

    async def append_stream(
        self, thread: ThreadKey, ts: Ts, markdown: str, tasks: Sequence[Task]
    ) -> None:
        """Adds text to a stream, and new or finished tasks."""

    async def stop_stream(
        self,
        thread: ThreadKey,
        ts: Ts,
        markdown: str,
        *,
        tasks: Sequence[Task],
        controls: Controls,
        message_id: ReplyMessageId,
        session_status: SessionStatus,
    ) -> None:
        """Ends a stream, and sets the status of the thread's agent session, if it has one."""

    async def set_session_status(self, thread: ThreadKey, status: SessionStatus) -> None:
        """Sets the status of the thread's agent session. Begins one where there is none."""

    async def status(self, thread: ThreadKey, text: str) -> None:
        """Shows the status line, until the bot posts to the thread or two minutes pass."""
