"""What is shown of a page that is still being written.

Half a page of Markdown looks broken: a lone `**`, a link without its address, a fence that is
open. Only the page's end is touched: what cannot be shown yet is left off, what is open is closed.

It is done at each edit of a message that grows, so its time is in proportion to the page's length.
"""

import re

from slackbot.markdown.inline import close_inline
from slackbot.markdown.splitting import last_fence

_SIGNS = r"(?:[\s*_~`]|\\(?!\S))*+"
"""What `close_inline` may cut off: a bare line is one with and without them."""

_BARE_LINE = re.compile(
    rf"[\s>#*_~`+=-]*+(?:\d{{1,9}}[.)])?+{_SIGNS}(?:\[[ xX]?\]?)?+{_SIGNS}"  # nothing is said
    r"|[ \t]*\|(?:.*[^|\s])?\s*"  # half a row of a table
)
_NEW_BLOCK = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]|(?P<row>\|)|\r?\Z)")


def preview(page: str) -> str:
    """The page with its end made fit to be shown; empty if there is nothing to show yet."""
    fence = last_fence(page)
    if fence is not None and fence.end is None:
        code = _code(page[fence.body :], fence.mark)
        return f"{page[: fence.body]}{code}\n{fence.mark}" if code else preview(page[: fence.start])
    start = fence.end if fence and fence.end else 0
    text = _said(page[start:])
    block = _last_block(text)
    shown = close_inline(text[block:])
    return page[:start] + text[:block] + (shown if _is_block(shown) else text[block:])


def _code(code: str, mark: str) -> str:
    lines = code.split("\n")
    while lines and mark.startswith(lines[-1].strip()):  # blank, or the closing line typed
        lines.pop()
    return "\n".join(lines).rstrip()


def _said(text: str) -> str:
    """The text without the lines at its end that say nothing yet."""
    end = len(text)
    while end > 0 and _BARE_LINE.fullmatch(text, text.rfind("\n", 0, end) + 1, end):
        end = max(text.rfind("\n", 0, end), 0)
    return text[:end].rstrip()


def _last_block(text: str) -> int:
    """Where the last paragraph, heading or item begins; behind the last row of a table."""
    start = end = len(text)
    block = None
    while start and not block:
        start = text.rfind("\n", 0, end) + 1
        block = _NEW_BLOCK.match(text, start, end)
        end = start - 1
    return len(text) if block and block["row"] else start


def _is_block(text: str) -> bool:
    """Whether this is one block, said to its end: cut short, a line may have become another."""
    return not last_fence(text) and not _last_block(text) and _said(text) == text
