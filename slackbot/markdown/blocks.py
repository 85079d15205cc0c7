"""Reads Markdown line by line: fences, tables, headings and lists, also within quotes and lists.

It follows CommonMark and GitHub's tables as far as the place of a split depends on it.
https://spec.commonmark.org/0.31.2/#container-blocks-and-leaf-blocks
https://github.github.com/gfm/#tables-extension-
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

MAX_FENCE_MARK_CHARACTERS = 20
"""Backticks or tildes; a longer row of them does not count as a fence."""

MAX_QUOTE_CHARACTERS = 20
"""Of the signs before a line of a block quote; what is deeper counts as text."""

INDENTED_CODE = 4
"""How many spaces make a line code, outside of a list."""

LineKind = Literal[
    "blank",
    "text",
    "heading",
    "underline",
    "rule",
    "image",
    "fence",
    "code",
    "fence_end",
    "table_head",
    "table_delimiter",
    "table_row",
]
"""`underline` makes the lines above it a heading, `fence` is the first line of fenced code."""

_QUOTE = re.compile(r"(?: {0,3}>[ \t]?)*")
_MARKER = re.compile(r"(?:[-*+]|(?P<number>\d{1,9})[.)])(?P<space>[ \t]+)(?=\S)")
_FENCE = re.compile(r"(?P<mark>`{3,}(?=[^`]*$)|~{3,}(?!~))(?P<info>.*)$")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|$)")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
_RULE = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^()]*\)$")
_DELIMITER = re.compile(r"(?=.*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_PIPE = re.compile(r"\\.|(\|)")


@dataclass(frozen=True, slots=True)
class OpenFence:
    """A block of fenced code that is not closed yet."""

    opening: str
    """Its first line, from its mark on."""
    mark: str
    """The backticks or tildes that open it."""
    quote: str
    """The signs of the block quote around it."""
    indent: int
    """The column of its mark, in the quote."""
    container: int
    """The column where the text of its list item begins; 0 outside of lists."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table whose next row may follow."""

    head: str
    delimiter: str
    """Both lines without white space around them."""
    quote: str
    indent: int


@dataclass(frozen=True, slots=True)
class ListItem:
    """A list item that is open."""

    column: int
    """Where its marker stands."""
    content: int
    """Where its text begins."""
    number: int | None
    """The number that people see; None in a bullet list."""


@dataclass(frozen=True, slots=True)
class Open:
    """What is open between two lines."""

    fence: OpenFence | None = None
    table: OpenTable | None = None
    items: tuple[ListItem, ...] = ()
    paragraph: int | None = None
    """In how many quotes the line before is, if it is text, which an underline makes a heading."""


@dataclass(frozen=True, slots=True)
class Line:
    start: int
    """Its offset in the text."""
    end: int
    """The offset of its line end."""
    kind: LineKind
    quote: str
    """The signs of the block quote before it."""
    indent: int
    """Its column, in the quote."""
    after: Open
    """What is open when it ends."""
    number: int | None = None
    """As it is written; of a line that begins an item of an ordered list."""


def read_lines(markdown: str, opened: Open | None = None) -> list[Line]:
    """Reads a text whose last line is complete. `opened` is what is open before it."""
    state = opened or Open()
    found: list[Line] = []
    texts = markdown.split("\n")
    start = 0
    for number, text in enumerate(texts):
        following = texts[number + 1] if number + 1 < len(texts) else ""
        line = _read_line(text, start, state, following)
        found.append(line)
        state = line.after
        start += len(text) + 1
    return found


def count_cells(row: str) -> int:
    """Returns the number of cells in a row of a table."""
    return len(split_cells(row))


def split_cells(row: str) -> list[str]:
    """Returns the cells of a row, which escaped pipes do not end."""
    row = row.strip()
    cuts = [match.start() for match in _PIPE.finditer(row) if match[1]]
    edges = [-1, *cuts, len(row)]
    cells = [row[a + 1 : b].strip() for a, b in pairwise(edges)]
    if cells and not cells[0]:
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return cells


def could_be_row(text: str) -> bool:
    """Returns whether a line right below a table belongs to it."""
    text = text.lstrip()
    return bool(text) and not (
        text.startswith(("```", "~~~", ">"))
        or any(each.match(text) for each in (_HEADING, _MARKER, _RULE))
    )


def _read_line(text: str, start: int, opened: Open, following: str) -> Line:
    fence = opened.fence
    if fence is not None:
        rest = _within_quote(text, fence.quote.count(">"))
        indent = _indent_of(rest) if rest is not None else 0
        if rest is not None and not (rest.strip() and indent < fence.container):
            ends = _closes(fence, rest.strip()) and indent - fence.container < INDENTED_CODE
            after = replace(opened, fence=None) if ends else opened
            kind: LineKind = "fence_end" if ends else "code"
            return Line(start, start + len(text), kind, fence.quote, indent, after)
        opened = replace(opened, fence=None)  # its list or quote has ended
    quote = _QUOTE.match(text)
    signs = quote[0] if quote is not None and len(quote[0]) <= MAX_QUOTE_CHARACTERS else ""
    rest = text[len(signs) :]
    if not rest.strip():
        after = Open(items=opened.items)
        return Line(start, start + len(text), "blank", signs, 0, after)
    return _read_text(rest, _Place(start, start + len(text), signs), opened, following)


