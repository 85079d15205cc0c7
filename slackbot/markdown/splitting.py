"""Splits one answer into several messages.

A markdown block of Slack takes 12,000 characters, and an answer may be longer. Slack also turns it
into blocks of its own, of which a message holds 50. While an answer is being written its earlier
messages are already complete. So only the first characters of a page decide where it ends, never
the text after them: text that grows does not move the end of a page.
https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.markdown.block_count import PageLimits, block_limit_line
from slackbot.markdown.blocks import (
    MAX_FENCE_MARK_CHARACTERS,
    MAX_QUOTE_CHARACTERS,
    Line,
    LineKind,
    read_lines,
)
from slackbot.markdown.continuation import Continuation, continue_after, ends_line, resume
from slackbot.markdown.emphasis import CJK
from slackbot.markdown.inline import close_inline
from slackbot.markdown.link_labels import misleading_links
from slackbot.markdown.rendering import to_slack

MAX_PAGE_CHARACTERS = PageLimits().characters

MAX_GRAPHEME_CHARACTERS = 32
"""How far back a cut may move so that it does not part an emoji."""

MAX_INDENTATION = 40
"""Spaces before a line that are kept at the beginning of a page."""

MAX_TRIES = 24
"""How many gaps of a kind are looked at: bold text and links are shorter than so many words."""

MAX_NUMBER_DIGITS = 9
"""Of the number of a list item."""

_GAPS = tuple(
    re.compile(rf"(?<=\S){gap}") for gap in (r"[^\S\n]*\n[^\S\n]*\n", r"[^\S\n]*\n", r"[^\S\n]")
)
"""Where a page may end, the best first: after a paragraph, a line, a word."""

_BEGINS_BLOCK = re.compile(r"\s*(?:#{1,6}\s|[>|]|[-*+]\s|\d{1,9}[.)]\s|```|~~~|(?:[-=*_][ \t]*)+$)")
"""Words that would become a heading, a list or a row at the beginning of a page."""

_ENTITY = re.compile(r"&#?\w{0,31}\Z")
_FLAGS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Each flag is a pair of these."""

_TEXT = re.compile(r"\S")
_QUOTED = re.compile(r"^ {0,3}>", re.MULTILINE)

_INTRODUCTIONS: frozenset[LineKind] = frozenset(
    {"heading", "table_head", "table_delimiter", "fence"}
)
"""Lines that no page ends with, as they say nothing without the next one."""

_UNDIVIDED: frozenset[LineKind] = frozenset(
    {"heading", "table_head", "table_delimiter", "table_row", "image", "rule", "underline"}
)
"""Lines that are not cut between words."""


def split_pages(markdown: str, limit: int = MAX_PAGE_CHARACTERS) -> list[str]:
    """What each message of a reply shows: at most `limit` characters as Slack gets it.

    White space is lost at a split. A fence that is open there is closed, and opened again on the
    next page; a table repeats its head. Blank text has no page. `limit` is at least 100.
    """
    return PageSplitter(PageLimits(limit)).split(markdown)


@dataclass(frozen=True, slots=True)
class _CompletePage:
    text: str
    end: int
    """Where its text ends in the whole one."""
    seen: int
    """How many characters of the whole text it depends on."""
    goes_on: Continuation


