"""Where forms are opened, tried and handed in, each within the three seconds that Slack gives.

What takes longer goes on after the acknowledgement, and shows its end in the same modal.
https://docs.slack.dev/surfaces/modals#handling_submissions
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.views import View

from slackbot.background import BackgroundTasks
from slackbot.errors import (
    InstructionsError,
    ModelError,
    NotAllowedError,
    OutdatedFormError,
    OvertakenError,
    SlackbotError,
    SlackError,
    UnknownModelError,
    UnopenedFormError,
)
from slackbot.instructions import texts
from slackbot.instructions.commands import UNSURE
from slackbot.instructions.form import Form, FormMetadata, digest
from slackbot.instructions.forms import InstructionsForms, SaveResult
from slackbot.instructions.scopes import written
from slackbot.markdown.escaping import escape_mrkdwn
from slackbot.markdown.excerpts import excerpt
from slackbot.slack.modal_state import filled_in, prompts_in, question_in, text_block, ticket_of
from slackbot.slack.modal_view import form_view
from slackbot.slack.modals import notice
from slackbot.slack.model_menu import model_options
from slackbot.slack.prompts_modal_view import prompts_view
from slackbot.slack.surfaces import Surfaces

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds for what has to be done before an acknowledgement."""

SAVING = "Saving takes longer than usual. This will say how it ended."
UNTOLD = "The channel was not told: Slack did not take the note."
ASKING = "…"
OVERTAKEN = "{who} changed this while you were writing. What they wrote:\n>>> {theirs}"
THEIRS = 1_500
"""Characters of the other's text that are shown."""

Acknowledgement = Mapping[str, Any]
"""What goes with the acknowledgement of a submission; nothing closes the form."""


