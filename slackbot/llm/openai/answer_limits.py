"""How much one answer may take of a model, so that each has an end.

The server is asked to end it after so many tokens. A server that does not know that setting, or a
broken one, may go on for ever: what is received is bounded as well.
"""

import re
from dataclasses import dataclass

ANSWER_TOKENS = 16_000
"""About sixty thousand characters: more than most models write in one answer."""

REASONING_ANSWER_TOKENS = 32_000
"""What a model thinks counts as well, and it is charged for:
https://platform.openai.com/docs/guides/reasoning#managing-costs
"""

REASONING_MODEL = re.compile(
    r"(?<![a-z0-9])(o[1-9]|gpt-?([5-9]|\d{2}|oss)|deepseek-r|qwq|qwen-?3|magistral|grok-?[3-9])"
    r"|reason|think",
    re.IGNORECASE,
)
"""In the names of models that think before they answer."""

EVENTS_PER_TOKEN = 2
"""Servers send a token or more with each event, and some events that say nothing."""

MIN_EVENTS = 1_000
"""An answer of few tokens may still have so many."""

MAX_ANSWER_SECONDS = 3_600.0
"""A server may send a sign of life for ever."""


def default_answer_tokens(model: str) -> int:
    """The most tokens of one answer of a model of this name."""
    return REASONING_ANSWER_TOKENS if REASONING_MODEL.search(model) else ANSWER_TOKENS


@dataclass(slots=True)
class ReceivedEvents:
    """What has come of one answer. Times are monotonic, in seconds."""

    max_tokens: int
    began: float
    count: int = 0
    exceeded: bool = False
    """The answer is to end here, whatever else comes."""

    def is_too_much(self, now: float) -> bool:
        """Counts one more event; true if that exceeds what an answer may take."""
        self.count += 1
        most = max(self.max_tokens * EVENTS_PER_TOKEN, MIN_EVENTS)
        self.exceeded = self.count > most or now - self.began > MAX_ANSWER_SECONDS
        return self.exceeded
