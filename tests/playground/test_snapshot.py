"""A playground that continues where the last one ended."""

import asyncio
import json
from pathlib import Path

import pytest

from slackbot.errors import ConfigError
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.members import Person
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.playground import run_playground
from slackbot.playground.seed import DEFAULT_SEED
from slackbot.playground.snapshot import autosave, restore, snapshot
from slackbot.slack.manifest import manifest
from tests.harness import buttons


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "autosave.json"


def mode(file: Path) -> int:
    return file.stat().st_mode


def content(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def named(workspace: Workspace, name: str) -> Person:
    return next(each for each in workspace.people.values() if each.name == name)


async def test_all_of_it(file: Path) -> None:
    """A workspace restored from the file equals the saved one, and its ids go on."""
    async with Workspace() as workspace:
        assert not restore(workspace, file)
        DEFAULT_SEED.apply(workspace)
        workspace.feed.connection_timeout = 0.0
        ana, general = named(workspace, "ana"), next(iter(workspace.channels.values()))
        async with autosave(workspace, file):
            shared = workspace.share(ana, "a.txt", b"\0content", "text/plain")
            message = await workspace.say(ana, general, "hello", files=[shared])
            reply = await workspace.say(ana, general, "again", thread=message.ts)
            workspace.react(ana, reply, "tada")
            await workspace.edit(ana, reply, "once more")
            gone = await workspace.say(ana, general, "gone")
            await workspace.delete(ana, gone)
        expected = snapshot(workspace)
        tokens = (workspace.bot_token, workspace.app_token)
    assert mode(file) & 0o077 == 0
    async with Workspace() as workspace:
        assert restore(workspace, file)
        assert snapshot(workspace) == expected
        assert (workspace.bot_token, workspace.app_token) == tokens
        general = workspace.channels[general.id]
        again = workspace.thread(general, message.ts)
        assert [each.text for each in again] == ["hello", "once more"]
        (shown,) = again[0].files
        assert shown["url_private"].startswith(f"http://{workspace.address}/")
        assert workspace.files.find(shown["id"]).content == b"\0content"
        assert workspace.add_person("new").id not in {each["id"] for each in expected["people"]}


async def test_it_is_written_as_it_happens(file: Path) -> None:
    """The file is written during the run, so that a kill loses at most a second."""
    async with Workspace() as workspace:
        DEFAULT_SEED.apply(workspace)
        workspace.feed.connection_timeout = 0.0
        general = next(iter(workspace.channels.values()))
        async with autosave(workspace, file):
            await workspace.say(named(workspace, "ana"), general, "remember this")
            while "remember this" not in content(file):  # noqa: ASYNC110 - a file does not notify
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("other", ["", "[]", "{}", '{"version": 9}', '{"version": 1}', "\0"])
def test_files_of_others(file: Path, other: str) -> None:
    """A file that is not a snapshot is refused with one sentence, and not changed."""
    file.write_text(other)
    with pytest.raises(ConfigError, match="choose another"):
        restore(Workspace(), file)
    assert content(file) == other


async def test_no_place(tmp_path: Path) -> None:
    """A file that can't be written is reported at once."""
    async with Workspace() as workspace:
        with pytest.raises(ConfigError, match="--keep"):
            async with autosave(workspace, tmp_path / "nowhere" / "autosave.json"):
                pass


async def test_the_bot_remembers(file: Path) -> None:
    """The bot of the next playground remembers the conversation, and answers in its thread."""
    async with ModelServer() as model:
        settings = {"OPENAI_BASE_URL": model.url}
        model.answer = lambda body: f"{body['messages'][-1]['content']} Yes."
        async with run_playground(settings, manifest(), keep=file) as playground:
            workspace = playground.workspace
            general = next(iter(workspace.channels.values()))
            ana = named(workspace, "ana")
            question = await workspace.say(ana, general, f"{workspace.bot.mention} France?")
            await workspace.until(lambda: len(workspace.thread(general, question.ts)) == 2, 20)
            answer = workspace.thread(general, question.ts)[1]
            await workspace.until(lambda: "again" in buttons(answer), 20)
        async with run_playground(settings, manifest(), keep=file) as playground:
            workspace = playground.workspace
            general = workspace.channels[general.id]
            await workspace.say(named(workspace, "ana"), general, "people?", thread=question.ts)
            await workspace.until(lambda: len(workspace.thread(general, question.ts)) == 4, 20)
    contents = [each["content"] for each in model.requests[-1]["messages"][1:]]
    assert contents == ["France?", "France? Yes.", "people?"]
    assert json.loads(content(file))["version"] == 1
