"""What can be set for a scope, and what applies in it. Pure.

A part that a scope leaves out is inherited: a thread inherits from its channel, a channel from the
workspace, and the workspace from what the bot was started with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.addressing import Answering
from slackbot.instructions.scopes import Scope

Extra = Literal["speech", "search"]
"""What an admin can switch on: spoken answers, and web search by the model's server."""

DEFAULT_ANSWERING: Answering = "follow-ups"


@dataclass(frozen=True, slots=True)
class ScopeSettings:
    """What is set for one scope. A part that is None is inherited."""

    text: str | None = None
    model: str | None = None
    answering: Answering | None = None
    prompts: tuple[str, ...] | None = None
    """Suggested prompts; only a workspace has them."""
    extras: tuple[Extra, ...] | None = None


NO_SETTINGS = ScopeSettings()


@dataclass(frozen=True, slots=True)
class UnreadableSettings:
    """The last revision of a scope, which can't be read: what applies there is unknown."""

    scope: Scope
    number: int


@dataclass(frozen=True, slots=True)
class EffectiveSettings:
    """What applies in a scope: each part comes from the narrowest scope that sets it."""

    text: str
    source: Scope | None = None
    """The scope that sets the text; None if no scope does."""
    model: str = ""
    """Empty for the model that the bot was started with."""
    answering: Answering = DEFAULT_ANSWERING
    extras: tuple[Extra, ...] = ()
    unreadable: UnreadableSettings | None = None
    """Set if a part of it is unknown. Nothing is answered then, except that the settings can't be
    read; only mentions get that answer."""


def unreadable_settings(unreadable: UnreadableSettings, default_text: str) -> EffectiveSettings:
    """What applies where the settings can't be read."""
    return EffectiveSettings(default_text, answering="mentions", unreadable=unreadable)


def effective_settings(
    scopes: Iterable[tuple[Scope, ScopeSettings]], default_text: str
) -> EffectiveSettings:
    """What applies in the first of these scopes; they go from the narrowest to the widest."""
    found = list(scopes)
    source, text = next(
        ((scope, each.text) for scope, each in found if each.text is not None), (None, default_text)
    )
    model = next((each.model for _, each in found if each.model is not None), "")
    answering = next(
        (each.answering for _, each in found if each.answering is not None), DEFAULT_ANSWERING
    )
    extras = next((each.extras for _, each in found if each.extras is not None), ())
    return EffectiveSettings(text, source, model, answering, extras)
