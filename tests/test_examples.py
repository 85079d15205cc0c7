"""The files of examples/ work as they stand there."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from slackbot import config
from slackbot.config.oauth import HOW_TO_GET as OAUTH_VARIABLES
from slackbot.config.oauth import OAuthSettings
from slackbot.playground.fake_openai.script import calls
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.playground import run_playground
from slackbot.playground.seed import read_seed
from slackbot.slack.manifest import manifest
from tests.command import run
from tests.harness import BotHarness

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


async def ask(harness: BotHarness, tool: str, arguments: str) -> str:
    """What the model is told when it calls a tool."""
    harness.model.enqueue(calls(tool, arguments), "Done.")
    await harness.finished(await harness.mention("please"))
    told: str = harness.model.requests[-1]["messages"][-1]["content"]
    return told


async def test_tools(harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy next to the .env file is found by its name, and the model can call both tools."""
    shutil.copy(EXAMPLES / "team_tools.py", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    async with harness.running({"SLACKBOT_TOOLS": "team_tools"}):
        assert "not in the list" in await ask(harness, "days_off", "{}")
        on_call = await ask(harness, "on_call", '{"service": "payments"}')
        assert json.loads(on_call) == {"service": "payments", "person": "Mia"}
        assert "payments, search" in await ask(harness, "on_call", '{"service": "mail"}')


async def test_mcp_server(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read from the root of a clone, its server starts, and the model can ask it."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    async with harness.running({"SLACKBOT_MCP": "examples/mcp.json"}):
        told = await ask(harness, "runbooks_runbook", '{"service": "payments"}')
        assert told.startswith("Restart the worker")
    offered = {tool["function"]["name"] for tool in harness.model.requests[0]["tools"]}
    assert {"runbooks_runbook", "runbooks_write_runbook"} <= offered


async def test_instructions(harness: BotHarness, tmp_path: Path) -> None:
    """The command line takes the file into a database, and gives its texts back."""
    file = str(EXAMPLES / "instructions.yml")
    said = await run(tmp_path, "instructions", "import", file, **harness.environment)
    lines = [f"{each}: saved version 1\n" for each in ("workspace", "C012AB3CD", "C045EF6GH")]
    assert said == (0, "".join(lines), "")
    code, output, _ = await run(tmp_path, "instructions", "export", **harness.environment)
    assert code == 0
    after = {each["channel"]: each["after"] for each in map(json.loads, output.splitlines())}
    assert after[None]["text"].startswith("You are the assistant of a small software team.")
    assert after[None]["prompts"][1] == "Who is on call for payments?"
    assert after["C045EF6GH"]["answering"] == "mentions"


async def test_seed() -> None:
    """A playground starts with its people and channels, and the bot with its instructions."""
    async with ModelServer() as model:
        settings = {"OPENAI_BASE_URL": model.url}
        seed = read_seed(EXAMPLES / "seed.yml")
        async with run_playground(settings, manifest(), seed=seed) as playground:
            workspace = playground.workspace
            people = {each.name: each for each in workspace.people.values()}
            channels = {each.name: each for each in workspace.channels.values()}
            assert people["mia"].owner
            assert people["kim"].restricted
            assert channels["leads"].members == {people["mia"].id, workspace.bot.id}
            model.enqueue("With pleasure.")
            await workspace.say(people["leo"], channels["support"], f"{workspace.bot.mention} hi")
            await model.until(lambda: len(model.requests) > 0, 20)
            told = model.requests[0]["messages"][0]["content"]
            assert "You answer customers." in told


def test_env_file() -> None:
    """With its first values filled in and nothing commented out, .env.example can be used."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    settings = [line.removeprefix("# ") for line in lines if "=" in line and " = " not in line]
    filled = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}
    assert filled == {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": "", "OPENAI_API_KEY": ""}
    examples = dict(line.split("=", 1) for line in settings)
    secrets = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "OPENAI_API_KEY": "sk-1"}
    installs = OAuthSettings.read_if_set(examples)
    assert installs is not None
    one_workspace = {name: each for name, each in examples.items() if name not in OAUTH_VARIABLES}
    several = {**examples, **secrets, "SLACK_BOT_TOKEN": ""}
    assert config.parse(several).slack.installs == installs
    parsed = config.parse({**one_workspace, **secrets})
    assert parsed.tools == ("team_tools",)
    assert parsed.max_replies == 100
