"""The buttons under a reply, and what it means to press one."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.messages import ThreadKey


@dataclass(frozen=True, slots=True)
class Confirm:
    """Buttons to say yes or no to the tool call of this id, and one to stop the answer."""

    call: str


Controls = Literal["none", "stop", "failed", "finished"] | Confirm
"""What is under a message: nothing; while it grows, a button to stop it; after a failure, one to
try again; under a finished answer, what to say of it, and one to have it written anew."""

Button = Literal["stop", "again", "good", "bad", "confirm", "decline"]


@dataclass(frozen=True, slots=True)
class Press:
    """A person pressed a button under the bot's message `ts`."""

    thread: ThreadKey
    ts: str
    user: str
    button: Button
    call: str = ""
    """The id of the tool call that is confirmed or declined."""
