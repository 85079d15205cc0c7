"""The form in which somebody changes what is set for a scope: what it shows, what was filled in.

Pure. Between its opening and its saving a form is in Slack's hands, so it carries a ticket that
says what it was opened for. A ticket can be forged: it gives no right to anything.
"""

import json
import re
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from slackbot.conversation.addressing import Answering
from slackbot.conversation.attachment import Attachment
from slackbot.errors import OutdatedFormError
from slackbot.instructions.scopes import (
    PROMPTS,
    EffectiveSettings,
    Extra,
    Revision,
    Scope,
    ScopeSettings,
    cleaned,
    written,
)

VERSION = 1
"""Of the tickets and of what the form asks for."""

FIELD = 3_000
"""Characters that a field takes:
https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
"""


@dataclass(frozen=True, slots=True)
class FormMetadata:
    """What a form was opened for: the channel that it was opened in, if any, and the last edition
    and the text that it showed.
    """

    channel: str
    workspace: bool
    after: int
    shown: str
    """A digest of the text: what is saved as it was shown has not been changed."""
    v: int = VERSION

    def scope(self, team: str) -> Scope:
        return Scope(team) if self.workspace else Scope(team, self.channel)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "FormMetadata":
        """Raises OutdatedFormError for one that is none of this version's."""
        try:
            metadata = cls(**json.loads(text))
            is_ours = (
                metadata.v == VERSION
                and isinstance(metadata.workspace, bool)
                and type(metadata.after) is int
                and isinstance(metadata.shown, str)
                and re.fullmatch(r"[A-Z0-9]*", metadata.channel) is not None
                and (metadata.workspace or metadata.channel != "")
            )
        except (TypeError, ValueError, RecursionError):
            is_ours = False
        if not is_ours:
            raise OutdatedFormError
        return metadata


@dataclass(frozen=True, slots=True)
class FormValues:
    """What somebody has filled in, as it came; `text` is None where a field that may be left empty
    was.
    """

    text: str | None
    model: str
    """Empty for whatever is used around the scope."""
    answering: Answering
    extras: tuple[Extra, ...] = ()
    note: bool = False
    """The channel is to be told."""
    file: Attachment | None = None
    """What stands in it counts, and not the text."""


@dataclass(frozen=True, slots=True)
class Form:
    """What is shown to somebody who may change a scope's setup."""

    scope: Scope
    here: str
    """The channel that it was opened in, or empty."""
    last: Revision | None
    around: EffectiveSettings
    """What would hold if nothing were set for the scope itself."""
    model: str
    """The model that the bot was started with."""
    offered: tuple[Extra, ...] = ()
    """What there is to be switched on."""
    may_both: bool = False
    """The same person may change the workspace's and the channel's."""

    @property
    def own(self) -> ScopeSettings:
        return ScopeSettings() if self.last is None else self.last.setup

    @property
    def text(self) -> str:
        """What holds, to begin with."""
        return self.around.text if self.own.text is None else self.own.text

    @property
    def answering(self) -> Answering:
        return self.own.answering or self.around.answering

    @property
    def extras(self) -> tuple[Extra, ...]:
        return self.around.extras if self.own.extras is None else self.own.extras

    @property
    def fits(self) -> bool:
        """Whether the text can be shown in a field."""
        return len(self.text) <= FIELD

    @property
    def metadata(self) -> FormMetadata:
        after = 0 if self.last is None else self.last.number
        return FormMetadata(self.here, self.scope.channel == "", after, digest(self.text))

    def with_text(self, text: str | None) -> FormValues:
        """As the form shows itself, but for the text."""
        return FormValues(text, self.own.model or "", self.answering, self.extras)

    def setup(self, form_values: FormValues, metadata: FormMetadata) -> ScopeSettings:
        """What is to be set: what holds around the scope anyway is not set for it, and what a
        field was shown with stays what it is. Raises InstructionsError.
        """
        text = self.own.text
        if form_values.text is not None and digest(form_values.text) != metadata.shown:
            text = written(form_values.text)
        answering: Answering | None = form_values.answering
        if self.own.answering is None and answering == self.around.answering:
            answering = None
        extras = self.own.extras
        chosen = tuple(each for each in form_values.extras if each in self.offered)
        if set(chosen) != {*self.extras} & {*self.offered}:
            extras = chosen + tuple(each for each in self.extras if each not in self.offered)
        return replace(
            self.own, text=text, model=form_values.model or None, answering=answering, extras=extras
        )


def suggested(fields: list[str]) -> tuple[str, ...] | None:
    """The suggested prompts in so many fields; None where all are empty."""
    prompts = tuple(filter(None, map(cleaned, fields)))[:PROMPTS]
    return prompts or None


def digest(text: str) -> str:
    """Of a text as Slack gives it back."""
    return sha256(cleaned(text).encode("utf-8", "replace")).hexdigest()[:16]
