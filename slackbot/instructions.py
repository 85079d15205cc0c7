"""The persona: where instructions hold, how they change, and what may stand in them.

Pure. Instructions are set for a workspace, a channel or a thread, and the narrowest that are set
hold. Each scope has a history that only grows: a reset, an undo and a restored text are editions of
their own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.errors import InstructionsError

DEFAULT = """\
You are a helpful assistant in a team's Slack. You answer accurately and to the point, say so when \
you do not know something, and ask back when a question can be understood in several ways."""

LIMIT = 12_000
"""Characters."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where instructions hold: a workspace, one of its channels, or a thread, by its ts."""

    team: str
    channel: str = ""
    thread: str = ""

    @property
    def wider(self) -> "Scope | None":
        """The scope whose instructions hold here as long as this one has none."""
        if self.thread:
            return Scope(self.team, self.channel)
        return Scope(self.team) if self.channel else None

    def __str__(self) -> str:
        if self.thread:
            return "this thread"
        return "this channel" if self.channel else "the whole workspace"


@dataclass(frozen=True, slots=True)
class Edition:
    """One change of a scope's instructions. Numbers begin with 1 and leave none out."""

    number: int
    at: int
    """Seconds since the epoch."""
    user: str
    text: str | None
    """None: from then on the wider scope's hold."""
    restores: int | None = None
    """The number of the edition whose text it takes up again; 0 for that before the first."""


History = Sequence[Edition]
"""All editions of one scope, oldest first."""


def written(text: str, before: str | None = None) -> str:
    """What a person wrote as it is stored, after the text `before` if it is added to one.

    Raises InstructionsError where there is nothing in it, or too much.
    """
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not text:
        raise InstructionsError("There is nothing in it: write the instructions behind the word.")
    if before:
        text = f"{before}\n{text}"
    if len(text) > LIMIT:
        raise InstructionsError(
            f"That would be {len(text):,} characters; instructions may have {LIMIT:,} at most."
        )
    return text


def text_of(history: History, number: int) -> str | None:
    """What an edition says; number 0 is what was before the first. Raises InstructionsError."""
    if not 0 <= number <= len(history):
        known = f"there are 1 to {len(history)}" if history else "nothing was set here yet"
        raise InstructionsError(f"There is no number {number}: {known}.")
    return history[number - 1].text if number else None


def undone(history: History) -> int:
    """The number of the edition before the one that is in force. Raises InstructionsError.

    What was taken up again counts as the edition that it was, so that one undo after the other
    leads back to the beginning.
    """
    number = _origin(history, len(history))
    if number == 0:
        raise InstructionsError("There is nothing to undo here.")
    return _origin(history, number - 1)


def _origin(history: History, number: int) -> int:
    """The edition that an edition took up again, or itself."""
    while number and (restores := history[number - 1].restores) is not None:
        number = restores
    return number
