"""The form for the suggested prompts, as a modal of Slack's."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement
from slack_sdk.models.views import View

from slackbot.instructions.form import Form
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.limits import MAX_PROMPT_CHARS, MAX_PROMPTS
from slackbot.slack.modal_state import PROMPT, PROMPTS_FORM
from slackbot.slack.modals import form_modal, said


def prompts_view(
    form: Form,
    *,
    metadata: FormMetadata | None = None,
    fields: Sequence[str] | None = None,
    warning: str = "",
) -> View:
    """The fields for the suggested prompts."""
    shown = [
        *(fields if fields is not None else form.own_settings.prompts or ()),
        *[""] * MAX_PROMPTS,
    ]
    blocks: list[Block] = [
        said("People see these above an empty conversation with the assistant."),
    ]
    for number, prompt in enumerate(shown[:MAX_PROMPTS], 1):
        element = PlainTextInputElement(
            action_id=f"{PROMPT}{number}", initial_value=prompt or None, max_length=MAX_PROMPT_CHARS
        )
        blocks.append(
            InputBlock(
                block_id=f"prompt-{number}",
                label=f"Prompt {number}",
                element=element,
                optional=True,
            )
        )
    return form_modal(
        PROMPTS_FORM, "Suggested prompts", blocks, form=form, metadata=metadata, warning=warning
    )
