"""What a form's state says was filled in; test_instructions_modal.py has forged ones."""

from typing import Any

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.errors import OutdatedFormError
from slackbot.instructions.form import FormValues
from slackbot.instructions.form_metadata import FormMetadata
from slackbot.slack.modal_state import (
    InstructionsInput,
    PromptsInput,
    instructions_input,
    prompts_input,
    text_block,
)

METADATA = FormMetadata(ChannelId("C1"), workspace=False, revision=3, text_digest="abc")


def view(*, optional: bool = False, **states: Any) -> dict[str, Any]:
    """A submitted view with the states of these fields."""
    filled: dict[str, Any] = {
        "text": {"value": "You are a poet."},
        "model": {"selected_option": {"value": "-"}},
        "answering": {"selected_option": {"value": "mentions"}},
        **states,
    }
    return {
        "private_metadata": METADATA.to_json(),
        "blocks": [{"block_id": "text-channel", "optional": optional}],
        "state": {
            "values": {
                f"{name}-channel": {f"slackbot_{name}": state} for name, state in filled.items()
            }
        },
    }


def test_instructions() -> None:
    """Every field is read; the option for the inherited model is no model."""
    states: dict[str, Any] = {
        "extras": {"selected_options": [{"value": "search"}]},
        "note": {"selected_options": [{"value": "note"}]},
        "question": {"value": "A line?"},
    }
    values = FormValues("You are a poet.", "", "mentions", ("search",), notify_channel=True)
    assert instructions_input(view(**states)) == InstructionsInput(METADATA, values, "A line?")
    chosen = view(model={"selected_option": {"value": "gpt-6"}})
    assert instructions_input(chosen).values.model == "gpt-6"


def test_an_empty_text() -> None:
    """An optional field that is empty changes nothing; an empty required one is an empty text."""
    empty = {"value": None}
    assert instructions_input(view(text=empty)).values.text == ""
    assert instructions_input(view(text=empty, optional=True)).values.text is None


def test_prompts() -> None:
    """The fields come in their order, and missing ones are empty."""
    submitted = view(prompt_1={"value": "One?"}, prompt_3={"value": "Three?"})
    assert prompts_input(submitted) == PromptsInput(METADATA, ["One?", "", "Three?", ""])


def test_where_an_error_is_shown() -> None:
    """Below the field for the text, or nowhere if the form has none."""
    assert text_block(view()) == "text-channel"
    assert text_block({}) == ""


def test_a_form_of_another_version() -> None:
    """A form without metadata, or without a field, is refused."""
    with pytest.raises(OutdatedFormError):
        prompts_input({**view(), "private_metadata": ""})
    with pytest.raises(OutdatedFormError):
        instructions_input({**view(), "state": {"values": {}}})
