"""Slack posts an answer late, and its question has changed meanwhile: nothing is left behind."""

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.delivery.transports import OPENING
from tests.harness import BotHarness, buttons, echo

LATE = {
    "slow": Fault.delay(0.2),
    "an error": Fault.late(Fault.error("fatal_error"), 0.2),
    "a server error": Fault.late(Fault.status(500), 0.2),
    "a reset": Fault.late(Fault.reset_before(), 0.2),
}


@pytest.fixture
def harness(harness: BotHarness) -> BotHarness:
    harness.model.answer = echo
    return harness


def posted(harness: BotHarness) -> list[PostedMessage]:
    """All that the bot has in the workspace, also outside of the question's thread."""
    messages = harness.workspace.messages.values()
    return [each for each in messages if each.author == harness.bot and not each.deleted]


async def ask(
    harness: BotHarness, method: str, fault: Fault, *, thread: str | None = None
) -> PostedMessage:
    """A question whose answer is being written and posted: Slack has the call, but the channel does
    not show it yet.
    """
    harness.workspace.faults.add(method, fault)
    harness.model.enqueue(says("To: one.").held(after=1))
    question = await harness.mention("one", thread=thread)
    await harness.workspace.until(lambda: harness.workspace.held_calls)
    return question


@pytest.mark.parametrize("fault", LATE)
@OPENING
async def test_a_late_post(harness: BotHarness, fault: str, streaming: str, method: str) -> None:
    """An answer that Slack posts late stands once in the channel."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        question = await ask(harness, method, LATE[fault])
        harness.model.release()
        await harness.answered(question, "To: one.")
        await harness.settled()
        assert [each.shown for each in posted(harness)] == ["To: one."]


@pytest.mark.parametrize("fault", LATE)
@OPENING
async def test_an_edit_before_a_late_post(
    harness: BotHarness, fault: str, streaming: str, method: str
) -> None:
    """A question that is edited while its answer is being posted has one answer, the new one."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        question = await ask(harness, method, LATE[fault])
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} two")
        await harness.answered(question, "To: two.")
        await harness.settled()
        assert [each.shown for each in posted(harness)] == ["To: two."]
        assert [set(buttons(each)) for each in posted(harness)] == [{"feedback", "again"}]


@pytest.mark.parametrize("fault", LATE)
@OPENING
async def test_a_deletion_before_a_late_post(
    harness: BotHarness, fault: str, streaming: str, method: str
) -> None:
    """A question that is deleted while its answer is being posted leaves nothing in the channel."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        question = await ask(harness, method, LATE[fault])
        await harness.workspace.delete(harness.ana, question)
        await harness.settled()
        assert posted(harness) == []


@pytest.mark.parametrize("fault", LATE)
@OPENING
async def test_a_deleted_follow_up_before_a_late_post(
    harness: BotHarness, fault: str, streaming: str, method: str
) -> None:
    """The same for a follow-up: of the thread's answers only the first one is left."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        root = await harness.mention("hello")
        await harness.answered(root, "To: hello.")
        await harness.service.bot.idle()
        question = await ask(harness, method, LATE[fault], thread=root.ts)
        await harness.workspace.delete(harness.ana, question)
        await harness.settled()
        assert [each.shown for each in posted(harness)] == ["To: hello."]


@OPENING
async def test_a_stop_before_a_late_post(harness: BotHarness, streaming: str, method: str) -> None:
    """A stop while the answer is being posted leaves one message, without a Stop button."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        question = await ask(harness, method, LATE["slow"])
        await harness.slacks_stop(harness.ana, question)
        await harness.settled()
        assert [set(buttons(each)) for each in posted(harness)] == [{"feedback", "again"}]
