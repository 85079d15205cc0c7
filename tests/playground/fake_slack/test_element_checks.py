from typing import Any

import pytest

from slackbot.playground.fake_slack.element_checks import check_element, check_elements
from slackbot.playground.fake_slack.errors import RefusedError


def text(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def button(action_id: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": text("A"), **more}


def select(**more: Any) -> dict[str, Any]:
    options = [{"text": text("A"), "value": "a"}]
    return {"type": "static_select", "action_id": "a", "options": options, **more}


@pytest.mark.parametrize(
    "element",
    [
        button(value="v" * 2_000),
        button("a" * 255),
        select(initial_option={"text": text("A"), "value": "a"}),
        {"type": "plain_text_input", "action_id": "a", "max_length": 3_000},
    ],
)
def test_accepted_elements(element: dict[str, Any]) -> None:
    """Elements at Slack's limits are accepted."""
    check_element(element, "/e")


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        ({}, "missing required field: type"),
        (button(value="v" * 2_001), "must be less than 2001"),
        (button("a" * 256), "must be less than 256"),
        (button(style="loud"), "must be a valid enum value"),
        (select(options=[]), "must have at least 1 item"),
        (select(initial_option={"text": text("B"), "value": "b"}), "must be one of the options"),
        ({"type": "icon_button", "action_id": "a"}, "unsupported type"),
    ],
)
def test_refused_elements(element: Any, problem: str) -> None:
    """Elements that Slack refuses are refused with the reason."""
    with pytest.raises(RefusedError) as refused:
        check_element(element, "/e")
    assert problem in refused.value.details[0]


def test_duplicate_action_ids() -> None:
    """Two elements of a block must have different action ids."""
    check_elements({"elements": [button("a"), button("b")]}, "/b", 25)
    with pytest.raises(RefusedError) as refused:
        check_elements({"elements": [button("a"), button("a")]}, "/b", 25)
    assert "duplicate action_id" in refused.value.details[0]
