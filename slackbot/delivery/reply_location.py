"""The messages of one reply in Slack."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.post_intent import PostIntent

RecordReply = Callable[[tuple[Ts, ...], PostIntent | None], Awaitable[tuple[Ts, ...]]]
"""Stores the messages of a reply, and the message that is about to be posted.

Returns the messages without those that somebody has deleted. May raise StoreError."""


@dataclass(slots=True)
class ReplyLocation:
    """The messages of one reply so far; `record` stores each change of them."""

    thread: ThreadKey
    key: str
    recipient: UserId
    """The user ID of the person who is answered."""
    record: RecordReply
    since: Ts
    """The newest ts in the thread that is known: what is posted now comes after it."""
    messages: tuple[Ts, ...] = ()
    posting: PostIntent | None = None
    """Another message of the reply, which may be in Slack; stored as well."""
    opening: str = ""
    """The Markdown that the reply shows until there is text; empty keeps what it shows."""
    editing: bool = False
    """The reply grows by edits, even where others grow as streams."""
    ended: bool = False
    """The model has finished: people may see the whole answer."""
    stopped: bool = False
    """A person stopped the answer before it began: the model is not asked."""

    @property
    def has_begun(self) -> bool:
        """Whether a message of the reply is in Slack, or may be."""
        return bool(self.messages) or self.posting is not None
