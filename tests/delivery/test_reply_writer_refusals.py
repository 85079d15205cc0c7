"""What becomes of a reply that Slack refuses with HTTP 200, for a while or for good."""

import asyncio
import logging
from itertools import pairwise

import pytest

from slackbot import backoff
from slackbot.delivery import setbacks
from slackbot.delivery.texts import NOT_SHOWN_REASONS, STILL_TRYING
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from tests.delivery.transports import EDIT, ENDING, IN_BOTH, OPENING
from tests.harness import BotHarness, buttons

PASSING_CODES = [
    "rate_limited",
    "message_limit_exceeded",
    "team_added_to_org",
    "org_login_required",
    "internal_error",
    "some_new_error",
    "",
]
"""The last one is an answer that is not ok, and has no error code."""


def refusal(code: str) -> Fault:
    """An answer with HTTP 200; a limit lasts as long as Slack says, here the least."""
    error = {"error": code} if code else {}
    return Fault("answer", FaultAnswer(200, {"ok": False, **error}, {"Retry-After": "1"}))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "LONGEST_PAUSE_SECONDS", 0.1)


@pytest.mark.parametrize("code", PASSING_CODES)
@OPENING
async def test_a_first_text_that_is_refused_once(
    harness: BotHarness, code: str, streaming: str, method: str
) -> None:
    """The question is answered, once, with its buttons."""
    harness.workspace.faults.add(method, refusal(code))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.answered(question, "Ahoy")
        assert "again" in buttons(await harness.finished(question))
        await harness.service.bot.idle()
    assert not harness.workspace.faults.pending
    assert harness.workspace.ephemerals == []


@pytest.mark.parametrize("code", PASSING_CODES)
@ENDING
async def test_an_ending_that_is_refused_once(
    harness: BotHarness, code: str, streaming: str, method: str
) -> None:
    """The answer does not stay at one word with a Stop button: it ends in the same message."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        harness.workspace.faults.add(method, refusal(code))
        harness.model.release()
        assert await harness.finished(question) == before
        assert await harness.answered(question, "one two three") == [before]
        await harness.service.bot.idle()
    assert not harness.workspace.faults.pending


@OPENING
async def test_the_asker_is_told_that_slack_refuses(
    harness: BotHarness,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    streaming: str,
    method: str,
) -> None:
    """They read one sentence, alone, and then the answer; the log has a line per code."""
    monkeypatch.setattr(setbacks, "SILENT_SECONDS", 0.3)
    for each in {method, "chat.postMessage"}:
        harness.workspace.faults.add(each, Fault.error("team_added_to_org"), times=99)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        harness.workspace.faults.clear()
        await harness.answered(question, "Ahoy")
        await harness.service.bot.idle()
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.channel, told.text) == (
        harness.ana.id,
        harness.general.id,
        STILL_TRYING,
    )
    assert told.thread_ts is None  # nobody sees it in a thread without a reply
    lines = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert len([each for each in lines if "waits for Slack" in each]) == 1
    refusals = [each for each in lines if each.startswith("chat.postMessage failed")]
    assert refusals == ["chat.postMessage failed: team_added_to_org (1 times so far)"]


@pytest.mark.parametrize("fault", [Fault.hang(), Fault.rate_limited(30)], ids=["hang", "limit"])
@OPENING
async def test_the_asker_is_told_of_a_call_that_takes_long(
    harness: BotHarness,
    monkeypatch: pytest.MonkeyPatch,
    streaming: str,
    method: str,
    fault: Fault,
) -> None:
    """They read so while Slack does not answer, or asks to wait: no second failure comes first."""
    monkeypatch.setattr(setbacks, "SILENT_SECONDS", 0.3)
    for each in {method, "chat.postMessage"}:
        harness.workspace.faults.add(each, fault)
    async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
        harness.model.enqueue("Ahoy")
        await harness.mention("hello")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        harness.workspace.release_calls()
    (told,) = harness.workspace.ephemerals
    assert told.text == STILL_TRYING


async def test_the_asker_is_not_told_what_is_no_longer_true(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private sentence that Slack refused is not sent after the answer that it is about."""
    monkeypatch.setattr(setbacks, "SILENT_SECONDS", 0.3)
    faults, calls = harness.workspace.faults, harness.workspace.calls
    told = asyncio.Event()
    refused = Fault.error("team_added_to_org")
    faults.add("chat.postMessage", refused, times=99, when=lambda _: not told.is_set())
    faults.add("chat.postEphemeral", Fault.rate_limited(1), times=99)
    async with harness.running(EDIT):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.workspace.until(lambda: any("Ephemeral" in each.method for each in calls))
        told.set()
        await harness.answered(question, "Ahoy")
        faults.clear()
        await harness.service.bot.idle()
        await harness.ask("and now?")
    assert harness.workspace.ephemerals == []


