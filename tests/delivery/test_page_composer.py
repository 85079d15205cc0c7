"""What the messages of a reply should show while its answer grows."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from slackbot.conversation.deltas import FinishDelta, SourceDelta, TextDelta, ToolRoundDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import ToolCall
from slackbot.delivery import annotations
from slackbot.delivery.answer_reader import AnswerReader
from slackbot.delivery.message_limits import MAX_MESSAGES, MAX_SHORT_MESSAGES
from slackbot.delivery.page_composer import MAX_PLAIN_TEXT_CHARACTERS, PageComposer
from slackbot.delivery.texts import ANSWER_TOO_LONG, SEARCHING
from slackbot.markdown.splitting import MAX_PAGE_CHARACTERS

ADD = ToolCall("1", "add_many_numbers")


def reader_of(text: str) -> AnswerReader:
    """The reader of an answer that is being written."""
    reader, reader.draft = AnswerReader(), Draft()
    if text:
        reader.draft.add(TextDelta(text))
    return reader


def test_a_placeholder_until_there_is_text() -> None:
    """The placeholder stands there as long as nothing else does."""
    composer = PageComposer("_waiting_")
    assert [page.text for page in composer.pages(reader_of(""))] == ["_waiting_"]
    assert [page.text for page in composer.pages(reader_of("Ahoy"))] == ["Ahoy"]


def test_full_pages_are_closed() -> None:
    """Of a long answer all pages but the last are complete; the last one grows, with Stop."""
    reader = reader_of("word " * (2 * MAX_PAGE_CHARACTERS // 5 + 100))
    *full, last = PageComposer("").pages(reader)
    assert [(page.closed, page.controls) for page in full] == [(True, "none")] * 2
    assert (last.closed, last.controls) == (False, "stop")
    reader.end()
    assert PageComposer("").pages(reader)[-1].closed


def test_a_page_that_stays_the_same_is_kept() -> None:
    """A page is not previewed again unless it has changed."""
    composer, reader = PageComposer(""), reader_of("Ahoy")
    (page,) = composer.pages(reader)
    assert composer.pages(reader)[0] is page
    reader.draft.add(TextDelta(" there"))
    assert composer.pages(reader)[0] is not page


def test_plain_text_has_short_pages() -> None:
    """As text without blocks, a message holds less."""
    composer = PageComposer("")
    composer.use_plain_text()
    pages = composer.pages(reader_of("word " * 400))
    assert len(pages) == 3
    assert all(len(page.text) <= MAX_PLAIN_TEXT_CHARACTERS for page in pages)


def test_an_erased_reply_shows_nothing() -> None:
    """Neither the text nor the placeholder is left."""
    composer, reader = PageComposer("_waiting_"), reader_of("Ahoy")
    composer.erase()
    reader.end()
    assert [(page.text, page.closed) for page in composer.pages(reader)] == [("", True)]


def using(text: str) -> AnswerReader:
    """The reader of an answer for which a tool runs now."""
    reader = reader_of("")
    reader.draft.add(ToolRoundDelta((ADD,)))
    if text:
        reader.draft.tool_rounds = (replace(reader.draft.tool_rounds[0], text=text),)
    return reader


def test_a_tool_that_runs_is_named_below() -> None:
    """While a tool runs the page says so, instead of the placeholder, and names it as a task; the
    finished page says which tools were used.
    """
    composer, reader = PageComposer("_waiting_"), using("")
    (page,) = composer.pages(reader)
    assert (page.text, page.visible) == ("", annotations.tools_running_line([ADD]))
    assert [task.title for task in page.tasks] == ["add_many_numbers", SEARCHING]
    reader.draft.add(TextDelta("It is 3."))
    reader.end()
    (page,) = composer.pages(reader)
    assert page.visible == f"It is 3.\n\n{annotations.tools_used_line([ADD])}"


def test_a_line_that_does_not_fit_has_a_message_of_its_own() -> None:
    """The line about tools stands below the text if the page has room for both, and else in the
    next message.
    """
    line = annotations.tools_running_line([ADD])
    room = MAX_PAGE_CHARACTERS - len(line)
    for length, pages in ((room, 1), (room + 1, 2)):
        shown = PageComposer("").pages(using("x" * length))
        assert len(shown) == pages
        assert (shown[0].text, shown[-1].status_line) == ("x" * length, line)
        assert shown[-1].text == ("" if pages == 2 else "x" * length)
        assert [page.closed for page in shown] == [True] * (pages - 1) + [False]


def test_an_answer_that_ends_while_a_tool_runs() -> None:
    """Nothing is said to be running below an answer that has ended."""
    reader = using("Wait.")
    reader.end()
    (page,) = PageComposer("").pages(reader)
    assert (page.status_line, page.closed) == ("", True)
    assert page.visible == f"Wait.\n\n{annotations.tools_used_line([ADD])}"


def _lines(count: int) -> str:
    return "\n".join(f"{number} {'x' * 1_000}" for number in range(count))


async def _read(text: str) -> AnswerReader:
    reader, draft = AnswerReader(), Draft()

    async def drafts() -> AsyncIterator[Draft]:
        draft.add(TextDelta(text))
        draft.add(SourceDelta("https://example.com", "A page"))
        draft.add(FinishDelta())
        yield draft

    await reader.read(drafts())
    return reader


@pytest.mark.parametrize(
    "unit", ["# Heading\n\n", "x", "\n\nword", "| a |\n|---|\n| b |\n\n", "⚠️ "]
)
async def test_an_answer_ends_after_its_last_message(unit: str) -> None:
    """It takes no more messages than one may; the last says so once, with its sources."""
    reader = await _read(unit * (100_000 // len(unit)))
    pages = PageComposer("").pages(reader)
    assert len(pages) <= MAX_MESSAGES
    assert [page.text.count(ANSWER_TOO_LONG) for page in pages][-1:] in ([0], [1])
    assert sum(page.text.count(ANSWER_TOO_LONG) for page in pages) == (
        1 if len(pages) == MAX_MESSAGES else 0
    )
    assert "🔗 _Sources:_" in pages[-1].text
    assert reader.result is not None
    if len(pages) == MAX_MESSAGES:
        assert reader.result.finish_reason == "length"
        assert len(reader.result.text) < 100_000


async def test_short_messages() -> None:
    """Where Slack takes only short messages, an answer may have more of them."""
    reader = await _read(_lines(60))
    composer = PageComposer("")
    composer.use_plain_text()
    pages = composer.pages(reader)
    assert MAX_SHORT_MESSAGES - 1 <= len(pages) <= MAX_SHORT_MESSAGES
    assert ANSWER_TOO_LONG in pages[-1].text


async def test_an_answer_that_just_fits() -> None:
    """An answer of as many messages as one may have is whole."""
    reader = await _read(_lines(100))
    assert len(PageComposer("").pages(reader)) == MAX_MESSAGES
    assert reader.notes == ()
