"""Divides a reply into pages: what each of its messages should show now."""

from dataclasses import replace

from slackbot.delivery import annotations
from slackbot.delivery.answer_reader import AnswerReader
from slackbot.delivery.message_limits import MAX_MESSAGES, MAX_SHORT_MESSAGES
from slackbot.delivery.page import Page
from slackbot.markdown.block_count import PageLimits, count_blocks
from slackbot.markdown.splitting import PageSplitter

CUT_CHARACTERS = 200
"""An answer that is too long loses so many more at a time, until its end has room."""

MAX_PLAIN_TEXT_CHARACTERS = 700
"""Of a message that is shown as text: with all its escapes it fits Slack's 4,000 characters."""


class PageComposer:
    """Composes the pages again and again while the answer grows."""

    def __init__(self, placeholder: str) -> None:
        self.placeholder = placeholder
        """The Markdown to show until there is text."""
        self._splitter = PageSplitter()
        self._last_page = Page("", closed=False)
        """Kept while it stays the same, as its preview takes time."""
        self._texts: tuple[str, ...] = ()
        """What the pages say."""
        self._erased = False

    def use_plain_text(self) -> None:
        """Makes the pages short enough for messages without blocks."""
        self._splitter = PageSplitter(PageLimits(MAX_PLAIN_TEXT_CHARACTERS))

    def count_blocks(self, number: int) -> int:
        """Returns how many blocks Slack makes of a page, as far as that is known."""
        return count_blocks(self._texts[number]) if number < len(self._texts) else 0

    def split_further(self, number: int) -> bool:
        """Divides a page that Slack finds too long, and gives those after it as little.

        Returns False if the page is too short for that.
        """
        if number >= len(self._texts):
            return False
        limits = self._splitter.limits.halved(self._texts[number])
        if limits is not None:
            self._splitter.narrow(number, limits)
        return limits is not None

    def part_tables(self, number: int) -> bool:
        """Gives each table a page, from this page on. Returns False if that is so already."""
        limits = self._splitter.limits
        self._splitter.narrow(number, replace(limits, tables=1))
        return limits.tables > 1

    def erase(self) -> None:
        """Leaves nothing to show."""
        self._erased, self.placeholder = True, ""

    def pages(self, reader: AnswerReader) -> list[Page]:
        """Returns the pages of the reply, at least one."""
        status_line = "" if reader.ended else reader.status_line
        placeholder = "" if status_line else self.placeholder
        *written, end = ([] if self._erased else self._within_limit(reader)) or [placeholder]
        if len(end) + len(status_line) > self._splitter.limits.characters and end and status_line:
            written, end = [*written, end], ""
        self._texts = (*written, end)
        tasks = annotations.stream_tasks(reader.draft.tool_rounds, searching=reader.draft.searching)
        last_page = Page(end, reader.ended, reader.controls, status_line, tasks)
        if last_page != self._last_page:
            self._last_page = last_page
        return [*(Page(page, closed=True) for page in written), self._last_page]

    def _within_limit(self, reader: AnswerReader) -> list[str]:
        """The text of each message. An answer that would need too many is cut off, with room for
        what stands below it.
        """
        is_usual = self._splitter.limits == PageLimits()
        most = MAX_MESSAGES if is_usual else MAX_SHORT_MESSAGES
        pages = self._splitter.split(_text(reader), most)
        end = self._splitter.end_of(most - 1) if len(pages) > most else 0
        while len(pages) > most and end > 0:
            reader.cut_off(end)
            pages = self._splitter.split(_text(reader), most)
            end -= CUT_CHARACTERS
        return pages


def _text(reader: AnswerReader) -> str:
    return reader.full_text if reader.ended else reader.text
