"""Reads tables as Markdown tables.

https://docs.slack.dev/reference/block-kit/blocks/table-block
https://docs.slack.dev/reference/block-kit/blocks/data-table-block
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from slackbot.slack.json_fields import text_in
from slackbot.slack.message_text.rich_text import read_rich_text
from slackbot.slack.message_text.syntaxes import Syntax

MAX_ROWS, MAX_COLUMNS = 201, 20
"""Slack allows no more in a table."""

RULES = {"left": ":--", "center": ":-:", "right": "--:"}

_BAR = re.compile(r"<[^<>]*>|\|")

Json = Mapping[str, Any]


def read_table(block: Json, syntax: Syntax, depth: int) -> str:
    """Returns a table, the first row of which is its head; "" if it has no rows."""
    rows = [_cells(row, syntax, depth - 1) for row in _list(block.get("rows"))[:MAX_ROWS]]
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(map(len, rows))
    settings = _list(block.get("column_settings"))[:width]
    rules = [
        RULES.get(text_in(each, "align"), "---") if isinstance(each, dict) else "---"
        for each in settings
    ]
    head, *others = rows
    lines = [_line(row, width, "") for row in (head, *others)]
    lines.insert(1, _line(rules, width, "---"))
    caption = syntax.literal(text_in(block, "caption"))
    return "\n\n".join(filter(None, (caption, "\n".join(lines))))


def _line(cells: Sequence[str], width: int, missing: str) -> str:
    return f"| {' | '.join((*cells, *[missing] * (width - len(cells))))} |"


def _cells(row: Any, syntax: Syntax, depth: int) -> list[str]:
    found = _list(row.get("cells") if isinstance(row, dict) else row)
    return [_cell(each, syntax, depth) for each in found[:MAX_COLUMNS]]


def _cell(cell: Any, syntax: Syntax, depth: int) -> str:
    """Returns a cell in one line. A bar in it is escaped, but not that of Slack's link."""
    if isinstance(cell, dict):
        if cell.get("type") == "rich_text":
            text = read_rich_text(cell, syntax, depth)
        else:
            value = next((cell[name] for name in ("text", "value") if name in cell), "")
            text = syntax.literal(_scalar(value))
    else:
        text = syntax.literal(_scalar(cell))
    line = " ".join(text.split())
    return _BAR.sub(lambda match: r"\|" if match[0] == "|" else match[0], line)


def _scalar(value: Any) -> str:
    try:
        return str(value) if isinstance(value, str | int | float) else ""
    except ValueError:  # a number with more digits than Python writes
        return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
