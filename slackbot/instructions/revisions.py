"""The history of a scope's settings. Pure.

A history only grows: a reset, an undo and a restore are revisions of their own. People read
"version" where the code says revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from slackbot.conversation.ids import Ts, UserId
from slackbot.errors import InstructionsError
from slackbot.instructions import texts
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, ScopeSettings


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A change that somebody asks for. It becomes the next revision of a scope."""

    user: UserId
    """The user ID of the person; empty for an import from a file."""
    settings: ScopeSettings
    after: int
    """The number of the revision that the person saw last; 0 if there was none."""
    restores: int | None = None
    request_ts: Ts = Ts("")
    """The ts of the message that gave the command, if one did. A message that is delivered again
    is recognised by it, and not carried out again.
    """


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of a scope's settings. Numbers count up from 1 without gaps."""

    number: int
    at: int
    """Seconds since the epoch."""
    user: UserId
    """As in SettingsChange."""
    settings: ScopeSettings | None = field(default_factory=ScopeSettings)
    """None if the revision can't be read; then only its number is known."""
    restores: int | None = None
    """The number of the revision whose settings it brings back; 0 for the empty ones before 1."""
    request_ts: Ts = Ts("")
    """As in SettingsChange."""


History = Sequence[Revision]
"""All revisions of one scope, oldest first."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A revision, its scope, and what was set before."""

    scope: Scope
    revision: Revision
    before: ScopeSettings | None = NO_SETTINGS
    """None if that can't be read."""


def settings_at(history: History, number: int) -> ScopeSettings:
    """The settings of a revision; number 0 has none. Raises InstructionsError if there is no such
    revision, or if it can't be read.
    """
    if not 0 <= number <= len(history):
        raise InstructionsError(texts.no_such_version(number, len(history)))
    settings = history[number - 1].settings if number else NO_SETTINGS
    if settings is None:
        raise InstructionsError(texts.unreadable_version(number))
    return settings


def undo_target(history: History) -> int:
    """The number of the revision that an undo goes back to.

    A revision that restores another one counts as that other one, so undoing again and again leads
    back to the beginning. Raises InstructionsError at the beginning.
    """
    number = _resolve(history, len(history))
    if number == 0:
        raise InstructionsError(texts.NOTHING_TO_UNDO)
    return _resolve(history, number - 1)


def _resolve(history: History, number: int) -> int:
    """Follows `restores` to the revision that first had these settings."""
    while number and (restores := history[number - 1].restores) is not None:
        number = restores
    return number