@dataclass(frozen=True, slots=True)
class _Place:
    start: int
    end: int
    quote: str


def _read_text(rest: str, place: _Place, opened: Open, following: str) -> Line:
    indent = _indent_of(rest)
    content = rest.strip()
    items, popped = _items_around(opened.items, indent)
    base = items[-1].content if items else 0
    number = None
    if indent - base < INDENTED_CODE and not _RULE.match(content):
        column = indent
        while marker := _MARKER.match(content):
            written = int(marker["number"]) if marker["number"] else None
            number = written if number is None else number
            shown = _number_shown(written, column, popped)
            width = marker.start("space") + len(marker["space"].expandtabs(INDENTED_CODE))
            items = (*items, ListItem(column, column + width, shown))
            column += width
            content = content[marker.end() :]
        base = items[-1].content if items else 0
        indent = column
    depth = indent - base
    quotes = place.quote.count(">")
    is_below = opened.paragraph == quotes
    found = _read_leaf(content, depth, below_text=is_below) if depth < INDENTED_CODE else None
    if found is None:
        table = opened.table if content == rest.strip() else None  # a list item ends it
        found = _read_table(content, place.quote, indent, table, following)
    is_code = depth >= INDENTED_CODE and opened.paragraph is None
    kind, after = found or ("text", Open(paragraph=None if is_code else quotes))
    if after.fence is not None:
        fence = replace(after.fence, quote=place.quote, indent=indent, container=base)
        after = replace(after, fence=fence)
    return Line(
        place.start,
        place.end,
        kind,
        place.quote,
        _indent_of(rest),
        replace(after, items=items),
        number,
    )


def _read_leaf(content: str, depth: int, *, below_text: bool) -> tuple[LineKind, Open] | None:
    """Reads what interrupts a paragraph; `depth` is the indentation in the list item."""
    opening = _FENCE.match(content)
    if opening is not None and len(opening["mark"]) <= MAX_FENCE_MARK_CHARACTERS:
        return "fence", Open(OpenFence(content, opening["mark"], "", depth, 0))
    if _HEADING.match(content):
        return "heading", Open()
    if below_text and _UNDERLINE.match(content):
        return "underline", Open()
    if _RULE.match(content):
        return "rule", Open()
    return ("image", Open()) if _IMAGE.match(content) else None


def _read_table(
    content: str, quote: str, indent: int, table: OpenTable | None, following: str
) -> tuple[LineKind, Open] | None:
    if table is not None and table.quote.count(">") == quote.count(">"):
        if not table.delimiter:
            return "table_delimiter", Open(table=replace(table, delimiter=content))
        if could_be_row(content):
            return "table_row", Open(table=table)
    if "|" in content and _is_delimiter_of(content, quote, following):
        return "table_head", Open(table=OpenTable(content, "", quote, indent))
    return None


def _is_delimiter_of(head: str, quote: str, following: str) -> bool:
    signs = _QUOTE.match(following)
    if signs is None or signs[0].count(">") != quote.count(">"):
        return False
    delimiter = following[signs.end() :].strip()
    return bool(_DELIMITER.match(delimiter)) and count_cells(delimiter) == count_cells(head)


def _items_around(
    items: tuple[ListItem, ...], indent: int
) -> tuple[tuple[ListItem, ...], Sequence[ListItem]]:
    """Returns the list items that a line with this indentation is in, and those that it ends."""
    kept = tuple(item for item in items if item.content <= indent)
    return kept, items[len(kept) :]


def _number_shown(written: int | None, column: int, ended: Sequence[ListItem]) -> int | None:
    """Returns the number that people see: a list counts on from its first item."""
    if written is None:
        return None
    before = next((item.number for item in ended if item.column == column), None)
    return written if before is None else before + 1


def _within_quote(text: str, depth: int) -> str | None:
    """Returns a line without the signs of `depth` block quotes; None if it is in fewer."""
    for _ in range(depth):
        sign = re.match(r" {0,3}>[ \t]?", text)
        if sign is None:
            return None
        text = text[sign.end() :]
    return text


def _closes(fence: OpenFence, content: str) -> bool:
    closing = _FENCE.match(content)
    return (
        closing is not None
        and closing["mark"].startswith(fence.mark)
        and not closing["info"].strip()
    )


def _indent_of(text: str) -> int:
    blank = text[: len(text) - len(text.lstrip(" \t"))]
    return len(blank.expandtabs(INDENTED_CODE))
