"""Rate budgets that outlive the process which used them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from tests import command
from tests.harness import BotHarness

AUTO = {"SLACKBOT_STREAMING": "auto"}


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[BotHarness]:
    """A workspace with Slack's limits."""
    async with Workspace(limits=RateLimits()) as workspace, ModelServer() as model:
        model.answer = lambda _: says("one two three").held(after=2)
        yield BotHarness(workspace, model, tmp_path)


async def ask(harness: BotHarness, times: int) -> int:
    """Ana asks so often at once, in ten channels. Returns how many answers began as streams."""
    workspace = harness.workspace
    before = len(workspace.calls)
    channels = [workspace.add_channel(f"c{n}", members=[harness.ana]) for n in range(10)]
    questions = [
        await workspace.say(harness.ana, channels[n % 10], f"{harness.bot.mention} count")
        for n in range(times)
    ]
    for question in questions:
        await harness.answered(question, "one two")
    harness.model.release()
    for question in questions:
        await harness.answered(question, "one two three")
    return sum(call.method == "chat.startStream" for call in workspace.calls[before:])


def refused(harness: BotHarness) -> int:
    return sum(call.status == 429 for call in harness.workspace.calls)


async def test_a_restart_knows_the_minute_before(harness: BotHarness) -> None:
    """A bot that comes back begins no more streams than Slack takes in the minute."""
    async with harness.running(AUTO):
        assert await ask(harness, 16) >= 10
    async with harness.running(AUTO):
        await ask(harness, 12)
    assert refused(harness) == 0


async def test_after_a_kill_too(harness: BotHarness) -> None:
    """A bot that was killed a moment after its calls is refused nothing when it comes back."""
    process = await command.serving(harness.folder, **{**harness.environment, **AUTO})
    assert await ask(harness, 16) >= 10
    process.kill()
    await process.communicate()
    async with harness.running(AUTO):
        await ask(harness, 12)
    assert refused(harness) == 0
