"""How the local Slack checks what it makes of a markdown block."""

import pytest

from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.markdown_blocks import expand
from slackbot.playground.fake_slack.message_checks import check_blocks


def markdown(text: str) -> dict[str, str]:
    return {"type": "markdown", "text": text}


SECTION = "# Title\n\nText.\n\n"
HEAD = "| a | b |\n|---|---|\n"


@pytest.mark.parametrize(
    ("blocks", "detail"),
    [
        ([markdown(SECTION * 25), {"type": "divider"}], "no more than 50 items allowed"),
        ([markdown(SECTION * 26)], "no more than 50 items allowed [json-pointer:/blocks]"),
        ([markdown("---\n\n" * 51)], "no more than 50 items allowed"),
        ([markdown(HEAD + "| 1 | 2 |\n" * 100)], "no more than 100 items allowed"),
        ([markdown(HEAD + f"| {'x' * 5_000} | {'y' * 4_999} |")], "must be less than 10001"),
    ],
)
def test_a_text_that_is_too_much(blocks: list[dict[str, str]], detail: str) -> None:
    """A message of more than 50 blocks, or with too large a table, is refused, with the reason."""
    with pytest.raises(RefusedError) as refused:
        check_blocks(blocks)
    assert refused.value.error == "invalid_blocks"
    assert detail in refused.value.details[0]


@pytest.mark.parametrize(
    "text", [SECTION * 25, "Text.\n\n" * 200, HEAD + "| 1 | 2 |\n" * 99, "```\n" + "# a\n" * 99]
)
def test_a_text_that_just_fits(text: str) -> None:
    """Fifty blocks are taken; paragraphs and code are one block together."""
    check_blocks([markdown(text)])


def test_tables_are_measured() -> None:
    """The longest table counts by its rows with the head, and all of them by their characters."""
    found = expand(f"{HEAD}| 1 | 2 |\n\nText.\n\n{HEAD}| 3 | 4 |\n| 5 | 6 |")
    assert (found.count, found.longest_table) == (3, 3)
