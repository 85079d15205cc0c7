"""The persona: where instructions hold, how they change, and what may stand in them.

Pure. Instructions, and what goes with them, are set for a workspace, a channel or a thread, and the
narrowest that are set hold. Each scope has a history that only grows: a reset, an undo and a
restored setup are editions of their own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from slackbot.conversation.addressing import Answering
from slackbot.errors import InstructionsError
from slackbot.markdown.unicode import to_well_formed

LIMIT = 12_000
"""Characters."""

LONGEST_NAME = 150
"""Characters of a model's name: Slack's menus take no more."""

PROMPTS = 4
"""How many suggested prompts Slack shows:
https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts
"""

LONGEST_PROMPT = 300
"""Characters."""


Extra = Literal["speech", "search"]
"""What an admin may switch on beside the text: answers that are said aloud as well; hosted search
of the web.
"""

FOLLOW_UPS: Answering = "follow-ups"
"""What is answered where nothing is said of it."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where instructions hold: a workspace, one of its channels, or a thread, by its ts."""

    team: str
    channel: str = ""
    thread: str = ""

    @property
    def wider(self) -> "Scope | None":
        """The scope whose setup holds here as long as this one has none."""
        if self.thread:
            return Scope(self.team, self.channel)
        return Scope(self.team) if self.channel else None

    def __str__(self) -> str:
        if self.thread:
            return "this thread"
        return "this channel" if self.channel else "the whole workspace"


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What is set for a scope. Where a part is None, the wider scope's holds."""

    text: str | None = None
    model: str | None = None
    answering: Answering | None = None
    prompts: tuple[str, ...] | None = None
    """The suggested prompts, of a workspace alone."""
    extras: tuple[Extra, ...] | None = None


NOTHING = ScopeSettings()


@dataclass(frozen=True, slots=True)
class EffectiveSettings:
    """What holds somewhere, each part from the narrowest scope that sets it."""

    text: str
    source: Scope | None = None
    """The scope that sets the text; None where it is what the bot was started with."""
    model: str = ""
    """Empty for the model that the bot was started with."""
    answering: Answering = FOLLOW_UPS
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of a scope's setup. Numbers begin with 1 and leave none out."""

    number: int
    at: int
    """Seconds since the epoch."""
    user: str
    """Who made it; empty for one that came out of a file."""
    settings: ScopeSettings = field(default_factory=ScopeSettings)
    restores: int | None = None
    """The number of the edition that it takes up again; 0 for what was before the first."""
    origin: str = ""
    """The ts of the message that ordered it, if one did: it is carried out once."""


History = Sequence[Revision]
"""All editions of one scope, oldest first."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """An edition, where it holds, and what was set there before it."""

    scope: Scope
    revision: Revision
    before: ScopeSettings = NOTHING


def effective_settings(
    setups: Iterable[tuple[Scope, ScopeSettings]], default: str
) -> EffectiveSettings:
    """What holds in a scope, from its own setup and those around it, the narrowest first."""
    around = list(setups)
    source, text = next(
        ((scope, setup.text) for scope, setup in around if setup.text is not None), (None, default)
    )
    model = next((setup.model for _, setup in around if setup.model is not None), "")
    answering = next(
        (setup.answering for _, setup in around if setup.answering is not None), FOLLOW_UPS
    )
    extras = next((setup.extras for _, setup in around if setup.extras is not None), ())
    return EffectiveSettings(text, source, model, answering, extras)


def written(text: str, before: str | None = None) -> str:
    """What a person wrote as it is stored, after the text `before` if it is added to one.

    Raises InstructionsError where there is nothing in it, or too much.
    """
    text = cleaned(text)
    if not any(each.isprintable() and not each.isspace() for each in text):
        raise InstructionsError("There is nothing in it: write the instructions behind the word.")
    if before:
        text = f"{before}\n{text}"
    if len(text) > LIMIT:
        raise InstructionsError(
            f"That would be {len(text):,} characters; instructions may have {LIMIT:,} at most."
        )
    return text


def cleaned(text: str) -> str:
    """Without what no keyboard writes, and without blanks around it."""
    lines = to_well_formed(text).replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", lines).strip()


def settings_at(history: History, number: int) -> ScopeSettings:
    """What an edition sets; number 0 is what was before the first. Raises InstructionsError."""
    if not 0 <= number <= len(history):
        known = f"there are 1 to {len(history)}" if history else "nothing was set here yet"
        raise InstructionsError(f"There is no number {number}: {known}.")
    return history[number - 1].settings if number else NOTHING


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
