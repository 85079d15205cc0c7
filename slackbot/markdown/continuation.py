"""How a text that is split goes on: what the end of one page and the beginning of the next repeat.

A fence is closed and opened again, a table repeats its head, a quote its sign, and an ordered list
counts on. So each message shows what its lines mean.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slackbot.markdown.block_count import PageLimits
from slackbot.markdown.blocks import (
    INDENTED_CODE,
    MAX_FENCE_MARK_CHARACTERS,
    Line,
    Open,
    OpenFence,
    OpenTable,
    count_cells,
    split_cells,
)
from slackbot.markdown.escaping import escape_mentions
from slackbot.markdown.inline import close_inline

MAX_HEAD_SHARE = 4
"""What is repeated takes at most a quarter of a page."""

MAX_BEGUN_SHARE = 2
"""Of a page that the beginning of a table takes, with the empty cells of a row that was cut."""

_LINE_END = re.compile(r"[^\S\n]*\n")
_NUMBER = re.compile(r"(?<=\A)(\s*)\d{1,9}(?=[.)])")


@dataclass(frozen=True, slots=True)
class Continuation:
    """Stands between two pages."""

    closing: str = ""
    """Ends the page before."""
    head: str = ""
    """Begins the next page."""
    opened: Open = Open()  # noqa: RUF009 - it is frozen
    """What is open there, by which the next page is read."""
    dedent: int = 0
    """How many spaces the lines of the next page lose, up to the first line that has fewer."""
    within_row: bool = False
    """The page before ends in a cell of a table."""
    number: int | None = None
    """Of the item with which the next page begins, where all items are written as `1.`."""

    def apply(self, text: str) -> str:
        """Returns what the next page shows for its part of the text."""
        if self.number is not None:
            text = _NUMBER.sub(rf"\g<1>{self.number}", text, count=1)
        return self.head + (_dedent(text, self.dedent) if self.dedent else text)


def ends_line(text: str, cut: int) -> bool:
    """Returns whether the line is complete that ends at this offset of the text."""
    return _LINE_END.match(text, cut) is not None


def continue_after(
    lines: Sequence[Line], shown: str, before: Continuation, limits: PageLimits, *, is_whole: bool
) -> Continuation:
    """Returns how a page goes on that shows the beginning `shown` of a text with these lines.

    `before` is how the page itself goes on from the one before it. `is_whole` is false if the last
    line of `shown` goes on.
    """
    line = next((each for each in reversed(lines) if each.start < len(shown)), None)
    if line is None:
        return Continuation()
    limit = limits.characters
    opened = line.after
    repeated = before.head.rpartition("\n")[2] if line is lines[0] else ""
    if opened.fence is not None:
        return _continue_fence(opened, opened.fence, before, limit, is_whole=is_whole)
    if opened.table is not None and line.kind in {"table_row", "table_delimiter"}:
        row = repeated + shown[line.start :]
        return _continue_table(opened, opened.table, row, limit, is_whole=is_whole)
    opened = replace(opened, table=None, paragraph=None)
    return Continuation(opened=opened, head="" if is_whole else line.quote or repeated)


def resume(before: Continuation, line: Line, between: str) -> Continuation:
    """Returns the continuation, once it is known which line follows on the next page.

    `between` are the characters between the pages.
    """
    if before.within_row:
        return before
    if before.opened.table is not None:
        if between.count("\n") == 1 and line.kind == "table_row":
            return before
        before = Continuation(before.closing, opened=replace(before.opened, table=None))
    items = before.opened.items
    if not items or "\n" not in between:
        return before
    number = line.after.items[-1].number if line.after.items else None
    is_lazy = line.number == 1 and number is not None and number > 1
    dedent = line.indent if line.indent >= INDENTED_CODE else 0
    return replace(before, dedent=dedent, number=number if is_lazy else None)


def _continue_fence(
    opened: Open, fence: OpenFence, before: Continuation, limit: int, *, is_whole: bool
) -> Continuation:
    fits = len(escape_mentions(fence.opening)) <= limit // MAX_HEAD_SHARE
    indent = fence.indent if fence.indent < INDENTED_CODE else 0
    head = f"{fence.quote}{' ' * indent}{fence.opening if fits else fence.mark}\n"
    head += "" if is_whole else fence.quote
    column = fence.container - before.dedent if before.opened.fence else fence.container
    column = max(min(column, MAX_FENCE_MARK_CHARACTERS - len(fence.mark)), 0)
    closing = f"\n{fence.quote}{' ' * column}{fence.mark}"
    return Continuation(closing, head, opened, fence.indent - indent)


def _continue_table(
    opened: Open, table: OpenTable, row: str, limit: int, *, is_whole: bool
) -> Continuation:
    """A row that is cut goes on below the same titles, as its cells that are shown are empty.

    Where the titles or those cells take most of a page, and in cells beyond the last title, which
    no table shows, the rest goes on as text.
    """
    indent = table.indent if table.indent < INDENTED_CODE else 0
    signs = table.quote + " " * indent
    head, delimiter = _head_of(table, limit)
    begun = f"{signs}{head}\n{signs}{delimiter}\n"
    dedent = table.indent - indent
    cells = 0 if is_whole else count_cells(f"{row[len(table.quote) :]} x") - 1
    closing = "" if is_whole or row.endswith("|") else " |"
    begun += "" if is_whole else f"{signs}|{' |' * cells} "
    if len(begun) > limit // MAX_BEGUN_SHARE or cells >= count_cells(delimiter):
        return Continuation(closing, signs, replace(opened, table=None), dedent)
    if is_whole:
        return Continuation("", begun, opened, dedent)
    return Continuation(closing, begun, opened, dedent, within_row=True)


def _head_of(table: OpenTable, limit: int) -> tuple[str, str]:
    """Returns the first two lines of the table, its titles shortened if they are too long."""
    room = limit // MAX_HEAD_SHARE
    if len(table.head) + len(table.delimiter) <= room:
        return table.head, table.delimiter
    titles = split_cells(table.head)
    signs = [_alignment(each) for each in split_cells(table.delimiter)]
    each = max((room - sum(map(len, signs))) // len(titles) - len("|…") - len("****"), 0)
    short = [title if len(title) <= each else f"{close_inline(title[:each])}…" for title in titles]
    return f"|{'|'.join(short)}|", f"|{'|'.join(signs)}|"


def _alignment(delimiter: str) -> str:
    left, right = delimiter.startswith(":"), delimiter.endswith(":")
    return f"{':' if left else ''}-{':' if right else ''}"


def _dedent(text: str, spaces: int) -> str:
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.strip():
            blank = len(line) - len(line.lstrip(" "))
            if blank < spaces and number:
                break
            lines[number] = line[min(blank, spaces) :]
    return "\n".join(lines)
