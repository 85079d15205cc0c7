"""How far an answer has come: what its end, or a silence in it, means depends on that."""

from dataclasses import dataclass

from slackbot.conversation.deltas import (
    FinishDelta,
    ModelDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    WebSearchDelta,
)
from slackbot.llm.openai.client import Timeouts

BEGINNINGS = (TextDelta, RefusalDelta, WebSearchDelta, ToolCallDelta)
"""The deltas with which an answer has begun."""


@dataclass(slots=True)
class AnswerProgress:
    timeouts: Timeouts
    received: bool = False
    """Something has arrived, whatever it means."""
    began: bool = False
    ended: bool = False
    """The server has said why the answer ended."""
    went_on: bool = False
    """It has said so too early, as some do with each piece."""

    @property
    def is_over(self) -> bool:
        """Whether the answer is whole, whatever becomes of the connection."""
        return self.ended and not self.went_on

    def seconds_left(self, silent_seconds: float) -> float:
        """How much longer the next bytes may take. Comments count once the answer has begun, but do
        not keep it alive for ever.
        """
        if not self.began:
            return self.timeouts.first_token - silent_seconds
        longest = max(self.timeouts.first_token, self.timeouts.stall)
        return min(self.timeouts.stall, longest - silent_seconds)

    def add(self, delta: ModelDelta) -> None:
        if isinstance(delta, BEGINNINGS):
            self.began = True
            self.went_on = self.went_on or self.ended
        self.ended = self.ended or isinstance(delta, FinishDelta)
