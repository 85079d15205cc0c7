"""The form in which people change what is set for a scope: what it shows, and what they fill in.

Pure. It knows nothing of Slack's blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slackbot.conversation.addressing import Answering
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import ChannelId
from slackbot.instructions.form_metadata import FormMetadata, text_digest
from slackbot.instructions.instruction_text import normalize_text, validate_instructions
from slackbot.instructions.limits import MAX_FIELD_CHARS, MAX_PROMPTS
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import (
    NO_SETTINGS,
    EffectiveSettings,
    Extra,
    ScopeSettings,
    UnreadableSettings,
)


@dataclass(frozen=True, slots=True)
class FormValues:
    """What somebody filled in."""

    text: str | None
    """None if the field is empty and may be: the text stays as it is."""
    model: str
    """Empty for the inherited one."""
    answering: Answering
    extras: tuple[Extra, ...] = ()
    notify_channel: bool = False
    file: Attachment | None = None
    """Holds the text, in place of the field."""


@dataclass(frozen=True, slots=True)
class Form:
    """What a person sees who can change what is set for a scope."""

    scope: Scope
    channel: ChannelId
    """The channel in which it was opened; empty for the Home tab."""
    last_revision: Revision | None
    inherited: EffectiveSettings
    """What applies if nothing is set for the scope itself."""
    default_model: str
    """The model that the bot was started with."""
    available_extras: tuple[Extra, ...] = ()
    """Those that the bot can switch on."""
    can_switch_scope: bool = False
    """The person can change both the workspace's settings and the channel's."""

    @property
    def own_settings(self) -> ScopeSettings:
        """What is set for the scope itself; nothing if that can't be read."""
        last = self.last_revision
        return NO_SETTINGS if last is None or last.settings is None else last.settings

    @property
    def unreadable(self) -> UnreadableSettings | None:
        """The last revision of the scope, or of the one it inherits from, if it can't be read."""
        last = self.last_revision
        if last is not None and last.settings is None:
            return UnreadableSettings(self.scope, last.number)
        return self.inherited.unreadable

    @property
    def text(self) -> str:
        """What applies; so do `answering` and `extras`."""
        own = self.own_settings.text
        return self.inherited.text if own is None else own

    @property
    def answering(self) -> Answering:
        return self.own_settings.answering or self.inherited.answering

    @property
    def extras(self) -> tuple[Extra, ...]:
        own = self.own_settings.extras
        return self.inherited.extras if own is None else own

    @property
    def text_fits(self) -> bool:
        """Whether a field can hold the text."""
        return len(self.text) <= MAX_FIELD_CHARS

    @property
    def metadata(self) -> FormMetadata:
        number = 0 if self.last_revision is None else self.last_revision.number
        return FormMetadata(self.channel, self.scope.channel == "", number, text_digest(self.text))

    def values(self, text: str | None) -> FormValues:
        """The values that the form shows, with another text."""
        return FormValues(text, self.own_settings.model or "", self.answering, self.extras)

    def new_settings(self, form_values: FormValues, metadata: FormMetadata) -> ScopeSettings:
        """The scope's settings once the form is saved. What is as it was inherited stays inherited.

        Raises InstructionsError if the text can't be stored.
        """
        own = self.own_settings
        text = own.text
        if form_values.text is not None and not metadata.shows(form_values.text):
            text = validate_instructions(form_values.text)
        answering: Answering | None = form_values.answering
        if own.answering is None and answering == self.inherited.answering:
            answering = None
        return replace(
            own,
            text=text,
            model=form_values.model or None,
            answering=answering,
            extras=self._new_extras(form_values.extras),
        )

    def _new_extras(self, chosen: Sequence[Extra]) -> tuple[Extra, ...] | None:
        """Extras that the form does not offer stay as they are."""
        available = {*self.available_extras}
        kept = tuple(each for each in chosen if each in available)
        if {*kept} == {*self.extras} & available:
            return self.own_settings.extras
        return kept + tuple(each for each in self.extras if each not in available)


def prompts_from(fields: Sequence[str]) -> tuple[str, ...] | None:
    """The suggested prompts in these fields; None if all are empty."""
    prompts = tuple(filter(None, map(normalize_text, fields)))[:MAX_PROMPTS]
    return prompts or None
