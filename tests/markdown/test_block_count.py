"""How many blocks Slack makes of a text, by our count, the local Slack's and a parser's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slackbot.markdown.block_count import PageLimits, block_limit_line, count_blocks
from slackbot.markdown.blocks import read_lines
from slackbot.markdown.splitting import PageSplitter
from slackbot.playground.fake_slack.markdown_blocks import expand

OWN_BLOCKS = {"heading_open", "hr", "table_open"}

PIECES = st.sampled_from(
    [
        "# Title",
        "###### Six",
        "---",
        "* * *",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "a | b\n--|--\n1 | 2",
        "> | a |\n> |---|\n> | 1 |",
        "Text, #5 and 1 | 2.",
        "- item\n- item",
        "> quote",
        "```md\n# no title\n\n---\n| a |\n|---|\n```",
        "1. item",
        "####### seven",
        "|---|",
    ]
)


def parsed(markdown: str) -> int:
    """The number of blocks by a CommonMark parser's reading."""
    count, in_text, depth = 0, False, 0
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type in OWN_BLOCKS:
            count += 1
            in_text = False
            depth = depth + 1 if token.nesting else depth
        elif token.type in {"heading_close", "table_close"}:
            depth -= 1
        elif not depth and token.type in {"paragraph_open", "fence", "code_block"}:
            count += not in_text
            in_text = True
    return count


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30))
def test_blocks(pieces: list[str]) -> None:
    """Headings, rules and tables count one each, and what stands between them one."""
    text = "\n\n".join(pieces)
    assert count_blocks(text) == parsed(text)
    assert expand(text).count == parsed(text)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40), st.integers(2, 8))
def test_pages_keep_to_the_number_of_blocks(pieces: list[str], blocks: int) -> None:
    """No page has more blocks than it may, and nothing is lost."""
    text = "\n\n".join(pieces)
    pages = PageSplitter(PageLimits(blocks=blocks)).split(text)
    assert all(count_blocks(page) <= blocks + 1 for page in pages)
    assert "".join("".join(pages).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40), st.integers(1, 8))
def test_the_quick_look_misses_nothing(pieces: list[str], most: int) -> None:
    """Where the quick look finds no need to count, there is none."""
    text = "\n\n".join(pieces)
    limits = PageLimits(blocks=most, tables=most, table_rows=3)
    if not limits.may_exceed(text, in_table=False):
        assert block_limit_line(read_lines(text), limits) is None


def test_a_heading_of_two_lines() -> None:
    """A line below text that makes it a heading counts, and is not parted from it."""
    text = "\n\n".join(["Title\n===\n\nText."] * 30)
    pages = PageSplitter().split(text)
    assert len(pages) > 1
    assert all(page.startswith("Title\n===") for page in pages)


@pytest.mark.parametrize(
    ("refused", "blocks", "characters"),
    [("# a\n\nb\n\n" * 20, 20, 1_000), ("word " * 2_000, 1, 5_000), ("word " * 500, 1, 1_250)],
)
def test_half_of_what_was_refused(refused: str, blocks: int, characters: int) -> None:
    """Pages get half of what Slack has refused, and not less than 1,000 characters."""
    limits = PageLimits().halved(refused)
    assert limits is not None
    assert (limits.blocks, limits.characters) == (blocks, characters)


def test_nothing_left_to_halve() -> None:
    """A short text of one block can't be divided."""
    assert PageLimits().halved("word " * 100) is None
