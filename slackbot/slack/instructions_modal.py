"""Opens, tries out and saves the forms, each within the three seconds that Slack waits.

What takes longer goes on after the acknowledgement and shows its result in the same modal.
https://docs.slack.dev/surfaces/modals#handling_submissions
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.models.views import View

from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.errors import (
    EditConflictError,
    InstructionsError,
    ModelError,
    NotAllowedError,
    OutdatedFormError,
    SlackbotError,
    SlackError,
    UnknownModelError,
    UnopenedFormError,
)
from slackbot.instructions import summaries
from slackbot.instructions.form import Form
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.form_service import InstructionsForms, SaveResult
from slackbot.instructions.instruction_text import validate_instructions
from slackbot.instructions.texts import PERMISSIONS_UNKNOWN
from slackbot.markdown.escaping import escape_mrkdwn
from slackbot.markdown.excerpts import excerpt
from slackbot.slack import texts
from slackbot.slack.channel_notes import ChannelNotes
from slackbot.slack.instructions_modal_view import form_view, initial_input
from slackbot.slack.modal_state import (
    InstructionsInput,
    PromptsInput,
    instructions_input,
    prompts_input,
    text_block,
)
from slackbot.slack.modals import notice
from slackbot.slack.model_menu import model_options
from slackbot.slack.prompts_modal_view import prompts_view
from slackbot.slack.views import SlackViews

logger = logging.getLogger(__name__)

ACK_TIMEOUT_SECONDS = 2.0
"""How long anything may take before an acknowledgement."""

MAX_THEIR_TEXT_CHARS = 1_500
"""Of the text that somebody else has saved meanwhile."""

Acknowledgement = Mapping[str, Any]
"""What the acknowledgement of a submission carries; nothing closes the form."""


class InstructionsModal:
    def __init__(
        self,
        forms: InstructionsForms,
        views: SlackViews,
        notes: ChannelNotes,
        background_tasks: BackgroundTasks,
        default_model: str,
    ) -> None:
        self._forms = forms
        self._views = views
        self._notes = notes
        self._background_tasks = background_tasks
        self._default_model = default_model

    async def open(
        self, user: UserId, channel: ChannelId, trigger: str, *, workspace: bool
    ) -> None:
        """Opens the form. Raises NotAllowedError, or another SlackbotError."""
        form = await self._forms.form(user, channel, workspace=workspace)
        await self._open(trigger, form_view(form))

    async def open_prompts(self, user: UserId, trigger: str) -> None:
        """The same for the suggested prompts."""
        await self._open(trigger, prompts_view(await self._forms.prompts_form(user)))

    async def explain(self, trigger: str, err: SlackbotError) -> None:
        """Says in a modal why the form did not open, if Slack still shows one."""
        with suppress(UnopenedFormError):
            await self._open(trigger, notice(texts.INSTRUCTIONS, sentence(err)))

    async def switch(self, user: UserId, view: Mapping[str, Any], *, workspace: bool) -> None:
        """Shows the form for the other scope; a text that has been changed stays."""
        try:
            filled = instructions_input(view)
            form = await self._forms.form(user, filled.metadata.channel, workspace=workspace)
            shown = replace(initial_input(form), question=filled.question)
            text = filled.values.text
            if text and not filled.metadata.shows(text):
                shown = replace(shown, values=form.values(text))
            new_view = form_view(form, shown)
        except SlackbotError as err:
            new_view = notice(texts.INSTRUCTIONS, sentence(err))
        await self._update(view["id"], new_view, if_hash=view.get("hash"))

    async def try_out(self, user: UserId, view: Mapping[str, Any]) -> None:
        """Asks the model a question under the instructions in the form, and shows its answer."""
        try:
            filled = instructions_input(view)
            metadata = filled.metadata
            form = await self._forms.form(
                user, metadata.channel, workspace=metadata.workspace, fresh=True
            )
        except SlackbotError as err:
            shown = notice(texts.INSTRUCTIONS, sentence(err))
            await self._update(view["id"], shown, if_hash=None)
            return
        waiting = form_view(form, filled, answer=texts.WAITING)
        shown_hash = await self._update(view["id"], waiting, if_hash=view.get("hash"))
        if shown_hash:
            answer = await self._forms.try_out(form, metadata, filled.values, filled.question)
            answered = form_view(form, filled, answer=answer)
            await self._update(view["id"], answered, if_hash=shown_hash)

    async def submit(self, user: UserId, view: Mapping[str, Any]) -> Acknowledgement:
        """Saves a form."""
        try:
            filled = instructions_input(view)
            if filled.values.text is not None and filled.values.file is None:
                validate_instructions(filled.values.text)
        except OutdatedFormError as err:
            return _updated(notice(texts.NOT_SAVED, err.user_message))
        except InstructionsError as err:
            return _field_error(view, err)
        return await self._in_time(view["id"], self._saved(self._submission(user, filled)))

    async def submit_prompts(self, user: UserId, view: Mapping[str, Any]) -> Acknowledgement:
        """Saves the suggested prompts."""
        try:
            filled = prompts_input(view)
        except OutdatedFormError as err:
            return _updated(notice(texts.NOT_SAVED, err.user_message))
        return await self._in_time(view["id"], self._saved(self._prompts_submission(user, filled)))

    async def options(self, query: str) -> list[dict[str, Any]]:
        """The models to choose from; only the default one if the server takes too long."""
        try:
            async with asyncio.timeout(ACK_TIMEOUT_SECONDS):
                names = await self._forms.models(query)
        except (ModelError, TimeoutError):
            logger.warning("The models could not be listed")
            names = []
        return model_options(names, query, self._default_model)

    def _submission(self, user: UserId, filled: InstructionsInput) -> "Submission":
        metadata = filled.metadata

        def show(form: Form, shown: FormMetadata, warning: str, submit: str) -> View:
            return form_view(form, replace(filled, metadata=shown), warning=warning, submit=submit)

        return Submission(
            metadata,
            form=lambda: self._forms.form(
                user, metadata.channel, workspace=metadata.workspace, fresh=True
            ),
            save=lambda: self._forms.save(user, metadata, filled.values),
            show=show,
            text=filled.values.text or "",
        )

    def _prompts_submission(self, user: UserId, filled: PromptsInput) -> "Submission":
        def show(form: Form, shown: FormMetadata, warning: str, submit: str) -> View:
            filled_again = replace(filled, metadata=shown)
            return prompts_view(form, filled_again, warning=warning, submit=submit)

        return Submission(
            filled.metadata,
            form=lambda: self._forms.prompts_form(user, fresh=True),
            save=lambda: self._forms.save_prompts(user, filled.metadata, filled.fields),
            show=show,
            text="\n\n".join(filter(None, filled.fields)),
        )

    async def _saved(self, submission: "Submission") -> View:
        """What the modal shows once the form is saved or refused; no text is lost."""
        try:
            return await self._save(submission)
        except NotAllowedError as err:
            return notice(texts.NOT_SAVED, err.user_message)
        except SlackbotError as err:
            return notice(texts.NOT_SAVED, sentence(err), submission.text)

    async def _save(self, submission: "Submission") -> View:
        metadata = submission.metadata
        try:
            saved = await submission.save()
        except EditConflictError:
            form = await submission.form()
            return submission.show(form, form.metadata, _conflict(form), texts.SAVE_ANYWAY)
        except (UnknownModelError, ModelError) as err:
            form = await submission.form()
            return submission.show(form, metadata, escape_mrkdwn(err.user_message), texts.SAVE)
        try:
            if saved.channel_note:
                await self._notes.post(metadata.channel, saved.channel_note)
        except SlackError as err:
            logger.warning("A channel was not told: %s", err.detail)
            return notice(texts.SAVED, f"{saved.message}\n\n{texts.CHANNEL_NOT_TOLD}")
        return notice(texts.SAVED, saved.message)

    async def _in_time(self, view_id: str, saving: Coroutine[Any, Any, View]) -> Acknowledgement:
        """The result, if it is there in time; otherwise it is shown later."""
        task = asyncio.ensure_future(saving)
        done, _ = await asyncio.wait({task}, timeout=ACK_TIMEOUT_SECONDS)
        if done:
            return _updated(task.result())
        self._background_tasks.begin(self._show_later(view_id, task))
        return _updated(notice(texts.SAVING, texts.SAVING_TAKES_LONG))

    async def _show_later(self, view_id: str, saving: Awaitable[View]) -> None:
        await self._update(view_id, await saving, if_hash=None)

    async def _open(self, trigger: str, view: View) -> None:
        try:
            await self._views.open(trigger, view)
        except SlackError as err:
            logger.warning("A form was not opened: %s", err.detail)
            raise UnopenedFormError from err

    async def _update(self, view_id: str, view: View, *, if_hash: str | None) -> str:
        """The new hash; empty if the person has moved on, or if Slack fails."""
        try:
            return await self._views.update(view_id, view, if_hash=if_hash)
        except SlackError as err:
            logger.info("A form was not updated: %s", err.detail)
            return ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was submitted: how to save it, and how to show it again."""

    metadata: FormMetadata
    form: Callable[[], Awaitable[Form]]
    save: Callable[[], Awaitable[SaveResult]]
    show: Callable[[Form, FormMetadata, str, str], View]
    """Takes the metadata to show, a warning, and the label of the button."""
    text: str


def sentence(err: SlackbotError) -> str:
    """What to tell a person who could not do something."""
    return PERMISSIONS_UNKNOWN if isinstance(err, SlackError) else err.user_message


def _conflict(form: Form) -> str:
    last = form.last_revision
    who = texts.SOMEBODY if last is None else summaries.author(last)
    their_text = excerpt(form.text, MAX_THEIR_TEXT_CHARS)
    return texts.EDIT_CONFLICT.format(who=who, their_text=their_text)


def _field_error(view: Mapping[str, Any], err: InstructionsError) -> Acknowledgement:
    """Slack shows the sentence below the field for the text."""
    return {"response_action": "errors", "errors": {text_block(view): err.user_message}}


def _updated(view: View) -> Acknowledgement:
    return {"response_action": "update", "view": view.to_dict()}
