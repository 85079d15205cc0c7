"""Code in Markdown, whatever backticks it holds."""

import pytest
from markdown_it import MarkdownIt

from slackbot.markdown.code_blocks import code_block, code_span

CODES = ["x", "`", "a `b` c", "```\nx\n```", "x``", "~~~~"]


@pytest.mark.parametrize("code", CODES)
def test_blocks(code: str) -> None:
    """A reader of Markdown finds the code, all of it and nothing else."""
    (token,) = MarkdownIt().parse(code_block(code, "sh"))
    assert (token.type, token.info, token.content) == ("fence", "sh", f"{code}\n")


@pytest.mark.parametrize("code", [each for each in CODES if "\n" not in each])
def test_spans(code: str) -> None:
    """The same within a line."""
    _, inline, _ = MarkdownIt().parse(f"Run {code_span(code)} now")
    assert [each.content for each in inline.children or ()] == ["Run ", code, " now"]