class InstructionsModal:
    def __init__(
        self,
        forms: InstructionsForms,
        surfaces: Surfaces,
        background_tasks: BackgroundTasks,
        usual: str,
    ) -> None:
        """`usual` is the name of the model that the bot was started with."""
        self._forms = forms
        self._surfaces = surfaces
        self._background_tasks = background_tasks
        self._usual = usual

    async def open(self, user: str, channel: str, trigger: str, *, workspace: bool) -> None:
        """Opens the form. Raises NotAllowedError for who may not use it, and any SlackbotError."""
        form = await self._forms.form(user, channel, workspace=workspace)
        await self._open(trigger, form_view(form))

    async def open_prompts(self, user: str, trigger: str) -> None:
        """The same for the suggested prompts."""
        await self._open(trigger, prompts_view(await self._forms.prompts(user)))

    async def explain(self, trigger: str, err: SlackbotError) -> None:
        """Says in a modal why there is no form, if Slack still opens one."""
        with suppress(UnopenedFormError):
            await self._open(trigger, notice("Instructions", sentence(err)))

    async def switch(self, user: str, view: Mapping[str, Any], *, workspace: bool) -> None:
        """Shows the form for the other scope; a text that was written already stays."""
        try:
            metadata, text, question = ticket_of(view), filled_in(view).text, question_in(view)
            form = await self._forms.form(user, metadata.channel, workspace=workspace)
            written = form.with_text(text) if text and digest(text) != metadata.shown else None
            shown = form_view(form, form_values=written, question=question)
        except SlackbotError as err:
            shown = notice("Instructions", sentence(err))
        await self._show(view["id"], shown, seen=view.get("hash"))

    async def try_out(self, user: str, view: Mapping[str, Any]) -> None:
        """Asks the model, told what stands in the form, and shows what it answers."""
        try:
            metadata, form_values, question = ticket_of(view), filled_in(view), question_in(view)
            form = await self._forms.form(user, metadata.channel, workspace=metadata.workspace)
        except SlackbotError as err:
            await self._show(view["id"], notice("Instructions", sentence(err)), seen=None)
            return
        asking = form_view(
            form, metadata=metadata, form_values=form_values, question=question, answer=ASKING
        )
        seen = await self._show(view["id"], asking, seen=view.get("hash"))
        if seen:
            answer = await self._forms.try_out(form, metadata, form_values, question)
            shown = form_view(
                form, metadata=metadata, form_values=form_values, question=question, answer=answer
            )
            await self._show(view["id"], shown, seen=seen)

    async def submit(self, user: str, view: Mapping[str, Any]) -> Acknowledgement:
        """Saves a form."""
        try:
            sheet = self._sheet(user, view)
            form_values = filled_in(view)
            if form_values.text is not None and form_values.file is None:
                written(form_values.text)
        except OutdatedFormError as err:
            return _updated(notice("Not saved", err.user_message))
        except InstructionsError as err:
            return _mistaken(view, err)
        return await self._in_time(view["id"], self._saved(sheet))

    async def submit_prompts(self, user: str, view: Mapping[str, Any]) -> Acknowledgement:
        """Saves the suggested prompts."""
        try:
            sheet = self._prompts_sheet(user, view)
        except OutdatedFormError as err:
            return _updated(notice("Not saved", err.user_message))
        return await self._in_time(view["id"], self._saved(sheet))

    async def options(self, query: str) -> list[dict[str, Any]]:
        """The models to choose from; only the usual one where the server tells none in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                names = await self._forms.models(query)
        except (ModelError, TimeoutError):
            logger.warning("The models could not be listed")
            names = []
        return model_options(names, query, self._usual)

    def _sheet(self, user: str, view: Mapping[str, Any]) -> "Sheet":
        """Raises InstructionsError where it is none of this version's."""
        metadata, form_values, question = ticket_of(view), filled_in(view), question_in(view)

        def show(form: Form, warning: str, kept: FormMetadata | None) -> View:
            return form_view(
                form, metadata=kept, form_values=form_values, question=question, warning=warning
            )

        return Sheet(
            metadata,
            form=lambda: self._forms.form(user, metadata.channel, workspace=metadata.workspace),
            save=lambda: self._forms.save(user, metadata, form_values),
            show=show,
            written=form_values.text or "",
        )

    def _prompts_sheet(self, user: str, view: Mapping[str, Any]) -> "Sheet":
        """The same for the suggested prompts."""
        metadata, fields = ticket_of(view), prompts_in(view)

        def show(form: Form, warning: str, kept: FormMetadata | None) -> View:
            return prompts_view(form, metadata=kept, fields=fields, warning=warning)

        return Sheet(
            metadata,
            form=lambda: self._forms.prompts(user),
            save=lambda: self._forms.save_prompts(user, metadata, fields),
            show=show,
            written="\n\n".join(filter(None, fields)),
        )

    async def _saved(self, sheet: "Sheet") -> View:
        """What a form shows once it is saved, or could not be; what was written is not lost."""
        try:
            return await self._save(sheet)
        except NotAllowedError as err:
            return notice("Not saved", err.user_message)
        except SlackbotError as err:
            return notice("Not saved", sentence(err), sheet.written)

    async def _save(self, sheet: "Sheet") -> View:
        try:
            saved = await sheet.save()
        except OvertakenError:
            form = await sheet.form()
            return sheet.show(form, _overtaken(form), None)
        except (UnknownModelError, ModelError) as err:
            return sheet.show(await sheet.form(), escape_mrkdwn(err.user_message), sheet.metadata)
        try:
            if saved.note:
                await self._surfaces.tell(sheet.metadata.channel, saved.note)
        except SlackError as err:
            logger.warning("A channel was not told: %s", err.__cause__)
            return notice("Saved", f"{saved.sentence}\n\n{UNTOLD}")
        return notice("Saved", saved.sentence)

    async def _in_time(self, view_id: str, saving: Coroutine[Any, Any, View]) -> Acknowledgement:
        task = asyncio.ensure_future(saving)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        if done:
            return _updated(task.result())
        self._background_tasks.begin(self._later(view_id, task))
        return _updated(notice("Saving", SAVING))

    async def _later(self, view_id: str, saving: Awaitable[View]) -> None:
        await self._show(view_id, await saving, seen=None)

    async def _open(self, trigger: str, view: View) -> None:
        try:
            await self._surfaces.open(trigger, view)
        except SlackError as err:
            logger.warning("A form was not opened: %s", err.__cause__)
            raise UnopenedFormError from err

    async def _show(self, view_id: str, view: View, *, seen: str | None) -> str:
        """The hash of what is shown; empty where the person has moved on, or Slack fails."""
        try:
            return await self._surfaces.update(view_id, view, seen=seen)
        except SlackError as err:
            logger.info("A form was not updated: %s", err.__cause__)
            return ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form that was handed in: how it is saved, and how it is shown again."""

    metadata: FormMetadata
    form: Callable[[], Awaitable[Form]]
    save: Callable[[], Awaitable[SaveResult]]
    show: Callable[[Form, str, FormMetadata | None], View]
    """With a warning; and as it was opened, unless the ticket is a new one."""
    written: str


def sentence(err: SlackbotError) -> str:
    """What a person is told who may not, or of whom Slack does not say whether they may."""
    return UNSURE if isinstance(err, SlackError) else err.user_message


def _overtaken(form: Form) -> str:
    who = "Somebody" if form.last is None else texts.by(form.last)
    return OVERTAKEN.format(who=who, theirs=excerpt(form.text, THEIRS))


def _mistaken(view: Mapping[str, Any], err: InstructionsError) -> Acknowledgement:
    """The sentence stands beneath the field that it is about."""
    return {"response_action": "errors", "errors": {text_block(view): err.user_message}}


def _updated(view: View) -> Acknowledgement:
    return {"response_action": "update", "view": view.to_dict()}
