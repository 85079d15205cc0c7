"""One answer over several messages.

Slack's markdown block ends at 12,000 characters, an answer may go on. While it is written its
earlier messages are finished already. So the first characters of a page alone decide where it
ends, never what comes after them: text that grows does not move a page's end.
"""

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

from slackbot.markdown.mrkdwn import escape_mentions

PAGE_LIMIT = 11_500
"""Characters; the rest of the 12,000 is room for what a preview adds."""

LONGEST_MARK = 20
"""Backticks or tildes; a longer row of them is no fence to us."""

FARTHEST_STEP_BACK = 32
"""Characters between a cut that would part an emoji and one that does not."""

_FENCE_LINE = re.compile(
    r"^ {0,3}(?P<mark>`{3,}(?=[^`\n]*$)|~{3,}(?!~))(?P<info>[^\n]*)$", re.MULTILINE
)
_GAPS = tuple(
    re.compile(rf"(?<=\S){gap}") for gap in (r"[^\S\n]*\n[^\S\n]*\n", r"[^\S\n]*\n", r"\s")
)
"""Where a page may end, the best first: at a paragraph, a line, a word."""

_INDENTED_TEXT = re.compile(r"(?:(?<=\n)[^\S\n]+)?\S")


@dataclass(frozen=True, slots=True)
class Fence:
    """Code between two lines of backticks or tildes, by their offsets in the text.

    https://spec.commonmark.org/0.31.2/#fenced-code-blocks
    """

    opening: str
    mark: str
    start: int
    body: int
    end: int | None = None
    """Where its closing line ends; None while there is none."""

    def closed_by(self, line: re.Match[str]) -> bool:
        return line["mark"].startswith(self.mark) and not line["info"].strip()


def last_fence(markdown: str) -> Fence | None:
    """The fence that is open at the end of the text, else the last one that was closed."""
    fence: Fence | None = None
    for line in _FENCE_LINE.finditer(markdown):
        if fence is not None and fence.end is None:
            if fence.closed_by(line):
                fence = replace(fence, end=line.end())
        elif len(line["mark"]) <= LONGEST_MARK:
            fence = Fence(line[0].rstrip(), line["mark"], line.start(), line.end())
    return fence


def split_pages(markdown: str, limit: int = PAGE_LIMIT) -> list[str]:
    """What each message of a reply shows: at most `limit` characters once they are harmless.

    Nothing but white space gets lost at a split. A fence that is open there is closed, and opened
    again on the next page. Blank text has no page. `limit` is at least 100.
    """
    shown: list[str] = []
    head, start = "", 0
    while ahead := markdown[start : start + limit]:
        room = limit - len(escape_mentions(head)) - LONGEST_MARK - len("\n")
        fitting = _fitting(ahead, max(room, 2))  # two: every page takes at least one sign
        last = fitting == len(ahead)
        cut = fitting if last else _cut(ahead[: fitting + 1])
        text = ahead[:cut].rstrip()
        page = head + text
        start = _next_text(markdown, start + cut)
        fence = last_fence(page)
        head = ""
        if not last and fence is not None and fence.end is None:
            page += f"\n{fence.mark}"
            closing = _FENCE_LINE.match(markdown, start)
            if closing is not None and fence.closed_by(closing):
                start = _next_text(markdown, closing.end())
            else:
                head = _reopening(fence, limit)
        if text:
            shown.append(page)
    return shown


def _fitting(text: str, room: int) -> int:
    """How many characters fit even if harmless() finds a ping at each sign that may begin one."""
    return bisect_right(list(accumulate(2 if sign in "<@&" else 1 for sign in text)), room)


def _cut(text: str) -> int:
    """Where to end a page that has room for all but the last of these characters."""
    for earliest in (len(text) // 2, 0):
        for gap in _GAPS:
            if cut := max((match.start() for match in gap.finditer(text, earliest)), default=0):
                return cut
    most = len(text) - 1
    backwards = range(most, max(most - FARTHEST_STEP_BACK, 0), -1)
    return next((cut for cut in backwards if not _joined(text[cut - 1], text[cut])), most)


def _joined(before: str, after: str) -> bool:
    """Whether the two show as one: accents, emoji with a skin tone, families of emoji."""
    joiner = "\u200d"
    return (
        joiner in (before, after)
        or unicodedata.category(after).startswith("M")
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )


def _next_text(markdown: str, start: int) -> int:
    """Where the text goes on behind a split, its line's indentation included."""
    match = _INDENTED_TEXT.search(markdown, start)
    return match.start() if match else len(markdown)


def _reopening(fence: Fence, limit: int) -> str:
    fits = len(escape_mentions(fence.opening)) <= limit // 4
    return f"{fence.opening if fits else fence.mark}\n"
