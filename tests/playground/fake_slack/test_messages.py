from typing import Any

import pytest

from slackbot.playground.fake_slack.messages import elements, new_version

BUTTON = {"type": "button", "action_id": "again", "text": {"type": "plain_text", "text": "Again"}}


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ({"type": "markdown", "text": "**a**"}, "**a**"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "a"}, "accessory": BUTTON}, "a"),
        ({"type": "section", "fields": [{"type": "mrkdwn", "text": "b"}]}, "b"),
        ({"type": "header", "text": {"type": "plain_text", "text": "a"}}, "a"),
        (
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "a"}, {"type": "image"}]},
            "a",
        ),
        ({"type": "actions", "elements": [BUTTON]}, ""),
        (
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                    },
                    {"type": "rich_text_quote", "elements": [{"type": "text", "text": "c"}]},
                ],
            },
            "ab\nc",
        ),
    ],
)
def test_what_a_block_shows(block: dict[str, Any], shown: str) -> None:
    """Each kind of block shows its texts; what is to be clicked is not among them."""
    assert new_version("fallback", [block]).shown == shown


def test_text_without_blocks() -> None:
    """Without blocks the text is shown; with blocks it is only a notification."""
    assert new_version("a").shown == "a"
    blocks = [{"type": "markdown", "text": "b"}, {"type": "markdown", "text": "c"}]
    assert new_version("a", blocks).shown == "b\nc"


def test_elements() -> None:
    """Whatever has an action id can be clicked, wherever it is in a block."""
    blocks: list[dict[str, Any]] = [
        {"type": "section", "accessory": BUTTON},
        {"type": "actions", "elements": [BUTTON, {"type": "image"}]},
        {"type": "input", "element": BUTTON},
        {"type": "divider"},
    ]
    assert [block["type"] for block, _ in elements(blocks)] == ["section", "actions", "input"]
