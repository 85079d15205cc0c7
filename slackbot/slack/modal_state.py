"""What comes back from a form: its ticket, and what was filled in.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast, get_args

from slackbot.conversation.addressing import Answering
from slackbot.errors import OutdatedFormError
from slackbot.instructions.form import FormValues
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.instructions.limits import MAX_MODEL_NAME_CHARS, MAX_PROMPTS
from slackbot.instructions.settings import Extra
from slackbot.slack.events import attachment_from

FORM = "slackbot_instructions"
PROMPTS_FORM = "slackbot_prompts"

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
"""Action ids; that of a prompt's field ends with its number."""

USUAL = "-"
"""The value of the option for whatever model is used around the scope; no model is called so."""


def ticket_of(view: Mapping[str, Any]) -> FormMetadata:
    """Raises OutdatedFormError where it is none of this version's."""
    return FormMetadata.from_json(str(view.get("private_metadata", "")))


def filled_in(view: Mapping[str, Any]) -> FormValues:
    """What was filled into a form. Raises OutdatedFormError as above."""
    states = _by_action(view)
    try:
        answering = states[ANSWERING]["selected_option"]["value"]
        model = states[MODEL]["selected_option"]["value"]
        text = states[TEXT].get("value")
        extras = [each["value"] for each in states.get(EXTRAS, {}).get("selected_options") or []]
        files = states.get(FILE, {}).get("files") or []
        with_notes = states.get(NOTE, {}).get("selected_options") or []
    except (KeyError, TypeError, AttributeError):
        raise OutdatedFormError from None
    known = answering in get_args(Answering) and all(each in get_args(Extra) for each in extras)
    is_name = isinstance(model, str) and len(model) <= MAX_MODEL_NAME_CHARS
    if not known or not is_name or not isinstance(text, str | None):
        raise OutdatedFormError
    return FormValues(
        text=text or (None if _may_stay_empty(view) else ""),
        model="" if model == USUAL else model,
        answering=cast("Answering", answering),
        extras=tuple(extras),
        notify_channel=bool(with_notes),
        file=attachment_from(files[0]) if files and isinstance(files[0], dict) else None,
    )


def question_in(view: Mapping[str, Any]) -> str:
    return str(_by_action(view).get(QUESTION, {}).get("value") or "")


def prompts_in(view: Mapping[str, Any]) -> list[str]:
    """What was filled into the fields for the prompts, in their order."""
    states = _by_action(view)
    fields = (states.get(f"{PROMPT}{number}", {}) for number in range(1, MAX_PROMPTS + 1))
    return [str(field.get("value") or "") for field in fields]


def text_block(view: Mapping[str, Any]) -> str:
    """The id of the block in which the instructions are written."""
    return next((block for block, action, _ in _states(view) if action == TEXT), "")


def _by_action(view: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {action: state for _, action, state in _states(view)}


def _may_stay_empty(view: Mapping[str, Any]) -> bool:
    here = text_block(view)
    blocks = view.get("blocks") or ()
    return any(
        block.get("block_id") == here and block.get("optional")
        for block in blocks
        if isinstance(block, dict)
    )


def _states(view: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Each element's block and action id, and its state."""
    values = (view.get("state") or {}).get("values")
    for block, elements in values.items() if isinstance(values, dict) else ():
        for action, state in elements.items() if isinstance(elements, dict) else ():
            if isinstance(state, dict):
                yield block, action, state
