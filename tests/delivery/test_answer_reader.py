"""The reply's text, notes and buttons when the draft ends, fails or is stopped."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.deltas import Delta, FinishDelta, NoteDelta, TextDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Answer, FinishReason
from slackbot.conversation.texts import EMPTY
from slackbot.delivery.answer_reader import MAX_ANSWER_CHARACTERS, AnswerReader
from slackbot.delivery.texts import ANSWER_TOO_LONG, FINISH_NOTES, THOUGHT_TOO_LONG
from slackbot.errors import UNEXPECTED, SlackbotError


async def growing(draft: Draft, *deltas: Delta | Exception) -> AsyncIterator[Draft]:
    """An agent that folds these deltas, or raises."""
    yield draft
    for delta in deltas:
        if isinstance(delta, Exception):
            raise delta
        draft.add(delta)
        yield draft


async def endless(draft: Draft, text: str) -> AsyncIterator[Draft]:
    """An agent that writes something, and never comes to its end."""
    yield draft
    draft.add(TextDelta(text))
    yield draft
    await asyncio.Event().wait()


async def hopeless() -> AsyncIterator[Draft]:
    """An agent that fails before it gives a draft."""
    raise SlackbotError("The model is on holiday.")
    yield


async def test_a_whole_answer() -> None:
    """The result is the agent's own draft, and the notes are those that it came with."""
    reader, draft = AnswerReader(), Draft()
    await reader.read(growing(draft, NoteDelta("Cut."), TextDelta("Ahoy"), FinishDelta()))
    assert reader.result is draft
    assert (reader.ended, reader.controls, reader.notes) == (True, "finished", ("Cut.",))


async def test_an_answer_of_nothing() -> None:
    """Where the model wrote nothing the person is told so, and may try again."""
    reader = AnswerReader()
    await reader.read(growing(Draft(), FinishDelta()))
    assert (reader.controls, reader.notes) == ("failed", (EMPTY,))


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_an_answer_that_was_cut_before_its_beginning(reason: FinishReason) -> None:
    """A model that only thought until its limit has said nothing: the note tells why."""
    reader = AnswerReader()
    await reader.read(growing(Draft(), FinishDelta(reason)))
    note = THOUGHT_TOO_LONG if reason == "length" else FINISH_NOTES[reason]
    assert (reader.controls, reader.notes) == ("failed", (note,))


async def test_an_answer_that_breaks_off() -> None:
    """An answer without a finish reason is broken: it stays, and may be tried again."""
    reader = AnswerReader()
    await reader.read(growing(Draft(), TextDelta("Aho")))
    assert (reader.text, reader.controls, reader.notes) == (
        "Aho",
        "failed",
        (FINISH_NOTES["broken"],),
    )


async def test_an_error_becomes_a_note() -> None:
    """The text from before an error stays, with the error's sentence below it."""
    reader = AnswerReader()
    await reader.read(growing(Draft(), TextDelta("Aho"), SlackbotError("Too long.")))
    assert (reader.text, reader.controls, reader.notes) == ("Aho", "failed", ("Too long.",))
    assert reader.result is not None
    assert reader.result.answer == Answer("Aho", "broken")


async def test_a_bug_becomes_a_note() -> None:
    """Whatever goes wrong, the message gets an end."""
    reader = AnswerReader()
    await reader.read(growing(Draft(), ValueError("a secret")))
    assert (reader.ended, reader.controls, reader.notes) == (True, "failed", (UNEXPECTED,))


async def test_a_failure_before_the_draft() -> None:
    """An agent that gives no draft leaves no result; the person reads why."""
    reader = AnswerReader()
    await reader.read(hopeless())
    assert (reader.result, reader.controls) == (None, "failed")
    assert reader.notes == ("The model is on holiday.",)


async def test_a_stopped_answer() -> None:
    """The text from before the stop stays. The result says `stopped`, the agent's draft is not
    changed.
    """
    reader, draft = AnswerReader(), Draft()
    reading = asyncio.create_task(reader.read(endless(draft, "Aho")))
    while not reader.text:
        await reader.changed.wait()
        reader.changed.clear()
    assert reader.controls == "stop"
    assert reader.stop()
    await reading
    assert reader.result is not None
    assert reader.result.answer == Answer("Aho", "stopped")
    assert draft.answer == Answer("Aho", "broken")
    assert (reader.controls, reader.notes) == ("finished", (FINISH_NOTES["stopped"],))
    assert not reader.stop()


async def test_a_stop_before_the_beginning() -> None:
    """The agent is not asked where the answer was stopped before it began."""
    reader = AnswerReader()
    assert reader.stop()
    await reader.read(hopeless())
    assert (reader.result, reader.controls) == (None, "finished")
    assert reader.notes == (FINISH_NOTES["stopped"],)


async def test_a_cancelled_reader() -> None:
    """A reader that is cancelled without a stop passes the cancellation on, and has no end."""
    reader = AnswerReader()
    reading = asyncio.create_task(reader.read(endless(Draft(), "Aho")))
    await reader.changed.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert reading.cancelled()
    assert not reader.ended


@pytest.mark.parametrize("piece", ["word ", " ", "\n", "x"])
async def test_an_answer_without_an_end(piece: str) -> None:
    """The model is stopped at the most that an answer may have, also where nobody sees what it
    writes; a sentence says so, and it can be asked to go on.
    """
    reader, draft = AnswerReader(), Draft()
    is_closed = False

    async def write_on() -> AsyncIterator[Draft]:
        nonlocal is_closed
        try:
            while True:
                draft.add(TextDelta(piece * 1_000))
                yield draft
                await asyncio.sleep(0)
        finally:
            is_closed = True

    await reader.read(write_on())
    assert is_closed
    assert draft.written <= MAX_ANSWER_CHARACTERS + 2 * len(piece * 1_000)
    assert (reader.controls, reader.notes) == ("finished", (ANSWER_TOO_LONG,))
    assert reader.result is not None
    assert reader.result.text.strip() == reader.text.strip()
    assert reader.result.finish_reason == "length"


async def test_the_end_comes_as_the_limit_is_reached() -> None:
    """An answer that ends by itself while it is cut off leaves no cancellation behind."""
    reader = AnswerReader()
    long = TextDelta("x" * (MAX_ANSWER_CHARACTERS + 1))
    await reader.read(growing(Draft(), long, FinishDelta()))
    await asyncio.sleep(0)
    assert reader.notes == (ANSWER_TOO_LONG,)


async def test_a_stop_counts_more_than_a_cut() -> None:
    """A person who stops an answer that is cut off sees that it was stopped."""
    reader, draft = AnswerReader(), Draft()
    reading = asyncio.create_task(reader.read(endless(draft, "Ahoy there")))
    await reader.changed.wait()
    reader.cut_off(4)
    reader.stop()
    await reading
    assert reader.notes == (FINISH_NOTES["stopped"],)
