"""The rich text that comes with what people type."""

import pytest

from slackbot.playground.fake_slack.typed_blocks import typed_blocks
from slackbot.slack.message_text import written_in


def test_elements() -> None:
    """Mentions and links are elements of their own, and nothing is escaped any more."""
    (block,) = typed_blocks("<@U1> a &lt; b <#C1|x> <!here> <!subteam^S1> <https://x.org|X>")
    assert [each for each in block["elements"][0]["elements"] if each.get("text") != " "] == [
        {"type": "user", "user_id": "U1"},
        {"type": "text", "text": " a < b "},
        {"type": "channel", "channel_id": "C1"},
        {"type": "broadcast", "range": "here"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "link", "url": "https://x.org", "text": "X"},
    ]
    assert typed_blocks("") == []


@pytest.mark.parametrize("text", ["hi", "<@U1> a &lt; b :ship: <https://x.org>", "*b*\n• c\n1. d"])
def test_the_blocks_say_what_the_text_says(text: str) -> None:
    """The bot's reader takes the text of what people type."""
    assert written_in({"text": text, "blocks": typed_blocks(text)}) == text
