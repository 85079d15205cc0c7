"""Counts the blocks that Slack makes of a Markdown text.

Slack documents only that a markdown block may become several. Each heading, rule and table becomes
a block of its own, and everything between them one: measured by others, as in
https://github.com/metabase/metabase/pull/80652
"""

import re
from dataclasses import dataclass

MAX_TABLE_ROWS, MAX_TABLE_CHARACTERS = 100, 10_000
"""https://docs.slack.dev/reference/block-kit/blocks/table-block - characters of all cells."""

_FENCE = re.compile(r"[ >]*(`{3,}|~{3,})")
_HEADING = re.compile(r"(?: {0,3}>)* {0,3}#{1,6}(?: |$)")
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
_DELIMITER = re.compile(r"[ >]*\|?[ :-]*-[ :-]*\|[-|: ]*$")


@dataclass
class MarkdownBlocks:
    """What a markdown block becomes."""

    count: int = 0
    longest_table: int = 0
    """Rows, with the head."""
    table_characters: int = 0


def expand(markdown: str) -> MarkdownBlocks:
    """Returns what Slack makes of a markdown block's text."""
    found = MarkdownBlocks()
    lines = markdown.split("\n")
    fence, in_text, rows = "", False, 0
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        mark = _FENCE.match(line)
        is_blank = not line.strip(" >")
        if fence or mark is not None:
            rows = 0
            if mark is not None and (not fence or mark[1].startswith(fence)):
                fence = "" if fence else mark[1]
        elif is_blank or _HEADING.match(line) or _RULE.match(line):
            found.count += not is_blank
            in_text, rows = in_text and is_blank, 0
            continue
        elif rows or ("|" in line and _DELIMITER.match(following)):
            found.count += not rows
            in_text, rows = False, rows + 1
            found.longest_table = max(found.longest_table, rows - 1)  # without the delimiters
            found.table_characters += len(re.sub(r"[|\s]", "", line))
            continue
        found.count += not in_text
        in_text = True
    return found
