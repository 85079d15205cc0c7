"""The playground in one piece: a real bot in a process of its own."""

from collections.abc import AsyncIterator

import pytest

from slackbot.errors import ConfigError
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.playground import Playground, run_playground
from slackbot.slack.manifest import manifest


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


async def test_the_bot_answers(
    playground: Playground, model: ModelServer, ana: Person, general: Channel
) -> None:
    """It runs with the user's settings, in the workspace, and its model is asked."""
    workspace = playground.workspace
    model.enqueue("Arr.")
    await workspace.say(ana, general, f"{workspace.bot.mention} hello")
    await workspace.until(lambda: [*workspace.messages.values()][-1].shown == "Arr.", 20)
    assert model.requests[0]["messages"][0]["content"].startswith("You are a pirate.")


async def test_killed_and_begun_anew(
    playground: Playground, model: ModelServer, ana: Person, general: Channel
) -> None:
    """What was being written is ended by the next run, in the message that is there."""
    workspace, bot = playground.workspace, playground.bot
    model.enqueue(says("one two three").held(after=1), "one two three four")
    await workspace.say(ana, general, f"{workspace.bot.mention} count")
    await workspace.until(lambda: [*workspace.messages.values()][-1].shown == "one", 20)
    killed = bot.pid
    await bot.kill()
    assert bot.state == "stopped"
    assert bot.log[-1] == "(killed by SIGKILL)"
    await bot.start()
    await workspace.until(lambda: bot.state == "running", 20)
    answers = [each for each in workspace.messages.values() if each.bot_id]
    await workspace.until(lambda: answers[0].shown == "one two three four", 20)
    assert [each for each in workspace.messages.values() if each.bot_id] == answers
    assert bot.pid != killed
    assert bot.starts == 2


async def test_starting_twice(playground: Playground) -> None:
    """There is one bot at a time."""
    pid = playground.bot.pid
    await playground.bot.start()
    assert playground.bot.pid == pid
    assert playground.bot.starts == 1


async def test_a_wrong_setting() -> None:
    """It is named before anything begins."""
    with pytest.raises(ConfigError, match="OPENAI_CONTEXT_TOKENS"):
        async with run_playground(
            {"OPENAI_API_KEY": "sk-1", "OPENAI_CONTEXT_TOKENS": "many"}, manifest()
        ):
            pass
