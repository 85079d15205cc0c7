"""The small pieces in which a model's answer arrives, and the draft they are folded into."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation import Answer, Ending
from slackbot.text import well_formed


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server counted for one request, in tokens."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """One piece of an answer. The last `end` says how it ended; an answer without one broke off.

    `text` and `refusal` come with `text`, `end` with `ending`, `usage` with `usage`. After `anew`
    the answer begins once more: nothing that came before counts.
    """

    kind: Literal["text", "refusal", "end", "usage", "anew"]
    text: str = ""
    ending: Ending = "stop"
    usage: Usage | None = None


FIRST_HALVES = "".join(map(chr, range(0xD800, 0xDC00)))
"""Of surrogate pairs: what ends with one waits for the other."""


class Draft:
    """An answer that is being written: deltas in, its text so far out."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._refusal = False
        self.ending: Ending = "broken"
        self.usage: Usage | None = None

    def add(self, delta: Delta) -> None:
        if delta.kind == "end":
            self.ending = delta.ending
        elif delta.kind == "usage":
            self.usage = delta.usage
        elif delta.kind == "anew":
            self._pieces, self._refusal = [], False
        else:
            self._pieces.append(delta.text)
            self._refusal = self._refusal or delta.kind == "refusal"

    @property
    def text(self) -> str:
        """All that has been written; joined when asked for, so that adding stays cheap."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return well_formed("".join(self._pieces).rstrip(FIRST_HALVES))

    @property
    def answer(self) -> Answer | None:
        """None where nothing but blanks was written."""
        if not self.text.strip():
            return None
        return Answer(self.text, self.ending, self._refusal)
