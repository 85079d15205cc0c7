"""Blocks of all kinds, from top to bottom."""

from typing import Any

import pytest

from slackbot.slack.message_text.blocks import read_blocks
from slackbot.slack.message_text.syntaxes import MARKDOWN, MRKDWN

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


IMAGE = {"type": "image", "image_url": "https://x.org/i.png", "alt_text": "a cat"}
OPEN = {"type": "button", "text": plain("Open"), "url": "https://x.org/1"}

CARD = {
    "type": "card",
    "hero_image": IMAGE,
    "title": mrkdwn("*Card*"),
    "subtitle": plain("of <ours>"),
    "body": mrkdwn("body"),
    "actions": [OPEN, {"type": "button", "text": plain("Approve"), "action_id": "yes"}],
}
CARD_TEXT = "[image: a cat]\n*Card*\nof &lt;ours&gt;\nbody\n<https://x.org/1|Open>"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "section", "text": mrkdwn("see <@U1>")}, "see <@U1>"),
        ({"type": "section", "text": plain("see <@U1>")}, "see &lt;@U1&gt;"),
        ({"type": "section", "fields": [mrkdwn("*a*\n1"), plain("b")]}, "*a*\n1\nb"),
        ({"type": "section", "text": plain("a"), "accessory": IMAGE}, "a\n[image: a cat]"),
        ({"type": "section", "text": plain("a"), "accessory": OPEN}, "a\n<https://x.org/1|Open>"),
        ({"type": "header", "text": plain("Big\nnews")}, "## Big news"),
        ({"type": "divider"}, "---"),
        ({"type": "context", "elements": [IMAGE, mrkdwn("*by* me")]}, "[image: a cat] *by* me"),
        ({**IMAGE, "title": plain("A cat")}, "A cat\n[image: a cat]"),
        ({"type": "markdown", "text": "**a** <b>"}, "**a** &lt;b&gt;"),
        (
            {
                "type": "video",
                "title": plain("Film"),
                "title_url": "https://x.org/v",
                "author_name": "Ana",
                "provider_name": "Tube",
                "description": plain("about it"),
            },
            "<https://x.org/v|Film>\nAna\nTube\nabout it",
        ),
        ({"type": "alert", "text": mrkdwn("*Careful*"), "level": "warning"}, "*Careful*"),
        (CARD, CARD_TEXT),
        ({"type": "carousel", "elements": [CARD, CARD]}, f"{CARD_TEXT}\n{CARD_TEXT}"),
        (
            {
                "type": "container",
                "title": plain("Box"),
                "child_blocks": [CARD, {"type": "divider"}],
            },
            f"Box\n{CARD_TEXT}\n---",
        ),
        (
            {"type": "plan", "title": "Plan", "tasks": [{"type": "task_card", "title": "Do"}]},
            "Plan\nDo",
        ),
        ({"type": "actions", "elements": [OPEN]}, "<https://x.org/1|Open>"),
        ({"type": "context_actions", "elements": [{"type": "feedback_buttons"}]}, ""),
        ({"type": "hologram", "title": "T", "text": mrkdwn("*x*"), "id": "no"}, "T\n*x*"),
        ({"type": "hologram", "elements": [{"type": "ray", "label": plain("deep")}]}, "deep"),
        ({"text": "without a type"}, "without a type"),
        ({"type": "call", "call": {"v1": {"id": "R1"}}}, ""),
    ],
)
def test_block(block: Json, text: str) -> None:
    """Each block is read in the order in which people see its parts, without what only apps see."""
    assert read_blocks([block], MRKDWN) == text


def test_several() -> None:
    """Blocks stand apart, so that none of them changes how another is read."""
    section: Json = {"type": "section", "text": plain("a")}
    blocks: list[Json] = [section, {"type": "divider"}, {"type": "file"}]
    assert read_blocks(blocks, MRKDWN) == "a\n\n---"


def test_markup_in_markdown() -> None:
    """Slack's markup in a block of the bot's own becomes plain text there."""
    assert read_blocks(
        [{"type": "section", "text": mrkdwn("a &lt; <https://x.org|b>")}], MARKDOWN
    ) == ("a < b (https://x.org)")
