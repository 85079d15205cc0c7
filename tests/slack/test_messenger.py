"""The bot's messages in Slack, found again among those of others."""

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import new_version
from slackbot.slack.reply_metadata import REPLY_EVENT_TYPE
from tests.delivery.transports import IN_BOTH, OPENING
from tests.harness import BotHarness


@IN_BOTH
async def test_forged_metadata(harness: BotHarness, streaming: str) -> None:
    """A message of another bot that claims to be part of a reply is not taken for one."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
        harness.model.enqueue(says("one two").held(after=1), "one two")
        question = await harness.mention("count")
        (answer,) = await harness.answered(question, "one")
    parrot = harness.workspace.add_person("parrot", bot=True)
    for number in (0, 1):
        payload = {"key": question.ts, "number": number}
        harness.workspace.post(
            parrot,
            harness.general,
            new_version("squawk"),
            thread_ts=question.ts,
            metadata={"event_type": REPLY_EVENT_TYPE, "event_payload": payload},
        )
    async with harness.running():
        assert await harness.answered(question, "one two") == [answer]
        await harness.service.bot.idle()
    edited = {call.args["ts"] for call in harness.workspace.calls if call.method == "chat.update"}
    assert edited == {answer.ts}
    errors = {call.error for call in harness.workspace.calls}
    assert errors <= {"", "streaming_state_conflict"}  # an open stream is met once


@OPENING
async def test_a_post_without_an_answer_to_a_thread_that_is_deleted(
    harness: BotHarness, streaming: str, method: str
) -> None:
    """What is found in the channel, as its thread is gone, is taken back too."""
    harness.workspace.faults.add(method, Fault.reset_after())
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        await answer_in_a_deleted_thread(harness)


@pytest.mark.parametrize("fault", [Fault.error("internal_error"), Fault.rate_limited(1)])
@pytest.mark.parametrize("answers", [True, False])
async def test_a_post_is_taken_back_though_slack_fails(
    harness: BotHarness, fault: Fault, *, answers: bool
) -> None:
    """If Slack does not take the deletion of what it posted to the channel, it is deleted later."""
    if not answers:
        harness.workspace.faults.add("chat.postMessage", Fault.reset_after())
    harness.workspace.faults.add("chat.delete", fault)
    async with harness.running({"SLACKBOT_STREAMING": "edit"}):
        await answer_in_a_deleted_thread(harness)


@pytest.mark.parametrize(
    ("streaming", "text"), [("edit", "one two"), ("native", "one two"), ("native", "one " * 300)]
)
async def test_a_thread_that_is_deleted_before_its_first_reply(
    harness: BotHarness, streaming: str, text: str
) -> None:
    """Slack would write to the channel then: nothing is left there, and the bot goes on."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says(text).paced(0.002).held(after=0))
        question = await harness.mention("count")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        question.deleted = True  # and nobody has told the bot
        harness.model.release()
        await harness.service.bot.idle()
        posted = [
            each for each in harness.workspace.messages.values() if each.author == harness.bot
        ]
        assert [each.deleted for each in posted] == [True]
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])


async def answer_in_a_deleted_thread(harness: BotHarness) -> None:
    """The thread is deleted while the model answers; what the bot posts to the channel must go."""
    harness.model.enqueue(says("one two").held(after=0))
    question = await harness.mention("count")
    await harness.model.until(lambda: harness.model.open_streams == 1)
    question.deleted = True  # and nobody has told the bot
    harness.model.release()
    await harness.service.bot.idle()
    posted = [each for each in harness.workspace.messages.values() if each.author == harness.bot]
    assert posted
    assert all(each.deleted for each in posted)
