"""The form for the instructions and the other settings of a channel or the workspace, as a modal.

What people have typed stays when a modal is updated, as long as the block keeps its ID. So the
fields for the channel and those for the workspace have different IDs.
https://docs.slack.dev/surfaces/modals
"""

from collections.abc import Iterator

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    CheckboxesElement,
    ContextBlock,
    DividerBlock,
    ExternalDataSelectElement,
    InputBlock,
    MarkdownTextObject,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    SectionBlock,
)
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from slackbot.instructions import summaries
from slackbot.instructions.form import Form, FormValues
from slackbot.instructions.limits import MAX_FIELD_CHARS, MAX_INSTRUCTIONS_CHARS
from slackbot.instructions.scopes import Scope
from slackbot.instructions.texts import unreadable
from slackbot.slack import texts
from slackbot.slack.modal_state import (
    ANSWERING,
    EXTRAS,
    FILE,
    INSTRUCTIONS_FORM,
    MODEL,
    NOTE,
    QUESTION,
    SCOPE,
    TEXT,
    TRY,
    InstructionsInput,
)
from slackbot.slack.modals import form_modal, plain_sections, section, warning_blocks
from slackbot.slack.model_menu import default_option, model_option

MAX_TEXT_CHARS = 2_900
"""Of instructions that the field can't hold; a section holds 3,000."""

MAX_ANSWER_CHARS = 2 * MAX_FIELD_CHARS
"""Of the answer to a question that was tried; a modal can't hold much more."""

FILE_TYPES = ["txt", "text", "md", "docx", "pdf"]


def form_view(
    form: Form,
    filled: InstructionsInput | None = None,
    *,
    answer: str = "",
    warning: str = "",
    submit: str = texts.SAVE,
) -> View:
    """The form with what is set, or with what somebody has `filled` in; `answer` is the model's to
    a question that was tried.
    """
    filled = filled or initial_input(form)
    values = filled.values
    blocks = [
        *warning_blocks(warning),
        *_scope(form),
        *_source(form),
        _text(form, values),
        _file(form),
        _model(form, values),
        _answering(form, values),
        *_extras(form, values),
        *_note(form),
        DividerBlock(),
        *_question(filled.question, answer),
    ]
    return form_modal(
        INSTRUCTIONS_FORM, texts.INSTRUCTIONS, blocks, metadata=filled.metadata, submit=submit
    )


def initial_input(form: Form) -> InstructionsInput:
    """A form as it is when it opens."""
    return InstructionsInput(form.metadata, form.values(form.text if form.text_fits else None))


def _scope(form: Form) -> Iterator[Block]:
    if form.can_switch_scope:
        channel = Option(text=texts.THIS_CHANNEL, value="channel")
        workspace = Option(text=texts.WHOLE_WORKSPACE, value="workspace")
        choice = RadioButtonsElement(
            action_id=SCOPE,
            options=[channel, workspace],
            initial_option=channel if form.scope.channel else workspace,
        )
        yield ActionsBlock(block_id="scope", elements=[choice])


def _source(form: Form) -> Iterator[Block]:
    if form.unreadable is not None:
        sentence = unreadable(form.unreadable.scope, form.unreadable.number)
        yield ContextBlock(elements=[MarkdownTextObject(text=sentence)])
        return
    where = f"<#{form.scope.channel}>" if form.scope.channel else texts.WHOLE_WORKSPACE
    if form.own_settings.text is not None:
        sentence = texts.OWN_INSTRUCTIONS
    elif form.inherited.source is None:
        sentence = texts.DEFAULT_INSTRUCTIONS
    else:
        sentence = texts.WORKSPACE_INSTRUCTIONS_USED
    lines = [sentence.format(where=where)]
    if form.last_revision is not None:
        change = summaries.when_and_who(form.last_revision)
        lines.append(texts.LAST_CHANGE.format(change=change))
    yield ContextBlock(elements=[MarkdownTextObject(text="\n".join(lines))])
    if not form.text_fits:
        yield SectionBlock(text=PlainTextObject(text=f"{form.text[:MAX_TEXT_CHARS]}…"))
        yield section(texts.TOO_LONG_FOR_FIELD.format(length=len(form.text), limit=MAX_FIELD_CHARS))


def _text(form: Form, values: FormValues) -> Block:
    element = PlainTextInputElement(
        action_id=TEXT,
        multiline=True,
        initial_value=values.text or None,
        max_length=MAX_FIELD_CHARS,
    )
    return InputBlock(
        block_id=f"text-{_suffix(form.scope)}",
        label=texts.INSTRUCTIONS,
        element=element,
        optional=not form.text_fits,
    )


def _file(form: Form) -> Block:
    element = FileInputElement(action_id=FILE, filetypes=FILE_TYPES, max_files=1)
    return InputBlock(
        block_id=f"file-{_suffix(form.scope)}",
        label=texts.FILE_LABEL,
        hint=texts.FILE_HINT.format(limit=MAX_INSTRUCTIONS_CHARS),
        element=element,
        optional=True,
    )


def _model(form: Form, values: FormValues) -> Block:
    inherited = form.inherited.model or form.default_model
    element = ExternalDataSelectElement(
        action_id=MODEL,
        placeholder=texts.MODEL_PLACEHOLDER,
        initial_option=model_option(values.model) if values.model else default_option(inherited),
        min_query_length=0,
    )
    return InputBlock(
        block_id=f"model-{_suffix(form.scope)}", label=texts.MODEL_LABEL, element=element
    )


def _answering(form: Form, values: FormValues) -> Block:
    options = {mode: Option(text=label, value=mode) for mode, label in texts.ANSWERING.items()}
    element = RadioButtonsElement(
        action_id=ANSWERING,
        options=list(options.values()),
        initial_option=options[values.answering],
    )
    return InputBlock(
        block_id=f"answering-{_suffix(form.scope)}",
        label=(
            texts.ANSWERING_LABEL_CHANNEL if form.scope.channel else texts.ANSWERING_LABEL_WORKSPACE
        ),
        element=element,
    )


def _extras(form: Form, values: FormValues) -> Iterator[Block]:
    if form.available_extras:
        options = {
            each: Option(text=texts.EXTRAS[each], value=each) for each in form.available_extras
        }
        chosen = [options[each] for each in values.extras if each in options]
        element = CheckboxesElement(
            action_id=EXTRAS, options=list(options.values()), initial_options=chosen or None
        )
        yield InputBlock(
            block_id=f"extras-{_suffix(form.scope)}",
            label=texts.EXTRAS_LABEL,
            element=element,
            optional=True,
        )


def _note(form: Form) -> Iterator[Block]:
    if form.scope.channel:
        element = CheckboxesElement(action_id=NOTE, options=[Option(text=texts.NOTE, value="note")])
        yield InputBlock(block_id="note", label=texts.NOTE_LABEL, element=element, optional=True)


def _question(question: str, answer: str) -> Iterator[Block]:
    element = PlainTextInputElement(action_id=QUESTION, initial_value=question or None)
    yield InputBlock(
        block_id="question", label=texts.QUESTION_LABEL, element=element, optional=True
    )
    button = ButtonElement(action_id=TRY, text=texts.TRY, value="try")
    yield ActionsBlock(block_id="try", elements=[button])
    if len(answer) > MAX_ANSWER_CHARS:
        answer = f"{answer[: MAX_ANSWER_CHARS - 1]}…"
    yield from plain_sections(answer)


def _suffix(scope: Scope) -> str:
    return "channel" if scope.channel else "workspace"