async def test_a_channel_whose_posts_are_limited(harness: BotHarness) -> None:
    """While Slack puts off the posts of one channel, another one is answered at once."""
    busy = harness.workspace.add_channel("busy", members=[harness.ana])
    harness.workspace.faults.add(
        "chat.postMessage",
        Fault.rate_limited(30),
        when=lambda arguments: arguments["channel"] == busy.id,
    )
    harness.model.answer = lambda _: "Ahoy"
    async with harness.running(EDIT):
        refused = await harness.workspace.say(harness.ana, busy, f"{harness.bot.mention} hello")
        await harness.workspace.until(lambda: not harness.workspace.faults.pending)
        question = await harness.mention("hello")
        await harness.answered(question, "Ahoy")
        assert harness.answers(refused) == []


@OPENING
async def test_a_look_that_is_limited(harness: BotHarness, streaming: str, method: str) -> None:
    """A post whose confirmation was lost waits until Slack lets us look for it, and no loop asks
    again and again.
    """
    harness.workspace.faults.add(method, Fault.reset_after())
    harness.workspace.faults.add("conversations.replies", Fault.rate_limited(1), times=5)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.workspace.until(lambda: not harness.workspace.faults.pending)
        await harness.answered(question, "Ahoy")
        await harness.service.bot.idle()
    looks = [each for each in harness.workspace.calls if each.method == "conversations.replies"]
    for refused, again in pairwise(looks[:6]):
        assert again.started - refused.ended >= 1.0


@IN_BOTH
async def test_a_storm_of_refusals(harness: BotHarness, streaming: str) -> None:
    """Whatever Slack refuses for a moment, each question has one whole answer in the end."""
    text = "word " * 20 + "end"
    harness.model.answer = lambda _: says(text).paced(0.01)
    for code in PASSING_CODES * 3:
        harness.workspace.faults.add("chat.*", refusal(code))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        channels = [
            harness.workspace.add_channel(f"c{number}", members=[harness.ana])
            for number in range(8)
        ]
        questions = [
            await harness.workspace.say(harness.ana, channel, f"{harness.bot.mention} write")
            for channel in channels
        ]
        await harness.workspace.until(
            lambda: all(
                [answer.shown for answer in harness.answers(question)] == [text]
                for question in questions
            ),
            40.0,
        )
        await harness.service.bot.idle()
    assert not harness.workspace.faults.pending


@pytest.mark.parametrize("code", ["restricted_action", "is_inactive"])
async def test_a_reply_of_an_earlier_run_that_can_not_be_finished(
    harness: BotHarness, code: str
) -> None:
    """After a restart Slack refuses to change the message for good: it is deleted, and does not
    stand there at one word with a Stop button.
    """
    async with harness.running(EDIT, grace=0.0):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
    harness.model.release()
    harness.workspace.faults.add("chat.update", Fault.error(code), times=99)
    async with harness.running(EDIT):
        harness.model.answer = lambda _: "one two three"
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.answered(question)
        await harness.service.bot.idle()
    (told,) = harness.workspace.ephemerals
    assert told.text == NOT_SHOWN_REASONS[code]


async def test_an_old_answer_that_can_not_be_written_again(harness: BotHarness) -> None:
    """It stays as it was, as it is whole."""
    async with harness.running(EDIT):
        question = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.workspace.faults.add("chat.update", Fault.error("restricted_action"), times=99)
        harness.model.enqueue("Good evening")
        await harness.press(harness.ana, question, "again")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
        await harness.answered(question, "Ahoy")
