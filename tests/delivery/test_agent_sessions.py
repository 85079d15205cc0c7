"""While a stream grows, its thread's agent session is `processing`, so that people can stop it."""

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.delivery.transports import EDIT, NATIVE
from tests.harness import BotHarness

SET_STATUS = "agents.sessions.setStatus"


def set_statuses(harness: BotHarness) -> list[str]:
    """The statuses that the bot set by a call of their own."""
    calls = [call for call in harness.workspace.calls if call.method == SET_STATUS]
    return [call.args["status"] for call in calls]


async def session_becomes(harness: BotHarness, question: PostedMessage, status: str) -> None:
    place = (question.channel, question.ts)
    await harness.workspace.until(lambda: harness.workspace.sessions.get(place) == status)


async def test_processing_while_a_stream_grows(harness: BotHarness) -> None:
    """The session is processing from the first text on; the end of the stream makes it active."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await session_becomes(harness, question, "processing")
        harness.model.release()
        await harness.finished(question)
        await session_becomes(harness, question, "active")
    assert set_statuses(harness) == ["processing"]


async def test_no_session_for_edits(harness: BotHarness) -> None:
    """An edited message has a Stop button of its own, so no session is begun, nor after a crash."""
    harness.model.enqueue(says("one two").held(after=1), "one two")
    async with harness.running(EDIT, grace=0.0):
        question = await harness.mention("count")
        await harness.answered(question, "one")
    async with harness.running(EDIT):
        await harness.finished(question)
        await harness.service.bot.idle()
    assert not harness.workspace.sessions


async def test_processing_over_several_messages(harness: BotHarness) -> None:
    """Where an answer goes on in a further message, the session stays processing until its end."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("word " * 4_000 + "end").held(after=3_900))
        question = await harness.mention("write a lot")
        await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
        await session_becomes(harness, question, "processing")
        harness.model.release()
        await harness.finished(question)
        await session_becomes(harness, question, "active")
    stops = [call for call in harness.workspace.calls if call.method == "chat.stopStream"]
    assert [call.args["session_status"] for call in stops] == ["processing", "active"]
    assert set(set_statuses(harness)) == {"processing"}


async def test_active_after_a_stop(harness: BotHarness) -> None:
    """Slack leaves the session of a stopped stream as it is: the bot makes it active."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await session_becomes(harness, question, "processing")
        await harness.workspace.stop(harness.ben, harness.general, question.ts)
        await harness.answered(question, "one\n\n⚠️ _Stopped here._")
        await session_becomes(harness, question, "active")
    assert set_statuses(harness) == ["processing", "active"]


async def test_active_after_an_end_by_edits(harness: BotHarness) -> None:
    """When Slack has ended the stream, the session becomes active with the end of the answer."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await session_becomes(harness, question, "processing")
        harness.workspace.streams.lifetime = 0.0
        harness.model.release()
        await harness.answered(question, "one two three")
        await session_becomes(harness, question, "active")


async def test_active_after_a_crash(harness: BotHarness) -> None:
    """The next run ends the session that a run left in processing, with its answer."""
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("count")
        await session_becomes(harness, question, "processing")
        harness.workspace.faults.add(SET_STATUS, Fault.status(500), times=99)
    harness.workspace.faults.clear()
    harness.workspace.streams.lifetime = 0.0
    async with harness.running(NATIVE):
        await harness.answered(question, "one two three four")
        await session_becomes(harness, question, "active")


async def test_a_call_that_is_overtaken(harness: BotHarness) -> None:
    """A call that takes effect after the end of its stream is made good."""
    harness.workspace.faults.add(SET_STATUS, Fault.delay())
    async with harness.running(NATIVE):
        harness.model.enqueue("one two three")
        question = await harness.mention("count")
        await harness.finished(question)
        await harness.workspace.until(lambda: harness.workspace.held_calls)
        harness.workspace.release_calls()
        await harness.workspace.until(lambda: set_statuses(harness) == ["processing", "active"])
        await session_becomes(harness, question, "active")


@pytest.mark.parametrize(
    "fault", [Fault.reset_before(), Fault.reset_after(), Fault.status(500)], ids=str
)
async def test_a_call_that_fails(harness: BotHarness, fault: Fault) -> None:
    """The session becomes active also if a call for that fails; the answer does not wait for it."""
    async with harness.running(NATIVE):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await session_becomes(harness, question, "processing")
        harness.workspace.faults.add(SET_STATUS, fault)
        harness.workspace.streams.lifetime = 0.0
        harness.model.release()
        await harness.answered(question, "one two three")
        await session_becomes(harness, question, "active")
    assert not harness.workspace.faults.pending


@pytest.mark.parametrize("error", ["not_authorized", "unknown_method", "never_heard_of"])
async def test_a_refusal(harness: BotHarness, error: str) -> None:
    """Where sessions are refused answers stream without, and the call is not repeated."""
    harness.workspace.faults.add(SET_STATUS, Fault.error(error), times=99)
    async with harness.running(NATIVE):
        for _ in range(2):
            await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert len(set_statuses(harness)) == 1


async def test_it_gives_way(harness: BotHarness) -> None:
    """While Slack limits the calls, no session begins; answers are as quick as ever."""
    harness.workspace.faults.add(SET_STATUS, Fault.rate_limited(60))
    async with harness.running(NATIVE):
        for _ in range(2):
            await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert set_statuses(harness) == ["processing"]
