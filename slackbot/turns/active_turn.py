"""The turn that a thread's session works on, from its choice until it is stored or given up."""

from dataclasses import dataclass

from slackbot.conversation.draft import Draft
from slackbot.conversation.fair_queue import PlaceInLine
from slackbot.conversation.ids import Ts
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_writer import ReplyWriter
from slackbot.instructions.settings import EffectiveSettings
from slackbot.turns.pending_turn import PendingTurn


@dataclass(slots=True)
class ActiveTurn:
    turn: PendingTurn
    location: ReplyLocation
    settings: EffectiveSettings
    """The thread's settings when the turn was chosen."""
    place: PlaceInLine | None = None
    """Where it waits for a slot; None until it does, or if it needs none."""
    reply: ReplyWriter | None = None
    """The writer of its reply, while that is being written."""
    draft: Draft | None = None
    """Its answer so far, once its reply is no longer being written."""
    is_outdated: bool = False
    """What it answers has changed, or is to be tried again: its failure is not final."""
    is_paused: bool = False
    """It waits, as its question is changed again and again: others in the thread come first."""
    is_stopping: bool = False
    """A person stopped it."""

    @property
    def needs_slot(self) -> bool:
        """Whether an answer is to be written."""
        turn = self.turn
        return bool(turn.asked) and turn.wants_answer and not self.location.stopped

    def continues(self, earlier: "ActiveTurn") -> bool:
        """Whether it answers the same person, and a message that the earlier turn answered too."""
        same = self.turn.requester == earlier.turn.requester
        return same and not set(self.turn.own).isdisjoint(earlier.turn.own)

    def concerns(self, ts: Ts) -> bool:
        """Returns whether the turn answers this message."""
        return ts in self.turn.asked

    def has_message(self, ts: Ts) -> bool:
        """Returns whether the message belongs to its reply, or may: its ts is not known yet."""
        written = self.reply is not None and self.reply.has_message(ts)
        return written or ts in self.location.messages or self.location.posting is not None
