"""The messages of a reply that an earlier run began."""

from pathlib import Path

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.workspace import Workspace
from tests.delivery.transports import IN_BOTH, NATIVE
from tests.harness import BotHarness


async def test_restart_over_an_open_stream(harness: BotHarness) -> None:
    """A stream that an earlier run left open is ended, and its message goes on by edits."""
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
    async with harness.running(NATIVE):
        (after,) = await harness.answered(question, "one two three four")
    assert before is after


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_restart_over_a_stream_that_nobody_knows_of(
    harness: BotHarness, streaming: str
) -> None:
    """A stream that a run began and did not come to record is found, whichever way the next goes:
    with SLACKBOT_STREAMING=auto that is not always the same.
    """
    harness.workspace.faults.add("chat.startStream", Fault.hang(30.0))
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        (after,) = await harness.answered(question, "one two three four")
        await harness.service.bot.idle()
    assert before is after
    assert len(harness.answers(question)) == 1


@IN_BOTH
async def test_a_shorter_answer_after_a_crash(tmp_path: Path, streaming: str) -> None:
    """The messages of an earlier, longer answer are deleted."""
    async with Workspace(latency=0.1) as workspace, ModelServer() as model:
        harness = BotHarness(workspace, model, tmp_path)
        model.enqueue(says("word " * 8000).held(after=7900), "Short.", "Still here.")
        async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
            question = await harness.mention("write")
            await workspace.until(lambda: len(harness.answers(question)) == 4)
        async with harness.running({"SLACKBOT_STREAMING": streaming}):
            await harness.answered(question, "Short.")
            await harness.mention("and now?", thread=question.ts)
            await harness.answered(question, "Short.", "Still here.")
    assert ("assistant", "", "Short.") in harness.history()
