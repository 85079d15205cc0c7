"""Where messages appear, and what one of them shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from slackbot.conversation.controls import Controls
from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.annotations import Task


@dataclass(frozen=True, slots=True)
class MessageContent:
    """What one message shows: Markdown, with a line for notifications as its `text`, and buttons.

    Without Markdown the text is what it shows, and there are no buttons.
    """

    markdown: str | None
    text: str
    controls: Controls = "none"


class ReplyMessageId(NamedTuple):
    """What tells the messages of replies apart: the reply's key, and the number in the reply."""

    key: str
    number: int


class ReplyTransport(Protocol):
    """Where messages appear. RateLimitedError and UnreachableError are worth another try."""

    async def post(
        self, thread: ThreadKey, content: MessageContent, message_id: ReplyMessageId
    ) -> str:
        """Posts a message into the thread and gives its ts; by its name it can be found again."""

    async def edit(
        self, thread: ThreadKey, ts: str, content: MessageContent, message_id: ReplyMessageId
    ) -> None: ...

    async def delete(self, thread: ThreadKey, ts: str) -> None: ...

    async def find_messages(
        self, thread: ThreadKey, key: str, *, include_open_stream: bool
    ) -> Mapping[int, str]:
        """The ts of each message that a reply has, by its number.

        With `include_open_stream` also a stream without an end, which has no name yet: it is the last then.
        """

    async def start_stream(
        self, thread: ThreadKey, recipient: str, markdown: str, tasks: Sequence[Task]
    ) -> str:
        """Begins a message that grows by itself, for the person `recipient`; gives its ts."""

    async def append_stream(
        self, thread: ThreadKey, ts: str, markdown: str, tasks: Sequence[Task]
    ) -> None:
        """Adds text, and tasks or what has become of them."""

    async def stop_stream(
        self,
        thread: ThreadKey,
        ts: str,
        markdown: str,
        *,
        tasks: Sequence[Task],
        controls: Controls,
        message_id: ReplyMessageId,
    ) -> None: ...

    async def status(self, thread: ThreadKey, text: str) -> None:
        """Shows what the bot is at, until it posts into the thread or two minutes have passed."""