class PageSplitter:
    """Splits a text as `split_pages` does, again and again while it grows.

    It keeps the pages that are complete, so the next split takes time in proportion to the new
    text. A text that begins otherwise is split from its start.
    """

    def __init__(self, limits: PageLimits | None = None) -> None:
        self.limits = limits or PageLimits()
        self._pages: list[_CompletePage] = []
        """The complete pages."""
        self._seen = ""
        """The text that they depend on."""
        self._counted = ""
        """The complete lines of the last page, which have room there."""

    def narrow(self, number: int, limits: PageLimits) -> None:
        """Splits the text further, from the page with this number on."""
        self.limits, self._counted = limits, ""
        del self._pages[number:]

    def split(self, markdown: str, max_pages: int | None = None) -> list[str]:
        """The pages of the text. With `max_pages`, a text that needs more is divided no further
        than into one page more: it may be without an end.
        """
        while self._pages and not markdown.startswith(self._seen[: self._pages[-1].seen]):
            self._pages.pop()
            self._counted = ""
        while max_pages is None or len(self._pages) <= max_pages:
            start, goes_on = self._next_page(markdown)
            ahead = markdown[start : start + self.limits.characters]
            fitting = self._fitting_length(ahead, goes_on)
            lines = self._lines_to_count(ahead[:fitting], goes_on)
            cut = _cut_before(block_limit_line(lines, self.limits), lines)
            if not cut:
                if fitting == len(ahead):
                    shown = [each.text for each in self._pages]
                    return [*shown, goes_on.apply(ahead.rstrip())] if ahead.strip() else shown
                lines = read_lines(ahead[: fitting + 1], goes_on.opened)
                cut = _find_cut(ahead[: fitting + 1], lines)
            self._counted = ""
            text = ahead[:cut].rstrip()
            is_whole = ends_line(ahead[: fitting + 1], len(text))
            further = continue_after(lines, text, goes_on, self.limits, is_whole=is_whole)
            page = goes_on.apply(text) + further.closing
            end, seen = start + len(text), min(start + fitting + 1, len(markdown))
            self._pages.append(_CompletePage(page, end, seen, further))
            self._seen = markdown[:seen]
        return [each.text for each in self._pages]

    def end_of(self, number: int) -> int:
        """Where the text of a complete page ends in the whole one."""
        return self._pages[number].end

    def _fitting_length(self, ahead: str, goes_on: Continuation) -> int:
        """How much of the text fits in any case: with its mentions escaped, and a fence closed."""
        closing = MAX_FENCE_MARK_CHARACTERS + len("\n")
        room = self.limits.characters - len(to_slack(goes_on.head)) - closing
        room -= 0 if goes_on.number is None else MAX_NUMBER_DIGITS
        signs = "<@&"
        if any(misleading_links(ahead)):
            signs += "]"
        fitting = _fitting_length(ahead, room, signs)
        if CJK.search(ahead, 0, fitting):
            signs += "*~:"
            fitting = _fitting_length(ahead, room, signs)
        if _QUOTED.search(ahead, 0, fitting):
            return _fitting_length(ahead, room - MAX_QUOTE_CHARACTERS, signs)
        return fitting

    def _lines_to_count(self, text: str, goes_on: Continuation) -> list[Line]:
        """The complete lines of a page, if there may be too many blocks among them."""
        complete = text[: max(text.rfind("\n"), 0)]
        if complete == self._counted:  # it grows by less than a line at a time
            return []
        self._counted = complete
        is_table = goes_on.opened.table is not None
        if not self.limits.may_exceed(complete, in_table=is_table):
            return []
        return read_lines(complete, goes_on.opened)

    def _next_page(self, markdown: str) -> tuple[int, Continuation]:
        """Where the text of the page after the complete ones begins, and how it goes on."""
        if not self._pages:
            return _next_text(markdown, 0), Continuation()
        end, goes_on = self._pages[-1].end, self._pages[-1].goes_on
        start = _next_text(markdown, end)
        if goes_on.opened.fence is not None:
            (line,) = read_lines(_line_at(markdown, start), goes_on.opened)
            if line.kind != "fence_end":
                return start, goes_on
            goes_on = Continuation(opened=line.after)
            end = start + line.end
            start = _next_text(markdown, end)
        (line,) = read_lines(_line_at(markdown, start), goes_on.opened)
        return start, resume(goes_on, line, markdown[end:start])


def _line_at(markdown: str, start: int) -> str:
    end = markdown.find("\n", start)
    return markdown[start : end if end >= 0 else None]


def _fitting_length(text: str, room: int, signs: str) -> int:
    """How many characters fit even if each sign that may need a character more gets it."""
    fitting = min(len(text), room)
    while (excess := fitting + _count_signs(text, fitting, signs) - room) > 0:
        fitting -= (excess + 1) // 2  # each character less saves one or two
    return fitting


def _count_signs(text: str, end: int, signs: str) -> int:
    return sum(text.count(sign, 0, end) for sign in signs)


