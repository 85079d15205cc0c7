"""What the replies ask the call scheduler for."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.streaming_mode import EDITS, OPENING_CALLS, StreamingMode

STALE_SECONDS = 10.0
"""A message that has not shown new text for this long becomes urgent."""


class Priority(IntEnum):
    """The order in which calls are granted."""

    ENDING = 0
    APPROVAL = 1
    FIRST = 2
    INTERIM = 3


@dataclass(eq=False, slots=True)
class ActiveReply:
    """A reply that is being written. Once it is visible, it still owes a call for its ending."""

    modes: Sequence[StreamingMode]
    """The modes that its next message may take."""
    mode: StreamingMode | None = None
    """The mode of its last message; None before the first."""
    began: float | None = None
    """When there was text to show; None before."""
    called: float = 0.0
    """When the last call was granted that shows text of it, or when it began."""
    owes_ending: bool = False

    def is_stale(self, now: float) -> bool:
        """Whether it has shown nothing new for long."""
        return now >= self.called + STALE_SECONDS


@dataclass(eq=False, slots=True)
class CallRequest:
    """A reply's request for one call.

    A request to begin a stream may be granted as a post, if the reply's modes allow it: `method` is
    then what was granted.
    """

    reply: ActiveReply
    method: Method
    channel: ChannelId
    priority: Priority

    @property
    def opens(self) -> bool:
        """Whether the call begins a message that will grow."""
        return self.method in OPENING_CALLS.values() and self.priority is Priority.FIRST

    @property
    def modes(self) -> Sequence[StreamingMode]:
        """The modes in which a message may be begun."""
        return self.reply.modes if self.method == OPENING_CALLS["native"] else EDITS

    def rank(self, now: float) -> tuple[Priority, float]:
        """Sorts the most urgent first. A stale message is as urgent as a new one."""
        urgent = self.priority is Priority.INTERIM and self.reply.is_stale(now)
        return Priority.FIRST if urgent else self.priority, self.reply.called
