"""The form for what is set, as a modal of Slack's.

https://docs.slack.dev/surfaces/modals - what is typed stays where a block keeps its id, so the
fields for the channel and those for the workspace are blocks of their own.
"""

from collections.abc import Iterator, Mapping

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

from slackbot.conversation.addressing import Answering
from slackbot.instructions import texts
from slackbot.instructions.form import FIELD, Form, FormMetadata, FormValues
from slackbot.instructions.scopes import LIMIT, Extra, Scope
from slackbot.slack.modal_state import (
    ANSWERING,
    EXTRAS,
    FILE,
    FORM,
    MODEL,
    NOTE,
    QUESTION,
    SCOPE,
    TEXT,
    TRY,
)
from slackbot.slack.modals import form_modal, plain, said
from slackbot.slack.model_menu import option, usual_option

SECTION = 2_900
"""Characters that are shown of a text which the field can't hold; a section takes 3,000."""

EVERYWHERE = Option(text="The whole workspace", value="workspace")

ANSWER = 2 * FIELD
"""Characters of an answer that was tried; more would be too much for a form."""

FILES = ["txt", "text", "md", "docx", "pdf"]

LABELS: Mapping[Answering, str] = {
    "follow-ups": "Mentions, and what is asked on in their threads",
    "mentions": "Mentions only",
    "never": "Nothing: switched off",
}

SWITCHES: Mapping[Extra, str] = {
    "speech": "Say answers aloud as well",
    "search": "Search the web",
}


def form_view(
    form: Form,
    *,
    metadata: FormMetadata | None = None,
    form_values: FormValues | None = None,
    question: str = "",
    answer: str | None = None,
    warning: str = "",
) -> View:
    """The form, with the `form_values` of before, the `answer` to a question that was tried, and a
    `warning` above it all. With a `metadata` it stays the one that was opened with that.
    """
    blocks = [
        *_scope(form),
        *_origin(form),
        _text(form, form_values),
        _file(form),
        _model(form, form_values),
        _answering(form, form_values),
        *_extras(form, form_values),
        *_note(form),
        DividerBlock(),
        *_trial(question, answer),
    ]
    return form_modal(FORM, "Instructions", blocks, form=form, metadata=metadata, warning=warning)


def _scope(form: Form) -> Iterator[Block]:
    if form.may_both:
        here, everywhere = Option(text="This channel", value="channel"), EVERYWHERE
        chosen = here if form.scope.channel else everywhere
        choice = RadioButtonsElement(
            action_id=SCOPE, options=[here, everywhere], initial_option=chosen
        )
        yield ActionsBlock(block_id="scope", elements=[choice])


def _origin(form: Form) -> Iterator[Block]:
    where = f"<#{form.scope.channel}>" if form.scope.channel else "the whole workspace"
    if form.own.text is None:
        come = f"In force for {where}: {texts.origin(form.around)}. What you save is set for it."
    else:
        come = f"In force for {where}: set for it."
    if form.last is not None:
        come += f"\nLast change: {texts.by(form.last)}."
    yield ContextBlock(elements=[MarkdownTextObject(text=come)])
    if not form.fits:
        yield SectionBlock(text=PlainTextObject(text=f"{form.text[:SECTION]}…"))
        yield said(
            f"These {len(form.text):,} characters are more than a field takes ({FIELD:,}). Change "
            "them by a file or with `/instructions append`, or write shorter ones here."
        )


def _text(form: Form, form_values: FormValues | None) -> Block:
    before = form.text if form.fits else ""
    if form_values is not None:
        before = form_values.text or ""
    element = PlainTextInputElement(
        action_id=TEXT, multiline=True, initial_value=before or None, max_length=FIELD
    )
    return InputBlock(
        block_id=f"text-{_suffix(form.scope)}",
        label="What the assistant is told to be",
        element=element,
        optional=not form.fits,
    )


def _file(form: Form) -> Block:
    element = FileInputElement(action_id=FILE, filetypes=FILES, max_files=1)
    return InputBlock(
        block_id=f"file-{_suffix(form.scope)}",
        label="Or a file that says it",
        hint=f"Up to {LIMIT:,} characters.",
        element=element,
        optional=True,
    )


def _model(form: Form, form_values: FormValues | None) -> Block:
    name = (form.own.model or "") if form_values is None else form_values.model
    usual = form.around.model or form.model
    element = ExternalDataSelectElement(
        action_id=MODEL,
        placeholder="Choose a model",
        initial_option=option(name, name) if name else usual_option(usual),
        min_query_length=0,
    )
    return InputBlock(block_id=f"model-{_suffix(form.scope)}", label="Model", element=element)


def _answering(form: Form, form_values: FormValues | None) -> Block:
    options = {mode: Option(text=label, value=mode) for mode, label in LABELS.items()}
    chosen = form.answering if form_values is None else form_values.answering
    element = RadioButtonsElement(
        action_id=ANSWERING, options=list(options.values()), initial_option=options[chosen]
    )
    where = "in this channel" if form.scope.channel else "in all channels without a choice"
    return InputBlock(
        block_id=f"answering-{_suffix(form.scope)}",
        label=f"What is answered {where}",
        element=element,
    )


def _extras(form: Form, form_values: FormValues | None) -> Iterator[Block]:
    if form.offered:
        options = {each: Option(text=SWITCHES[each], value=each) for each in form.offered}
        shown = form.extras if form_values is None else form_values.extras
        chosen = [options[each] for each in shown if each in options]
        element = CheckboxesElement(
            action_id=EXTRAS, options=list(options.values()), initial_options=chosen or None
        )
        yield InputBlock(
            block_id=f"extras-{_suffix(form.scope)}", label="Also", element=element, optional=True
        )


def _note(form: Form) -> Iterator[Block]:
    if form.scope.channel:
        option = Option(text="Tell the channel that I changed this", value="note")
        element = CheckboxesElement(action_id=NOTE, options=[option])
        yield InputBlock(block_id="note", label="Afterwards", element=element, optional=True)


def _trial(question: str, answer: str | None) -> Iterator[Block]:
    element = PlainTextInputElement(action_id=QUESTION, initial_value=question or None)
    yield InputBlock(
        block_id="question",
        label="Try it before you save: a question",
        element=element,
        optional=True,
    )
    button = ButtonElement(action_id=TRY, text="Try it", value="try")
    yield ActionsBlock(block_id="try", elements=[button])
    shown = answer or ""
    if len(shown) > ANSWER:
        shown = f"{shown[: ANSWER - 1]}…"
    yield from plain(shown)


def _suffix(scope: Scope) -> str:
    return "channel" if scope.channel else "workspace"
