"""The people, channels and instructions of a seed file."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from slackbot.errors import ConfigError
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.playground import run_playground
from slackbot.playground.seed import DEFAULT_SEED, Seed, read_seed
from slackbot.slack.manifest import manifest

SEED = """\
people:
  - {name: mia, real_name: Mia Rossi, role: admin}
  - {name: leo}
  - {name: kim, role: guest}
  - {name: pat, role: outsider}
channels:
  - name: support
    instructions: Answer like a pirate.
  - {name: board, private: true, members: [mia]}
instructions: Answer in rhyme.
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "seed.yml"


@pytest.fixture
def seed(file: Path) -> Seed:
    file.write_text(SEED)
    return read_seed(file)


def test_people_and_channels(file: Path) -> None:
    """People get their roles, and channels their members; the default leaves out guests."""
    file.write_text(SEED)
    workspace = Workspace()
    entries = read_seed(file).apply(workspace)
    people = {each.name: each for each in workspace.people.values()}
    assert people["mia"].admin
    assert not people["leo"].admin
    assert people["leo"].real_name == "Leo"
    assert people["kim"].restricted
    assert people["pat"].team_id != workspace.team.team_id
    channels = {each.name: each for each in workspace.channels.values() if each.kind != "im"}
    house = {people[name].id for name in ("mia", "leo")} | {workspace.bot.id}
    assert channels["support"].members == house
    assert channels["board"].kind == "group"
    assert channels["board"].members == {people["mia"].id, workspace.bot.id}
    support = {channels["support"].id: "Answer like a pirate."}
    assert entries == {"workspace": "Answer in rhyme.", "channels": support}


def test_what_is_left_out(file: Path) -> None:
    """An empty file gives the default seed; people without channels get #general."""
    file.write_text("")
    assert read_seed(file) == DEFAULT_SEED
    file.write_text("people: [{name: mia}]")
    workspace = Workspace()
    assert read_seed(file).apply(workspace) == {}
    assert next(iter(workspace.channels.values())).name == "general"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[1]", "has no fields"),
        ("persons: []", "has 'persons', but takes only people, channels, instructions"),
        ("people: 1", "people is not a list"),
        ("people: [{role: owner}]", "people, number 1, has no name"),
        ("people: [{name: a}, {name: a}]", "people has two entries with the same name"),
        ("people: [{name: a, role: king}]", "a has a role that is not one of owner, admin"),
        ("people: [{name: Assistant}]", "Assistant is reserved for the bot or everybody"),
        ("people: [{name: a, real_name: 5}]", "a has a real_name that is not text"),
        ("channels: [{name: a, members: [[ana]]}]", "#a has ['ana'], who is not in people"),
        ("channels: [{name: a, private: maybe}]", "#a needs private: true or false"),
        ("channels: [{name: a, members: ana}]", "#a has members that are not a list"),
        ("channels: [{name: a, members: [eve]}]", "#a has 'eve', who is not in people"),
        ("a: [", "is not valid YAML"),
    ],
)
def test_mistakes(file: Path, content: str, problem: str) -> None:
    """A mistake is reported in one sentence with the file and the place."""
    file.write_text(content)
    with pytest.raises(ConfigError, match=re.escape(problem)) as mistake:
        read_seed(file)
    assert str(file) in mistake.value.user_message
    assert "\n" not in mistake.value.user_message


def test_no_such_file(file: Path) -> None:
    """A missing file is reported by name."""
    with pytest.raises(ConfigError, match="can't be read"):
        read_seed(file)


async def test_the_bot_follows(seed: Seed) -> None:
    """The bot follows the seed's instructions from its first answer on."""
    async with ModelServer() as model:
        settings = {"OPENAI_BASE_URL": model.url}
        async with run_playground(settings, manifest(), seed=seed) as playground:
            workspace = playground.workspace
            mia = next(each for each in workspace.people.values() if each.name == "mia")
            support = next(iter(workspace.channels.values()))
            for channel, told in ((support, "pirate"), (workspace.direct_message(mia), "rhyme")):
                model.enqueue("Yes.")
                before = len(model.requests)
                await workspace.say(mia, channel, f"{workspace.bot.mention} hello")
                await model.until(lambda: len(model.requests) > before, 20)  # noqa: B023 - at once
                assert told in model.requests[-1]["messages"][0]["content"]


async def test_instructions_that_can_not_be_set() -> None:
    """Invalid instructions are reported in the bot's own words."""
    seed = replace(DEFAULT_SEED, instructions={"answering": "perhaps"})
    with pytest.raises(ConfigError, match="--seed has instructions that can't be set"):
        async with run_playground({"OPENAI_API_KEY": "sk-1"}, manifest(), seed=seed):
            pass
