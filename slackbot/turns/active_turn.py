"""The turn that is being taken in a thread, from its choice until it is stored or given up."""

from dataclasses import dataclass

from slackbot.conversation.draft import Draft
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_writer import ReplyWriter
from slackbot.instructions.settings import EffectiveSettings
from slackbot.turns.pending_turn import PendingTurn


@dataclass(slots=True)
class ActiveTurn:
    turn: PendingTurn
    location: ReplyLocation
    settings: EffectiveSettings
    """What held in the thread when the turn was chosen."""
    reply: ReplyWriter | None = None
    """Its reply, while that is being written."""
    draft: Draft | None = None
    """Its answer as far as it came, once its reply is no longer written."""
    is_stopping: bool = False
    """A person wants no more of it."""

    def concerns(self, ts: str) -> bool:
        """Whether it answers this message."""
        return ts in self.turn.asked

    def has_message(self, ts: str) -> bool:
        """Whether its reply has this message, or may have it: an earlier run left it there."""
        written = self.reply is not None and self.reply.has_message(ts)
        return written or ts in self.location.messages or self.location.resumed