def _cut_before(number: int | None, lines: Sequence[Line]) -> int:
    """Where to end a page before a line: lines that introduce it go with it. 0 without a line."""
    if number is None:
        return 0
    for first in range(number, 0, -1):
        if not _introduces(lines, first):
            return lines[first].start
    return lines[number].start


def _introduces(lines: Sequence[Line], number: int) -> bool:
    """Whether a line belongs to the line before."""
    before = next((each for each in reversed(lines[:number]) if each.kind != "blank"), None)
    if before is None or lines[number].kind == "blank":
        return True
    if before.kind in _INTRODUCTIONS:
        return True
    return lines[number].kind in {"underline", "text"} and _is_title(lines, number)


def _is_title(lines: Sequence[Line], number: int) -> bool:
    """Whether a line is part of a heading of several lines, but not the first of them."""
    below = next((each for each in lines[number:] if each.kind != "text"), None)
    return below is not None and below.kind == "underline" and lines[number - 1].kind == "text"


def _find_cut(text: str, lines: Sequence[Line]) -> int:
    """Where to end a page that has room for all but the last of these characters."""
    for earliest in (len(text) // 2, 0):
        for gap in _GAPS:
            gaps = [match.start() for match in gap.finditer(text, earliest)][: -MAX_TRIES - 1 : -1]
            if cut := next((each for each in gaps if _may_cut(text, each, lines)), 0):
                return cut
    words = [match.start() for match in _GAPS[2].finditer(text)][: -MAX_TRIES - 1 : -1]
    if cut := next((each for each in words if _may_cut_row(text, each, lines)), 0):
        return cut
    for gap in _GAPS[1:]:
        if cut := max((match.start() for match in gap.finditer(text)), default=0):
            return cut
    latest = len(text) - 1
    backwards = range(latest, max(latest - MAX_GRAPHEME_CHARACTERS, 0), -1)
    return next((cut for cut in backwards if not _is_whole(text, cut)), latest)


def _may_cut(text: str, cut: int, lines: Sequence[Line]) -> bool:
    """Whether what stands around a gap can be parted."""
    number = _line_number(lines, cut)
    line = lines[number]
    if not ends_line(text, cut):
        return line.kind not in _UNDIVIDED and _may_cut_words(text, cut, line)
    if line.kind in _INTRODUCTIONS:
        return False
    following = next((n for n in range(number + 1, len(lines)) if _has_text(lines[n])), None)
    if following is not None and _introduces(lines, following):
        return False
    is_last = following is None or following == number + 1 == len(lines) - 1
    return not (is_last and line.kind == "text" and "|" in text[line.start : line.end])


def _may_cut_row(text: str, cut: int, lines: Sequence[Line]) -> bool:
    """Whether a row of a table can be cut between two words of a cell."""
    line = lines[_line_number(lines, cut)]
    return line.kind == "table_row" and _may_cut_words(text, cut, line)


def _may_cut_words(text: str, cut: int, line: Line) -> bool:
    """Whether no link and no emphasis is parted, and the second half becomes no other block."""
    if line.kind == "code":
        return True
    before, after = text[line.start : cut], text[cut : line.end]
    if before.rfind("[") > before.rfind("]") or before.rfind("](") > before.rfind(")"):
        return False
    return close_inline(before) == before.rstrip() and not _BEGINS_BLOCK.match(after)


def _line_number(lines: Sequence[Line], cut: int) -> int:
    return bisect_left(lines, cut, key=lambda line: line.start) - 1


def _has_text(line: Line) -> bool:
    return line.kind != "blank"


def _is_whole(text: str, cut: int) -> bool:
    """Whether a cut would part what shows as one: an emoji, a flag, an entity, an escaped sign."""
    return (
        _is_grapheme(text[cut - 1], text[cut])
        or text[cut - 1] == "\\"
        or _ENTITY.search(text, max(cut - MAX_GRAPHEME_CHARACTERS, 0), cut) is not None
        or (cut - len(text[:cut].rstrip(_FLAGS))) % 2 == 1
    )


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
    text = _TEXT.search(markdown, start)
    if text is None:
        return len(markdown)
    line = markdown.rfind("\n", start, text.start()) + 1
    is_indented = (line or not start) and text.start() - line <= MAX_INDENTATION
    return line if is_indented else text.start()
