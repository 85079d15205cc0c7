"""The whole playground, with the real bot in a process of its own."""

from collections.abc import AsyncIterator

import pytest

from slackbot.errors import ConfigError
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
    """The bot runs with the user's settings, in the workspace, and asks the model."""
    workspace = playground.workspace
    model.enqueue("Arr.")
    await workspace.say(ana, general, f"{workspace.bot.mention} hello")
    await workspace.until(lambda: [*workspace.messages.values()][-1].shown == "Arr.", 20)
    assert model.requests[0]["messages"][0]["content"].startswith("You are a pirate.")


async def test_a_wrong_setting() -> None:
    """A wrong setting is reported before the bot starts."""
    with pytest.raises(ConfigError, match="OPENAI_CONTEXT_TOKENS"):
        async with run_playground(
            {"OPENAI_API_KEY": "sk-1", "OPENAI_CONTEXT_TOKENS": "many"}, manifest()
        ):
            pass
