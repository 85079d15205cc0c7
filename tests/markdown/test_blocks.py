"""What each line of a Markdown text is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from slackbot.markdown.blocks import read_lines, split_cells

LINES = st.sampled_from(
    [
        "",
        "text",
        "  text",
        "    text",
        "# h",
        "---",
        "===",
        "- item",
        "1. item",
        "  - inner",
        "   ```",
        "```",
        "```py",
        "````",
        "~~~",
        "~~~~ sql",
        "> quote",
        "> ```",
        "> # h",
        "- ```",
        "  ```",
        "      ```",
        "a `b` c",
        "``` x `",
    ]
)


def kinds(markdown: str) -> list[str]:
    return [line.kind for line in read_lines(markdown)]


@settings(deadline=None, max_examples=500)
@given(st.lists(LINES, max_size=10))
def test_headings_and_rules_are_those_of_a_parser(lines: list[str]) -> None:
    """A heading or a rule outside of lists is seen where a parser sees it, and code is none."""
    markdown = "\n".join(line for line in lines if "item" not in line and "inner" not in line)
    if "===" in markdown or "- ```" in markdown:
        return
    found = {"heading": 0, "rule": 0, "underline": 0}
    for kind in kinds(markdown):
        if kind in found:
            found[kind] += 1
    tokens = [token.type for token in MarkdownIt("commonmark").parse(markdown)]
    assert found["heading"] + found["underline"] == tokens.count("heading_open")
    assert found["rule"] == tokens.count("hr")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("```py\n# x\n```\n# y", ["fence", "code", "fence_end", "heading"]),
        ("> ```\n> x\ny", ["fence", "code", "text"]),
        ("- ```\n  x\n  ```\ny", ["fence", "code", "fence_end", "text"]),
        ("- a\n  ```\n  x\ny", ["text", "fence", "code", "text"]),
        ("1. a\n\n       ```\n", ["text", "blank", "text", "blank"]),
        ("a\nb\n---", ["text", "text", "underline"]),
        ("a\n\n---", ["text", "blank", "rule"]),
        ("a|b\n-|-\n1\n\n2", ["table_head", "table_delimiter", "table_row", "blank", "text"]),
        ("| a |\n|---|---|", ["text", "text"]),
        ("|a|\n|-|\n- b", ["table_head", "table_delimiter", "text"]),
        ("|a|\n|-|\n# b", ["table_head", "table_delimiter", "heading"]),
        ("![a](https://x.org/a.png)", ["image"]),
    ],
)
def test_kinds(markdown: str, expected: list[str]) -> None:
    """Fences end with their list or quote, and a table with the first line that is no row."""
    assert kinds(markdown) == expected


def test_numbers_that_people_see() -> None:
    """A list counts on from its first number, whatever is written; an inner list begins its own."""
    text = "3. a\n1. b\n   1. c\n   1. d\n1. e\n\ntext\n\n1. f"
    shown = [line.after.items[-1].number for line in read_lines(text) if line.number is not None]
    assert shown == [3, 4, 1, 2, 5, 1]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("| a | b |", ["a", "b"]),
        ("a | b", ["a", "b"]),
        ("| a \\| b | c", ["a \\| b", "c"]),
        ("| | x |", ["", "x"]),
        ("|a||", ["a", ""]),
    ],
)
def test_cells(row: str, cells: list[str]) -> None:
    """Pipes part cells, if they are not escaped; those at both ends are left off."""
    assert split_cells(row) == cells
