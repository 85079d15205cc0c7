"""Replies of one workspace, which share its rate budgets."""

from slackbot.playground.fake_openai.script import says
from tests.harness import BotHarness


async def test_auto_uses_both(harness: BotHarness) -> None:
    """SLACKBOT_STREAMING=auto begins as many streams as Slack lets end, and edits the others."""
    async with harness.running({"SLACKBOT_STREAMING": "auto"}):
        harness.model.answer = lambda _: says("one two three").held(after=2)
        questions = [await harness.mention("count") for _ in range(23)]
        for question in questions:
            await harness.answered(question, "one two")
        harness.model.release()
        for question in questions:
            await harness.answered(question, "one two three")
    assert {"chat.startStream", "chat.postMessage"} <= {
        call.method for call in harness.workspace.calls
    }
