"""The form for the suggested prompts, as a modal."""

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from slackbot.instructions.form import Form
from slackbot.instructions.limits import MAX_PROMPT_CHARS, MAX_PROMPTS
from slackbot.slack import texts
from slackbot.slack.modal_state import PROMPT, PROMPTS_FORM, PromptsInput
from slackbot.slack.modals import form_modal, section, warning_blocks


def prompts_view(
    form: Form,
    filled: PromptsInput | None = None,
    *,
    warning: str = "",
    submit: str = texts.SAVE,
) -> View:
    """The form with the prompts that are set, or with what somebody has `filled` in."""
    filled = filled or PromptsInput(form.metadata, form.own_settings.prompts or ())
    fields = [*filled.fields, *[""] * MAX_PROMPTS][:MAX_PROMPTS]
    blocks = [
        *warning_blocks(warning),
        section(texts.PROMPTS_INTRODUCTION),
        *(_field(number, prompt) for number, prompt in enumerate(fields, 1)),
    ]
    return form_modal(PROMPTS_FORM, texts.PROMPTS, blocks, metadata=filled.metadata, submit=submit)


def _field(number: int, prompt: str) -> Block:
    element = PlainTextInputElement(
        action_id=f"{PROMPT}{number}", initial_value=prompt or None, max_length=MAX_PROMPT_CHARS
    )
    return InputBlock(
        block_id=f"prompt-{number}",
        label=texts.PROMPT_LABEL.format(number=number),
        element=element,
        optional=True,
    )
