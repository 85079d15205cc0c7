from collections.abc import AsyncIterator

import pytest

from slackbot.playground.bot_process import LONG_LINE, BotProcess
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.playground import Playground, run_playground
from slackbot.slack.manifest import manifest
from tests.harness import BotHarness


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer() as model:
        yield model


@pytest.fixture
async def playground(model: ModelServer) -> AsyncIterator[Playground]:
    settings = {"OPENAI_BASE_URL": model.url, "SLACKBOT_INSTRUCTIONS": "You are a pirate."}
    async with run_playground(settings, manifest()) as playground:
        yield playground


@pytest.fixture
def ana(playground: Playground) -> Person:
    return next(each for each in playground.workspace.people.values() if each.name == "ana")


@pytest.fixture
def general(playground: Playground) -> Channel:
    return next(iter(playground.workspace.channels.values()))


async def test_killed_and_started_again(
    playground: Playground, model: ModelServer, ana: Person, general: Channel
) -> None:
    """After a kill, the next run finishes the answer in the same message."""
    workspace, bot = playground.workspace, playground.bot
    model.enqueue(says("one two three").held(after=1), "one two three four")
    await workspace.say(ana, general, f"{workspace.bot.mention} count")
    await workspace.until(lambda: [*workspace.messages.values()][-1].shown == "one")
    killed = bot.pid
    await bot.kill()
    assert bot.state == "stopped"
    assert bot.log[-1] == "(killed by SIGKILL)"
    await bot.start()
    await workspace.until(lambda: bot.state == "running")
    answers = [each for each in workspace.messages.values() if each.bot_id]
    await workspace.until(lambda: answers[0].shown == "one two three four")
    assert [each for each in workspace.messages.values() if each.bot_id] == answers
    assert bot.pid != killed
    assert bot.starts == 2


async def test_starting_twice(playground: Playground) -> None:
    """Starting a running bot does nothing."""
    pid = playground.bot.pid
    await playground.bot.start()
    assert playground.bot.pid == pid
    assert playground.bot.starts == 1


async def test_a_long_line(harness: BotHarness) -> None:
    """A line that is longer than a pipe's buffer does not end the log, nor hide the bot's end."""
    environment = {**harness.environment, "SLACKBOT_TOOLS": "tests.playground.loud_tools"}
    bot = BotProcess(environment, harness.workspace.changes.notify)
    await bot.start()
    await harness.workspace.until(lambda: bot.state == "running")
    assert LONG_LINE in bot.log
    await bot.kill()
    assert bot.log[-1] == "(killed by SIGKILL)"
