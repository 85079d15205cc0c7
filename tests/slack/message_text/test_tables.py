"""Slack's tables as Markdown tables."""

from typing import Any

import pytest

from slackbot.slack.message_text.syntaxes import MARKDOWN, MRKDWN
from slackbot.slack.message_text.tables import MAX_COLUMNS, MAX_ROWS, read_table


def cell(text: Any) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


def test_cells() -> None:
    """A cell is one line; short rows are filled up; a link's own bar stays."""
    link = {"type": "link", "url": "https://x.org", "text": "x"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    table = {
        "type": "table",
        "column_settings": [{"align": "right"}, None],
        "rows": [
            [cell("a"), cell("b"), cell("c")],
            [cell("1\n2"), rich],
            [cell("x | <y>"), {"type": "raw_number", "value": 1.5}, cell("")],
        ],
    }
    assert read_table(table, MRKDWN, 5) == (
        "| a | b | c |\n| --: | --- | --- |\n| 1 2 | <https://x.org|x> |  |\n"
        "| x \\| &lt;y&gt; | 1.5 |  |"
    )
    assert "| [x](https://x.org) |" in read_table(table, MARKDOWN, 5)


def test_data_table() -> None:
    """A data table has a caption, and its rows may be objects."""
    table = {
        "type": "data_table",
        "caption": "Sizes",
        "rows": [{"cells": [cell("a")]}, {"cells": [{"type": "raw_number", "value": 3}]}],
    }
    assert read_table(table, MARKDOWN, 5) == "Sizes\n\n| a |\n| --- |\n| 3 |"


def test_huge_table() -> None:
    """No more is read than Slack allows."""
    rows = [[cell("x")] * 100] * 1_000
    lines = read_table({"rows": rows}, MARKDOWN, 5).splitlines()
    assert len(lines) == MAX_ROWS + 1
    assert {line.count("|") for line in lines} == {MAX_COLUMNS + 1}


@pytest.mark.parametrize("rows", [None, "x", 3, [], [[]], [None, 3, "x"], [{"cells": 3}]])
def test_no_table(rows: Any) -> None:
    """What has no cells is no table."""
    assert read_table({"rows": rows}, MARKDOWN, 5) == ""


@pytest.mark.parametrize(
    "value", [None, {}, [], True, pytest.param(10**5_000, id="huge"), float("nan"), "x"]
)
def test_odd_cells(value: Any) -> None:
    """A cell of any kind leaves the table as it is."""
    for odd in (value, cell(value), {"value": value}):
        assert read_table({"rows": [[odd, cell("b")]]}, MARKDOWN, 5).count("|") == 6
