from typing import Any

import pytest

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.message_checks import check_blocks, check_view


def plain(length: int = 1) -> dict[str, str]:
    return {"type": "plain_text", "text": "a" * length}


def mrkdwn(length: int = 1) -> dict[str, str]:
    return {"type": "mrkdwn", "text": "a" * length}


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "a", "text": plain(), **more}


def actions(*elements: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def context_actions(*elements: Any) -> dict[str, Any]:
    return {"type": "context_actions", "elements": list(elements)}


def feedback(**bad: Any) -> dict[str, Any]:
    """Feedback buttons, the negative one with these changes."""
    return {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": plain(), "value": "good"},
        "negative_button": {"text": plain(), "value": "bad", **bad},
    }


def chosen(kind: str, number: int = 2, **more: Any) -> dict[str, Any]:
    """A block to choose in, with so many options."""
    element = {"type": kind, "action_id": "a", "options": [option(n) for n in range(number)]}
    return {"type": "input", "label": plain(), "element": element | more}


def option(number: int = 0) -> dict[str, Any]:
    return {"text": plain(75), "value": str(number)}


TRASH = {"type": "icon_button", "action_id": "trash", "icon": "trash", "text": plain()}
INPUT = {"type": "plain_text_input", "action_id": "a"}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": mrkdwn(3_000)},
        {"type": "section", "fields": [plain(2_000)] * 2, "accessory": button()},
        {"type": "header", "text": plain(150)},
        {"type": "context", "elements": [mrkdwn()] * 10},
        {"type": "markdown", "text": "a" * 12_000},
        {"type": "divider"},
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"},
        {"type": "rich_text", "elements": []},
        {"type": "input", "label": plain(), "element": {**INPUT, "initial_value": "a" * 3_000}},
        context_actions(feedback(), {**TRASH, "value": "a" * 2_000}),
        context_actions(feedback(text=plain(75), value="a" * 2_000, accessibility_label="a" * 75)),
        context_actions(*[{"type": "icon_button", "icon": "trash", "text": plain()}] * 5),
        actions(*[button(value="a" * 2_000, action_id=f"a{number}") for number in range(25)]),
        actions(button(style="primary"), button(action_id="b", style="danger")),
        chosen("static_select", 100, initial_option=option(99), placeholder=plain(150)),
        chosen("radio_buttons", 10),
        chosen("checkboxes", 10, initial_options=[option(0), option(1)]),
        {**chosen("external_select"), "element": {"type": "external_select", "action_id": "a"}},
        {**chosen("file_input"), "element": {"type": "file_input", "max_files": 1}},
    ],
)
def test_blocks_at_their_limits(block: dict[str, Any]) -> None:
    """A block that just keeps within the documented limits is shown."""
    check_blocks([block])


@pytest.mark.parametrize(
    "block",
    [
        {},
        "text",
        {"type": "hologram"},
        {"type": "section"},
        {"type": "section", "text": "a"},
        {"type": "section", "text": {"type": "mrkdwn"}},
        {"type": "section", "text": mrkdwn(3_001)},
        {"type": "section", "text": mrkdwn(0)},
        {"type": "section", "fields": [mrkdwn()] * 11},
        {"type": "section", "fields": [mrkdwn(2_001)]},
        {"type": "header", "text": plain(151)},
        {"type": "header", "text": mrkdwn()},
        {"type": "context", "elements": []},
        {"type": "context", "elements": [mrkdwn()] * 11},
        {"type": "markdown", "text": ""},
        {"type": "markdown", "text": plain()},
        {"type": "image", "alt_text": "a"},
        {"type": "rich_text"},
        {"type": "input", "label": plain()},
        {"type": "input", "label": plain(), "element": {**INPUT, "initial_value": "a" * 3_001}},
        {"type": "context", "elements": ["a"]},
        chosen("static_select", 101),
        chosen("static_select", 0),
        chosen("static_select", initial_option=option(2)),
        chosen("static_select", placeholder=plain(151)),
        chosen("radio_buttons", 11),
        chosen("checkboxes", options=[{"text": plain(76), "value": "a"}]),
        chosen("checkboxes", options=[{"text": plain(), "value": ""}]),
        chosen("checkboxes", options=[{"text": plain(), "value": "a" * 151}]),
        chosen("external_select", options=None, initial_option={"text": plain(76), "value": "a"}),
        chosen("file_input", max_files=11),
        context_actions(button()),
        context_actions("a"),
        context_actions({"type": "feedback_buttons"}),
        context_actions({**feedback(), "positive_button": None}),
        context_actions(feedback(text=mrkdwn())),
        context_actions(feedback(text=plain(76))),
        context_actions(feedback(value="")),
        context_actions(feedback(value="a" * 2_001)),
        context_actions(feedback(value=1)),
        context_actions(feedback(accessibility_label="a" * 76)),
        context_actions(feedback(), feedback()),
        context_actions({**TRASH, "icon": "bell"}),
        context_actions({**TRASH, "text": None}),
        context_actions({**TRASH, "text": plain(76)}),
        context_actions({**TRASH, "value": "a" * 2_001}),
        context_actions(*[{"type": "icon_button", "icon": "trash", "text": plain()}] * 6),
        actions(),
        actions({}),
        actions(*[button(action_id=f"a{number}") for number in range(26)]),
        actions(button(), button()),
        actions(feedback()),
        actions(button(style="splendid")),
        actions(button(accessibility_label="a" * 76)),
        {"type": "section", "text": plain(), "accessory": TRASH},
        actions(button(value="a" * 2_001)),
        actions(button(value=1)),
        actions(button(text=plain(76))),
        actions(button(text=mrkdwn())),
        actions(button(action_id="a" * 256)),
    ],
)
def test_blocks_beyond_their_limits(block: Any) -> None:
    """Anything beyond a limit, of an unknown type or incomplete is invalid, and said where."""
    with pytest.raises(RefusedError) as refused:
        check_blocks([block])
    assert refused.value.error == "invalid_blocks"
    assert "/blocks/0" in refused.value.details[0]


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        ([{"type": "divider"}] * 51, "invalid_blocks"),
        ([{"type": "markdown", "text": "a" * 6_001}] * 2, "msg_too_long"),
        ([{"type": "section", "text": mrkdwn(2_601)}] * 5, "msg_blocks_too_long"),
    ],
)
def test_all_blocks_together(blocks: list[dict[str, Any]], error: str) -> None:
    """Blocks are limited together as well: in number, markdown's text, and all their text."""
    with pytest.raises(RefusedError) as refused:
        check_blocks(blocks)
    assert refused.value.error == error
    check_blocks(blocks[:-1])


@pytest.mark.parametrize(
    "change",
    [
        {"type": "message"},
        {"blocks": None},
        {"private_metadata": "a" * 3_001},
        {"title": plain(25)},
        {"title": None},
        {"submit": None},
        {"blocks": [{"type": "markdown", "text": "a"}]},
    ],
)
def test_views(change: dict[str, Any]) -> None:
    """A modal needs a short title, blocks, and a way to submit what is filled in."""
    modal = {
        "type": "modal",
        "title": plain(24),
        "submit": plain(),
        "private_metadata": "a" * 3_000,
        "blocks": [{"type": "input", "label": plain(), "element": INPUT}],
    }
    check_view(modal)
    with pytest.raises(RefusedError):
        check_view({**modal, **change})
