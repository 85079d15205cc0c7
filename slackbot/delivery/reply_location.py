"""Where one reply stands in Slack."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slackbot.conversation.messages import ThreadKey


@dataclass(slots=True)
class ReplyLocation:
    """Where one reply stands: the messages it has so far, told to `record` as they come."""

    thread: ThreadKey
    key: str
    recipient: str
    """The user id of the person who is answered."""
    record: Callable[[tuple[str, ...]], Awaitable[None]]
    messages: tuple[str, ...] = ()
    resumed: bool = False
    """An earlier attempt may have posted a message that it did not come to record."""
    opening: str = ""
    """What stands there until there is text, in Markdown; empty leaves what stands there."""
    editing: bool = False
    """Its messages are edited, whatever other replies do."""
    ended: bool = False
    """The model has come to its end: people may see the whole answer by now."""
    stopped: bool = False
    """A person wanted no answer any more before it began: the model is not asked."""
