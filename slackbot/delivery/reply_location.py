"""The messages of one reply in Slack."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey


@dataclass(slots=True)
class ReplyLocation:
    """The messages of one reply so far; `record` stores each change of them."""

    thread: ThreadKey
    key: str
    recipient: UserId
    """The user ID of the person who is answered."""
    record: Callable[[tuple[Ts, ...]], Awaitable[None]]
    messages: tuple[Ts, ...] = ()
    resumed: bool = False
    """An earlier attempt may have posted a message that it did not record."""
    earlier_keys: tuple[str, ...] = ()
    """Other keys under which an earlier attempt may have posted."""
    opening: str = ""
    """The Markdown that the reply shows until there is text; empty keeps what it shows."""
    editing: bool = False
    """The reply grows by edits, even where others grow as streams."""
    ended: bool = False
    """The model has finished: people may see the whole answer."""
    stopped: bool = False
    """A person stopped the answer before it began: the model is not asked."""
