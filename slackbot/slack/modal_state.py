"""What people have filled into a form, as Slack sends it with an action or a submission.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

from slackbot.conversation.addressing import Answering
from slackbot.errors import OutdatedFormError
from slackbot.instructions.form import FormValues
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.limits import MAX_MODEL_NAME_CHARS, MAX_PROMPTS
from slackbot.instructions.settings import Extra
from slackbot.slack.events import attachment_from
from slackbot.slack.json_fields import object_in, objects_in
from slackbot.slack.model_menu import INHERIT

INSTRUCTIONS_FORM = "slackbot_instructions"
PROMPTS_FORM = "slackbot_prompts"
"""Callback IDs."""

SCOPE = "slackbot_scope"
TEXT = "slackbot_text"
MODEL = "slackbot_model"
ANSWERING = "slackbot_answering"
EXTRAS = "slackbot_extras"
FILE = "slackbot_file"
NOTE = "slackbot_note"
QUESTION = "slackbot_question"
TRY = "slackbot_try"
PROMPT = "slackbot_prompt_"
"""Action IDs; that of a prompt's field ends with its number."""


@dataclass(frozen=True, slots=True)
class InstructionsInput:
    """A form for instructions: what it was opened for, and what was filled in."""

    metadata: FormMetadata
    values: FormValues
    question: str = ""


@dataclass(frozen=True, slots=True)
class PromptsInput:
    """A form for suggested prompts: what it was opened for, and its fields in their order."""

    metadata: FormMetadata
    fields: Sequence[str]


def instructions_input(view: Mapping[str, Any]) -> InstructionsInput:
    """Raises OutdatedFormError if the form is not from this version of the bot."""
    states = _by_action(view)
    question = str(states.get(QUESTION, {}).get("value") or "")
    return InstructionsInput(_metadata(view), _values(view, states), question)


def prompts_input(view: Mapping[str, Any]) -> PromptsInput:
    """Raises OutdatedFormError if the form is not from this version of the bot."""
    states = _by_action(view)
    fields = (states.get(f"{PROMPT}{number}", {}) for number in range(1, MAX_PROMPTS + 1))
    return PromptsInput(_metadata(view), [str(field.get("value") or "") for field in fields])


def text_block(view: Mapping[str, Any]) -> str:
    """The ID of the block with the instructions, or an empty string."""
    return next((block for block, action, _ in _states(view) if action == TEXT), "")


def _metadata(view: Mapping[str, Any]) -> FormMetadata:
    return FormMetadata.from_json(str(view.get("private_metadata", "")))


def _values(view: Mapping[str, Any], states: Mapping[str, Mapping[str, Any]]) -> FormValues:
    try:
        answering = states[ANSWERING]["selected_option"]["value"]
        model = states[MODEL]["selected_option"]["value"]
        text = states[TEXT].get("value")
        extras = [each["value"] for each in states.get(EXTRAS, {}).get("selected_options") or []]
        files = objects_in(states.get(FILE, {}), "files")
        notes = states.get(NOTE, {}).get("selected_options") or []
    except (KeyError, TypeError, AttributeError):
        raise OutdatedFormError from None
    known = answering in get_args(Answering) and all(each in get_args(Extra) for each in extras)
    is_name = isinstance(model, str) and len(model) <= MAX_MODEL_NAME_CHARS
    if not known or not is_name or not isinstance(text, str | None):
        raise OutdatedFormError
    return FormValues(
        text=text or (None if _may_stay_empty(view) else ""),
        model="" if model == INHERIT else model,
        answering=cast("Answering", answering),
        extras=tuple(extras),
        notify_channel=bool(notes),
        file=attachment_from(files[0]) if files else None,
    )


def _may_stay_empty(view: Mapping[str, Any]) -> bool:
    """Whether the field for the text is optional: then an empty one changes nothing."""
    text_id = text_block(view)
    return any(
        block.get("block_id") == text_id and block.get("optional")
        for block in objects_in(view, "blocks")
    )


def _by_action(view: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {action: state for _, action, state in _states(view)}


def _states(view: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(block ID, action ID, state) of each element."""
    values = object_in(object_in(view, "state"), "values")
    for block in values:
        for action, state in object_in(values, block).items():
            if isinstance(state, dict):
                yield block, action, state
