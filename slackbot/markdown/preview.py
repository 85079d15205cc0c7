"""What to show of a page that is still being written.

Half a page of Markdown looks broken: a lone `**`, a link without its address, an open fence. Only
the page's end is changed: what can't be shown yet is left off, and what is open is closed.

This runs at each edit of a growing message, so its time is in proportion to the page's length.
"""

import re
from dataclasses import dataclass, replace

from slackbot.markdown.blocks import MAX_FENCE_MARK_CHARACTERS
from slackbot.markdown.inline import close_inline

_MARKS = r"(?:[\s*_~`]|\\(?!\S))*+"
"""What `close_inline` may cut off: a line without words is one with and without them."""

_LINE_WITHOUT_WORDS = re.compile(
    rf"[\s>#*_~`+=-]*+(?:\d{{1,9}}[.)])?+{_MARKS}(?:\[[ xX]?\]?)?+{_MARKS}"
    r"|[ \t]*\|(?:.*[^|\s])?\s*"  # half a row of a table
)
_BLOCK_START = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]|(?P<row>\|)|\r?\Z)")
_FENCE_LINE = re.compile(
    r"^ {0,3}(?P<mark>`{3,}(?=[^`\n]*$)|~{3,}(?!~))(?P<info>[^\n]*)$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block, by its offsets in the text.

    https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """

    opening: str
    """Its first line, without white space at the end."""
    mark: str
    """The backticks or tildes that open it."""
    start: int
    """Where its first line begins."""
    body: int
    """Where its first line ends."""
    end: int | None = None
    """Where its closing line ends; None while there is none."""

    def is_closed_by(self, line: re.Match[str]) -> bool:
        return line["mark"].startswith(self.mark) and not line["info"].strip()


def last_fence(markdown: str) -> Fence | None:
    """The fence that is open at the end of the text, else the last one that was closed."""
    fence: Fence | None = None
    for line in _FENCE_LINE.finditer(markdown):
        if fence is not None and fence.end is None:
            if fence.is_closed_by(line):
                fence = replace(fence, end=line.end())
        elif len(line["mark"]) <= MAX_FENCE_MARK_CHARACTERS:
            fence = Fence(line[0].rstrip(), line["mark"], line.start(), line.end())
    return fence


def to_preview(page: str) -> str:
    """The page with its end completed for display; empty if there is nothing to show yet."""
    fence = last_fence(page)
    if fence is not None and fence.end is None:
        code = _strip_unfinished_code(page[fence.body :], fence.mark)
        return (
            f"{page[: fence.body]}{code}\n{fence.mark}" if code else to_preview(page[: fence.start])
        )
    start = fence.end if fence and fence.end else 0
    text = _strip_lines_without_words(page[start:])
    block = _last_block(text)
    shown = close_inline(text[block:])
    return page[:start] + text[:block] + (shown if _is_one_block(shown) else text[block:])


def _strip_unfinished_code(code: str, mark: str) -> str:
    lines = code.split("\n")
    while lines and mark.startswith(lines[-1].strip()):  # blank, or the beginning of a closing line
        lines.pop()
    return "\n".join(lines).rstrip()


def _strip_lines_without_words(text: str) -> str:
    end = len(text)
    while end > 0 and _LINE_WITHOUT_WORDS.fullmatch(text, text.rfind("\n", 0, end) + 1, end):
        end = max(text.rfind("\n", 0, end), 0)
    return text[:end].rstrip()


def _last_block(text: str) -> int:
    """Where the last paragraph, heading or list item begins; the end of a table's last row."""
    start = end = len(text)
    block = None
    while start and not block:
        start = text.rfind("\n", 0, end) + 1
        block = _BLOCK_START.match(text, start, end)
        end = start - 1
    return len(text) if block and block["row"] else start


def _is_one_block(text: str) -> bool:
    """Whether this is one complete block: a line that was cut short may have become another."""
    return (
        not last_fence(text) and not _last_block(text) and _strip_lines_without_words(text) == text
    )
