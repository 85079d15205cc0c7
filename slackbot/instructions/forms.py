"""Hands out forms for what is set, takes them in again, and tries what stands in them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from slackbot.errors import AttachmentError, InstructionsError, OvertakenError, UnknownModelError
from slackbot.instructions import texts
from slackbot.instructions.commands import DocumentReader
from slackbot.instructions.form import Form, FormMetadata, FormValues, digest, suggested
from slackbot.instructions.scopes import LIMIT, Extra, Scope, ScopeSettings
from slackbot.instructions.service import InstructionsService
from slackbot.instructions.trial import try_instructions
from slackbot.llm.model import Model
from slackbot.markdown.escaping import escape_mrkdwn

NOTE = "{} has changed what I am told to be in this channel: `/instructions show` shows it."
SAME = "Nothing was changed: that is what is set for {} already."
NO_QUESTION = "Write a question first."


class ModelCatalog(Model, Protocol):
    async def names(self) -> Sequence[str]:
        """The models that there are. Raises ModelError."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What the person is told who saved a form, and what its channel is, if anything."""

    sentence: str
    note: str = ""


class InstructionsForms:
    """Each method may raise InstructionsError, StoreError and SlackError; `save`, which reads files
    and asks the model server what models there are, also AttachmentError and ModelError.
    """

    def __init__(
        self,
        *,
        team: str,
        instructions_service: InstructionsService,
        documents: DocumentReader,
        model: ModelCatalog,
        usual: str,
        context_tokens: int,
        extras: tuple[Extra, ...] = (),
    ) -> None:
        """`usual` is the name of the model that the bot was started with; `extras` are those that
        the bot has been given what they need.
        """
        self._team = team
        self._instructions_service = instructions_service
        self._documents = documents
        self._model = model
        self._usual = usual
        self._context_tokens = context_tokens
        self._extras = extras

    async def form(self, user: str, here: str, *, workspace: bool, saving: bool = False) -> Form:
        """The form for a channel, or for the workspace, opened in the channel `here` if in any.

        Raises NotAllowedError for who may not use it.
        """
        workspace = workspace or not here
        scope = Scope(self._team) if workspace else Scope(self._team, here)
        await self._instructions_service.require(user, scope, saving=saving)
        return Form(
            scope,
            here,
            last=await self._instructions_service.records.last_revision(scope),
            around=await self._instructions_service.standing(scope.wider),
            model=self._usual,
            offered=self._extras,
            may_both=here != "" and await self._instructions_service.may_appoint(user),
        )

    async def save(self, user: str, metadata: FormMetadata, form_values: FormValues) -> SaveResult:
        """Raises OvertakenError where somebody else has saved another since this was opened."""
        form = await self._as_opened(user, metadata)
        setup = form.setup(await self._read(form_values, metadata), metadata)
        if setup.model not in (None, form.own.model):
            await self._require_model(form_values.model)
        told = form_values.note and form.scope.channel
        note = (
            NOTE.format(escape_mrkdwn(await self._instructions_service.name_of(user)))
            if told
            else ""
        )
        return await self._amended(user, form, setup, note)

    async def try_out(
        self, form: Form, metadata: FormMetadata, form_values: FormValues, question: str
    ) -> str:
        """What the model answers, told what was filled in and not saved."""
        if not question.strip():
            return NO_QUESTION
        try:
            setup = form.setup(await self._read(form_values, metadata), metadata)
        except (InstructionsError, AttachmentError) as err:
            return err.user_message
        text = form.around.text if setup.text is None else setup.text
        name = setup.model or form.around.model
        return await try_instructions(self._model, name, text, question, self._context_tokens)

    async def prompts(self, user: str) -> Form:
        """The form for the suggested prompts of the workspace."""
        return await self.form(user, "", workspace=True)

    async def save_prompts(
        self, user: str, metadata: FormMetadata, fields: list[str]
    ) -> SaveResult:
        """Raises OvertakenError as above."""
        form = await self._as_opened(user, replace(metadata, workspace=True))
        return await self._amended(user, form, replace(form.own, prompts=suggested(fields)))

    async def models(self, query: str) -> Sequence[str]:
        """Those whose names have this in them. Raises ModelError."""
        return [name for name in await self._model.names() if query.lower() in name.lower()]

    async def _as_opened(self, user: str, metadata: FormMetadata) -> Form:
        """The form that a ticket is of, for somebody who may still use it."""
        form = await self.form(user, metadata.channel, workspace=metadata.workspace, saving=True)
        if form.metadata.after == metadata.after:
            return form
        history = await self._instructions_service.records.revisions(form.scope)
        if not 0 <= metadata.after < len(history):
            raise OvertakenError
        return replace(form, last=history[metadata.after - 1] if metadata.after else None)

    async def _amended(
        self, user: str, form: Form, setup: ScopeSettings, note: str = ""
    ) -> SaveResult:
        """A form is saved once, however often it is handed in: people press a button twice, and
        once more when Slack did not get our answer.
        """
        after = form.metadata.after
        if setup != form.own:
            with suppress(OvertakenError):
                revision = await self._instructions_service.amend(
                    form.scope, user, setup, after=after
                )
                return SaveResult(texts.changed(form.scope, form.own, revision), note)
        last = await self._instructions_service.records.last_revision(form.scope)
        if last == form.last:
            return SaveResult(SAME.format(form.scope))
        if last is not None and (last.number, last.user, last.settings) == (after + 1, user, setup):
            return SaveResult(texts.changed(form.scope, form.own, last))
        raise OvertakenError

    async def _read(self, form_values: FormValues, metadata: FormMetadata) -> FormValues:
        """With the text of its file, if there is one; else with Slack's markup read, unless the
        text is as it was shown.
        """
        if form_values.file is not None:
            return replace(
                form_values, text=await self._documents.text("", form_values.file, LIMIT + 1)
            )
        if form_values.text is None or digest(form_values.text) == metadata.shown:
            return form_values
        return replace(form_values, text=await self._instructions_service.read(form_values.text))

    async def _require_model(self, name: str) -> None:
        if name not in await self._model.names():
            raise UnknownModelError(name)
