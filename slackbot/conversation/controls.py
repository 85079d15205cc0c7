"""The buttons under a reply, and a press of one."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.messages import ThreadKey


@dataclass(frozen=True, slots=True)
class Confirm:
    """Buttons to approve or decline a tool call, and one to stop the answer."""

    question: str
    """The ID of the question. No other question has it, so an old press answers nothing else."""


Controls = Literal["none", "stop", "failed", "finished"] | Confirm
"""The buttons under a message: none; *Stop* while it grows; *Try again* after a failure; ratings
and *Regenerate* under a finished answer; the approval of a tool call."""

Button = Literal["stop", "again", "good", "bad", "confirm", "decline"]


@dataclass(frozen=True, slots=True)
class Press:
    """A person pressed a button under the bot's message `ts`."""

    thread: ThreadKey
    ts: Ts
    user: UserId
    button: Button
    call: str = ""
    """The ID of the question that is answered, about a tool call."""
    action_ts: Ts = Ts("")
    """Slack's time of this press; it distinguishes two presses by one person."""
