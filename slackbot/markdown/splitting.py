"""Splits one answer into several messages.

A markdown block of Slack takes 12,000 characters, and an answer may be longer. While it is being
written its earlier messages are already complete. So only the first characters of a page decide
where it ends, never the text after them: text that grows does not move the end of a page.
https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

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
    pages: list[str] = []
    head, start = "", 0
    while ahead := markdown[start : start + limit]:
        room = limit - len(escape_mentions(head)) - MAX_FENCE_MARK_CHARACTERS - len("\n")
        fitting = _fitting_length(ahead, max(room, 2))  # two: every page takes at least a character
        last = fitting == len(ahead)
        cut = fitting if last else _find_cut(ahead[: fitting + 1])
        text = ahead[:cut].rstrip()
        page = head + text
        start = _next_text(markdown, start + cut)
        fence = last_fence(page)
        head = ""
        if not last and fence is not None and fence.end is None:
            page += f"\n{fence.mark}"
            closing = _FENCE_LINE.match(markdown, start)
            if closing is not None and fence.is_closed_by(closing):
                start = _next_text(markdown, closing.end())
            else:
                head = _reopening_line(fence, limit)
        if text:
            pages.append(page)
    return pages


def _fitting_length(text: str, room: int) -> int:
    """How many characters fit even if `escape_mentions` lengthens each `<`, `@` and `&`."""
    return bisect_right(list(accumulate(2 if sign in "<@&" else 1 for sign in text)), room)


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
