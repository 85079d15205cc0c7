"""Fills the form for people who can change instructions, saves it, and tries what it says."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.roles import Role
from slackbot.errors import (
    AttachmentError,
    EditConflictError,
    InstructionsError,
    UnknownModelError,
)
from slackbot.instructions import summaries, texts
from slackbot.instructions.form import Form, FormValues, prompts_from
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.settings import Extra, ScopeSettings
from slackbot.instructions.text_reader import TextReader
from slackbot.instructions.trial import try_instructions
from slackbot.llm.model import Model
from slackbot.markdown.names import name_as_mrkdwn


class ModelCatalog(Model, Protocol):
    async def names(self) -> Sequence[str]:
        """The models that the server has. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class FormOptions:
    """What is the same for all forms of a workspace."""

    team: TeamId
    default_model: str
    """The model that the bot was started with."""
    context_tokens: int
    """The most tokens that a request for a trial takes."""
    available_extras: tuple[Extra, ...] = ()
    """Those that the bot can switch on."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    message: str
    """For the person who saved the form, in Slack's markup."""
    channel_note: str = ""
    """For the channel; empty if it should not be told."""


class InstructionsForms:
    """Each method may raise InstructionsError, StoreError and SlackError. `save` reads files and
    asks for the server's models, so it may also raise AttachmentError and ModelError.
    """

    def __init__(
        self,
        instructions_service: InstructionsService,
        text_reader: TextReader,
        model: ModelCatalog,
        options: FormOptions,
    ) -> None:
        self._instructions_service = instructions_service
        self._text_reader = text_reader
        self._model = model
        self._options = options

    async def form(
        self, user: UserId, channel: ChannelId, *, workspace: bool, fresh: bool = False
    ) -> Form:
        """The form for a channel or for the workspace; `channel` is where it is opened, and empty
        for the Home tab. Raises NotAllowedError for people who can't use it; `fresh` asks Slack for
        their role again.
        """
        service, team = self._instructions_service, self._options.team
        scope = Scope(team) if workspace else Scope(team, channel)
        await service.require_permission(user, scope, fresh=fresh)
        return Form(
            scope,
            channel,
            last_revision=await service.revision_store.last_revision(scope),
            inherited=await service.settings_in(scope.wider),
            default_model=self._options.default_model,
            available_extras=self._options.available_extras,
            can_switch_scope=channel != "" and await service.role(user) >= Role.ADMIN,
        )

    async def prompts_form(self, user: UserId, *, fresh: bool = False) -> Form:
        """The form for the workspace's suggested prompts."""
        return await self.form(user, ChannelId(""), workspace=True, fresh=fresh)

    async def save(
        self, user: UserId, metadata: FormMetadata, form_values: FormValues
    ) -> SaveResult:
        """Raises EditConflictError if somebody saved another version after the form was opened."""
        form = await self._as_opened(user, metadata)
        settings = form.new_settings(await self._read(form_values, metadata), metadata)
        if settings.model not in (None, form.own_settings.model):
            await self._require_model(form_values.model)
        note = ""
        if form_values.notify_channel and form.scope.channel:
            note = texts.channel_note(name_as_mrkdwn(await self._text_reader.name_of(user)))
        return await self._save(user, form, settings, note)

    async def save_prompts(
        self, user: UserId, metadata: FormMetadata, fields: Sequence[str]
    ) -> SaveResult:
        """Saves the suggested prompts; raises EditConflictError as `save` does."""
        form = await self._as_opened(user, replace(metadata, workspace=True))
        if form.unreadable is not None:  # or the default instructions would apply from now on
            raise InstructionsError(texts.unreadable(form.scope, form.unreadable.number))
        settings = replace(form.own_settings, prompts=prompts_from(fields))
        return await self._save(user, form, settings)

    async def try_out(
        self, form: Form, metadata: FormMetadata, form_values: FormValues, question: str
    ) -> str:
        """What the model answers under the values of a form, without saving them."""
        if not question.strip():
            return texts.ENTER_A_QUESTION
        try:
            settings = form.new_settings(await self._read(form_values, metadata), metadata)
        except (InstructionsError, AttachmentError) as err:
            return err.user_message
        if form.inherited.unreadable is not None:
            return texts.unreadable_here(form.inherited.unreadable.scope)
        text = form.inherited.text if settings.text is None else settings.text
        name = settings.model or form.inherited.model
        return await try_instructions(
            self._model, name, text, question, self._options.context_tokens
        )

    async def models(self, query: str) -> Sequence[str]:
        """The models with this text in their names. Raises ModelError."""
        return [name for name in await self._model.names() if query.lower() in name.lower()]

    async def _as_opened(self, user: UserId, metadata: FormMetadata) -> Form:
        """The form as it was when it was opened, if the person can still use it."""
        form = await self.form(user, metadata.channel, workspace=metadata.workspace)
        if form.metadata.revision == metadata.revision:
            return form
        history = await self._instructions_service.revision_store.revisions(form.scope)
        if not 0 <= metadata.revision < len(history):
            raise EditConflictError
        last = history[metadata.revision - 1] if metadata.revision else None
        return replace(form, last_revision=last)

    async def _save(
        self, user: UserId, form: Form, settings: ScopeSettings, note: str = ""
    ) -> SaveResult:
        """Saves a form once, however often it comes: people press a button twice, and press it
        again if Slack did not get the bot's answer.
        """
        service, scope, before = self._instructions_service, form.scope, form.own_settings
        # What came before, such as reading a file, may have taken seconds.
        await service.require_permission(user, scope, fresh=True)
        seen = form.metadata.revision
        if settings != before or (form.unreadable is not None and form.unreadable.scope == scope):
            with suppress(EditConflictError):
                revision = await service.change(scope, SettingsChange(user, settings, seen))
                return SaveResult(summaries.saved(scope, before, revision), note)
        last = await service.revision_store.last_revision(scope)
        if last == form.last_revision:
            return SaveResult(texts.unchanged(scope))
        if last is not None and (last.number, last.user, last.settings) == (
            seen + 1,
            user,
            settings,
        ):
            return SaveResult(summaries.saved(scope, before, last))
        raise EditConflictError

    async def _read(self, form_values: FormValues, metadata: FormMetadata) -> FormValues:
        """The values with the text of their file, or with a changed text as plain text."""
        if form_values.file is not None:
            text = await self._text_reader.file_text(ChannelId(""), form_values.file)
        elif form_values.text is None or metadata.shows(form_values.text):
            return form_values
        else:
            text = await self._text_reader.plain_text(form_values.text)
        return replace(form_values, text=text)

    async def _require_model(self, name: str) -> None:
        if name not in await self._model.names():
            raise UnknownModelError(name)
