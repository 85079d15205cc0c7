"""What the local Slack makes of Markdown, which an app reads back."""

import pytest

from slackbot.playground.fake_slack.translated_blocks import translated
from slackbot.slack.message_text import own_text


def kinds(markdown: str) -> list[str]:
    return [block["type"] for block in translated([{"type": "markdown", "text": markdown}])]


def test_one_block_becomes_several() -> None:
    """Texts, tables and headings are blocks of their own; others stay as they are."""
    table = "| a |\n| - |\n| 1 |"
    assert kinds(f"one\n\n{table}\n\ntwo\n- x") == ["rich_text", "table", "rich_text"]
    assert kinds("# A\n---\nb") == ["header", "divider", "rich_text"]
    button = {"type": "actions", "elements": []}
    assert translated([button]) == [button]


@pytest.mark.parametrize(
    "markdown",
    [
        "plain **bold** _italic_ ~~gone~~ `code` **_both_**",
        "a line\nand another\n\na paragraph",
        "1. one\n2. two\n    - in\n        1. deep\n    - in\n3. three",
        "3. three\n4. four",
        "- a\n- b\n\ntext",
        "```sh\necho `date` <x>\n```",
        "> quoted\n> twice",
        "| a | b | c |\n| :-- | :-: | --: |\n| `x` | **y** | z \\| 1 |\n|  |  |  |",
        "## Title\n\ntext\n\n---\n\n[link](https://x.org/?a=1) https://y.org",
        "⚠️ _I ran out of time._",
        "🚢 and 👍🏽 and 👨‍👩‍👧",
    ],
)
def test_the_same_markdown_is_read_back(markdown: str) -> None:
    """The bot's reader gets from these blocks what it wrote."""
    blocks = translated([{"type": "markdown", "text": markdown}])
    assert "markdown" not in {block["type"] for block in blocks}
    assert own_text({"blocks": blocks}) == markdown
