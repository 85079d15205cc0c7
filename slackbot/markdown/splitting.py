"""Splits one answer into several messages.

A markdown block of Slack takes 12,000 characters, and an answer may be longer. While it is being
written its earlier messages are already complete. So only the first characters of a page decide
where it ends, never the text after them: text that grows does not move the end of a page.
https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from slackbot.markdown.escaping import escape_mentions

MAX_PAGE_CHARACTERS = 11_500
"""The rest of Slack's 12,000 is room for what a preview adds."""

MAX_FENCE_MARK_CHARACTERS = 20
"""Backticks or tildes; a longer row of them does not count as a fence."""

MAX_GRAPHEME_CHARACTERS = 32
"""How far back a cut may move so that it does not part an emoji."""

_FENCE_LINE = re.compile(
    r"^ {0,3}(?P<mark>`{3,}(?=[^`\n]*$)|~{3,}(?!~))(?P<info>[^\n]*)$", re.MULTILINE
)
_GAPS = tuple(
    re.compile(rf"(?<=\S){gap}") for gap in (r"[^\S\n]*\n[^\S\n]*\n", r"[^\S\n]*\n", r"\s")
)
"""Where a page may end, the best first: after a paragraph, a line, a word."""

_INDENTED_TEXT = re.compile(r"(?:(?<=\n)[^\S\n]+)?\S")


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


def split_pages(markdown: str, limit: int = MAX_PAGE_CHARACTERS) -> list[str]:
    """What each message of a reply shows: at most `limit` characters once mentions are escaped.

    Only white space is lost at a split. A fence that is open there is closed, and opened again on
    the next page. Blank text has no page. `limit` is at least 100.
    """
    return PageSplitter(limit).split(markdown)


class PageSplitter:
    """Splits a text as `split_pages` does, again and again while it grows.

    It keeps the pages that are complete, so the next split takes time in proportion to the new
    text. A text that begins otherwise is split from its start.
    """

    def __init__(self, limit: int = MAX_PAGE_CHARACTERS) -> None:
        self.limit = limit
        self._pages: list[str] = []
        """The complete pages."""
        self._done = ""
        """Their text."""
        self._open_fence: Fence | None = None
        """The fence in which the last of them ends."""

    def split(self, markdown: str) -> list[str]:
        """The pages of the text."""
        if not markdown.startswith(self._done):
            self._pages, self._done, self._open_fence = [], "", None
        while True:
            start, head = self._next_page(markdown)
            ahead = markdown[start : start + self.limit]
            room = self.limit - len(escape_mentions(head)) - MAX_FENCE_MARK_CHARACTERS - len("\n")
            fitting = _fitting_length(ahead, room)
            if fitting == len(ahead):
                return [*self._pages, head + ahead.rstrip()] if ahead.strip() else [*self._pages]
            cut = _find_cut(ahead[: fitting + 1])
            self._complete(head, ahead[:cut].rstrip())
            self._done = markdown[: start + cut]

    def _next_page(self, markdown: str) -> tuple[int, str]:
        """Where the text of the page after the complete ones begins, and what to put before it."""
        start = _next_text(markdown, len(self._done)) if self._done else 0
        fence = self._open_fence
        if fence is None:
            return start, ""
        closing = _FENCE_LINE.match(markdown, start)
        if closing is not None and fence.is_closed_by(closing):
            return _next_text(markdown, closing.end()), ""
        return start, _reopening_line(fence, self.limit)

    def _complete(self, head: str, text: str) -> None:
        page = head + text
        self._open_fence = fence = _open_fence(page)
        if text:
            self._pages.append(page if fence is None else f"{page}\n{fence.mark}")


def _open_fence(page: str) -> Fence | None:
    fence = last_fence(page)
    return None if fence is None or fence.end is not None else fence


def _fitting_length(text: str, room: int) -> int:
    """How many characters fit even if `escape_mentions` lengthens each `<`, `@` and `&`."""
    fitting = min(len(text), room)
    while (excess := fitting + _count_signs(text, fitting) - room) > 0:
        fitting -= (excess + 1) // 2  # each character less saves one or two
    return fitting


def _count_signs(text: str, end: int) -> int:
    return sum(text.count(sign, 0, end) for sign in "<@&")


def _find_cut(text: str) -> int:
    """Where to end a page that has room for all but the last of these characters."""
    for earliest in (len(text) // 2, 0):
        for gap in _GAPS:
            if cut := max((match.start() for match in gap.finditer(text, earliest)), default=0):
                return cut
    latest = len(text) - 1
    backwards = range(latest, max(latest - MAX_GRAPHEME_CHARACTERS, 0), -1)
    return next((cut for cut in backwards if not _is_grapheme(text[cut - 1], text[cut])), latest)


def _is_grapheme(before: str, after: str) -> bool:
    """Whether the two show as one: accents, emoji with a skin tone, families of emoji."""
    joiner = "\u200d"
    return (
        joiner in (before, after)
        or unicodedata.category(after).startswith("M")
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )


def _next_text(markdown: str, start: int) -> int:
    """Where the text goes on after a split, with its line's indentation."""
    match = _INDENTED_TEXT.search(markdown, start)
    return match.start() if match else len(markdown)


def _reopening_line(fence: Fence, limit: int) -> str:
    fits = len(escape_mentions(fence.opening)) <= limit // 4
    return f"{fence.opening if fits else fence.mark}\n"
