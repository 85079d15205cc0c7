"""A model, or its broken server, that does not come to an end: what it costs is limited."""

import json

import pytest

from slackbot.delivery.message_limits import MAX_MESSAGES
from slackbot.delivery.texts import ANSWER_TOO_LONG, THOUGHT_TOO_LONG
from slackbot.llm.openai.answer_limits import MIN_EVENTS
from slackbot.llm.tool_calls import ARGUMENTS_TOO_LONG, MAX_ARGUMENTS_CHARACTERS
from slackbot.playground.fake_openai.odd_scripts import reasons
from slackbot.playground.fake_openai.script import Script, calls, says
from tests.harness import BotHarness, buttons

POSTING_SECONDS = 60.0
"""Slack takes a post a second in a channel."""


async def test_the_servers_limit(harness: BotHarness) -> None:
    """Each request says how long its answer may get; the setting counts."""
    async with harness.running({"SLACKBOT_MAX_ANSWER_TOKENS": "1234"}):
        await harness.ask("hello?")
    assert harness.model.requests[0]["max_completion_tokens"] == 1234


async def test_an_answer_of_words(harness: BotHarness) -> None:
    """It ends after ten messages with one sentence, and the model is stopped. What is kept of it is
    what people see, and the model can go on from there.
    """
    words = "word " * 200
    harness.model.enqueue(Script(tuple({"content": words} for _ in range(5_000))), "And so on.")
    async with harness.running():
        question = await harness.mention("write!")
        await harness.workspace.until(
            lambda: harness.answers(question) and "again" in buttons(harness.answers(question)[-1]),
            POSTING_SECONDS,
        )
        answers = harness.answers(question)
        assert len(answers) == MAX_MESSAGES
        assert [each.shown.count(ANSWER_TOO_LONG) for each in answers] == [0] * 9 + [1]
        await harness.model.until(lambda: harness.model.open_streams == 0)
        assert harness.model.streams[0].sent < 1_000
        _, more = await harness.ask("go on", thread=question.ts)
    assert more == "And so on."
    shown = " ".join(each.shown for each in answers).partition("⚠️ _")[0]
    (_, _, kept), _ = harness.history()[1:]
    assert kept.split() == shown.split()


@pytest.mark.parametrize("blank", [" ", "\n"])
async def test_an_answer_of_nothing(harness: BotHarness, blank: str) -> None:
    """Blanks count, though nobody sees them."""
    harness.model.enqueue(Script(tuple({"content": blank * 1_000} for _ in range(5_000))))
    async with harness.running():
        question = await harness.mention("write!")
        answer = await harness.finished(question)
        await harness.model.until(lambda: harness.model.open_streams == 0)
    assert answer.shown == f"⚠️ _{ANSWER_TOO_LONG}_"
    assert harness.model.streams[0].sent < 1_000


async def test_thoughts_without_an_end(harness: BotHarness) -> None:
    """A server that does not know the limit is not listened to for ever."""
    harness.model.enqueue(reasons("hm " * 5_000))
    async with harness.running({"SLACKBOT_MAX_ANSWER_TOKENS": "100"}):
        question = await harness.mention("think!")
        answer = await harness.finished(question)
        await harness.model.until(lambda: harness.model.open_streams == 0)
    assert answer.shown == f"⚠️ _{THOUGHT_TOO_LONG}_"
    assert MIN_EVENTS <= harness.model.streams[0].sent < 5_000


async def test_a_call_without_an_end(harness: BotHarness) -> None:
    """The model is stopped in the middle of the arguments, and told that they are too long."""
    piece = json.dumps("x" * 1_000)[1:-1]
    pieces = ['{"text": "', *[piece] * 5_000]
    harness.model.enqueue(calls("current_time", *pieces), says("It is late."))
    async with harness.running():
        _, answer = await harness.ask("what time is it?")
        await harness.model.until(lambda: harness.model.open_streams == 0)
    assert answer.startswith("It is late.")
    assert harness.model.streams[0].sent < 2 * MAX_ARGUMENTS_CHARACTERS // len(piece)
    assert harness.model.requests[-1]["messages"][-1]["content"] == ARGUMENTS_TOO_LONG


async def test_a_restart(harness: BotHarness) -> None:
    """The answer goes on in its messages, so that they count on."""
    words = "word " * 200
    endless = Script(tuple({"content": words} for _ in range(5_000)))
    harness.model.enqueue(
        Script(tuple({"content": words} for _ in range(30))).held(after=30), endless
    )
    async with harness.running(grace=0.0):
        question = await harness.mention("write!")
        await harness.workspace.until(lambda: len(harness.answers(question)) > 1, POSTING_SECONDS)
    async with harness.running():
        await harness.workspace.until(
            lambda: ANSWER_TOO_LONG in harness.answers(question)[-1].shown, POSTING_SECONDS
        )
        await harness.settled()
    assert len(harness.answers(question)) == MAX_MESSAGES
