"""How many blocks Slack makes of a Markdown text, and how many fit into one message.

Slack turns one markdown block into several, of which a message holds 50, its buttons included:
beyond that it answers `invalid_blocks`. Each heading, rule and table becomes a block of its own,
and what stands between them becomes one. Slack says only that a block may become several
(https://docs.slack.dev/reference/block-kit/blocks/markdown-block); others have counted them:
https://github.com/metabase/metabase/pull/80652, https://github.com/archestra-ai/archestra/pull/4980
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from slackbot.markdown.blocks import Line, LineKind, read_lines

MIN_CHARACTERS = 1_000
"""No page is made shorter than that because Slack has refused one."""

_OWN_BLOCK: frozenset[LineKind] = frozenset(
    {"heading", "underline", "rule", "image", "table_head", "table_delimiter", "table_row"}
)
_TABLE: frozenset[LineKind] = frozenset({"table_head", "table_delimiter", "table_row"})

_MAY_BE_BLOCK = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
    r"(?:#|!\[|[-=]+[ \t\r]*$|([-*_])(?:[ \t]*\1){2,}[ \t\r]*$|\|?[ \t]*:?-+:?[ \t]*\|)",
    re.MULTILINE,
)
_MAY_BE_TABLE = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*\|", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What one message holds."""

    characters: int = 11_500
    """The rest of Slack's 12,000 is room for what a preview adds."""
    blocks: int = 45
    """The rest of Slack's 50 is room for buttons, and for lines that are counted otherwise."""
    tables: int = 45
    table_rows: int = 100
    """Of one table: https://docs.slack.dev/reference/block-kit/blocks/table-block"""
    table_characters: int = 9_500
    """Of all tables of a message, where Slack takes 10,000."""

    def may_exceed(self, markdown: str, *, in_table: bool) -> bool:
        """Returns whether it is worth while to count: it is quick, and never wrongly false.

        The text may begin in a table.
        """
        own_blocks = len(_MAY_BE_BLOCK.findall(markdown))
        if 2 * own_blocks + 1 > min(self.blocks, 2 * self.tables):
            return True
        is_long = len(markdown) > self.table_characters
        if not is_long and markdown.count("\n") + 1 < self.table_rows:
            return False
        return in_table or _MAY_BE_TABLE.search(markdown) is not None

    def halved(self, refused: str) -> "PageLimits | None":
        """Returns limits that divide a page which Slack has refused; None if nothing is left to
        divide.
        """
        blocks = min(count_blocks(refused), self.blocks) // 2
        characters = min(len(refused), self.characters) // 2
        if blocks < 1 and characters < MIN_CHARACTERS:
            return None
        return replace(self, blocks=max(blocks, 1), characters=max(characters, MIN_CHARACTERS))


def count_blocks(markdown: str) -> int:
    """Returns how many blocks Slack makes of the text, as far as that is known."""
    *_, last = (0, *(count.blocks for count in _counts(read_lines(markdown))))
    return last


def block_limit_line(lines: Sequence[Line], limits: PageLimits) -> int | None:
    """Returns the number of the first line that has no room in the page; None if all have."""
    for number, count in enumerate(_counts(lines)):
        exceeds = (
            count.blocks > limits.blocks
            or count.tables > limits.tables
            or count.rows > limits.table_rows
            or count.table_characters > limits.table_characters
        )
        if exceeds and number:
            return number
    return None


@dataclass(slots=True)
class _Count:
    blocks: int = 0
    tables: int = 0
    rows: int = 0
    """Of the table that is open, with its head."""
    table_characters: int = 0


def _counts(lines: Iterable[Line]) -> Iterable[_Count]:
    """Yields what a page has up to each of its lines."""
    count, in_run, in_table = _Count(), False, False
    for line in lines:
        kind = line.kind
        if kind in _TABLE:
            if kind == "table_head" or not in_table:
                count.blocks += 1
                count.tables += 1
                count.rows = 1
            count.rows += kind == "table_row"
            count.table_characters += line.end - line.start
        elif kind in _OWN_BLOCK or (kind != "blank" and not in_run):
            count.blocks += 1
        if kind != "blank":
            in_run, in_table = kind not in _OWN_BLOCK, kind in _TABLE
        else:
            in_table = False
        yield count
