"""`slackbot check`, in a process of its own."""

from pathlib import Path

import pytest

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from tests.command import run
from tests.harness import BotHarness


async def test_check(harness: BotHarness, tmp_path: Path) -> None:
    """It prints a line for each part, and the exit code is 0 if all of them work."""
    code, output, errors = await run(tmp_path, "check", **harness.environment)
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    for part in ("settings", "bot token", "app token", "model", "database"):
        assert any(part in line for line in lines)
    methods = sorted(call.method for call in harness.workspace.calls)
    assert methods == ["apps.connections.open", "auth.test"]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"OPENAI_API_KEY": ""}, "model"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "slack"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "slack"),
        ({"DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "database"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "model"),
        ({"SLACK_BOT_TOKEN": ""}, "settings"),
    ],
)
async def test_check_fails(tmp_path: Path, changes: dict[str, str], part: str) -> None:
    """A part that fails has one line, and the exit code is 1."""
    async with Workspace() as workspace, ModelServer(api_key="sk-test") as model:
        harness = BotHarness(workspace, model, tmp_path)
        code, output, errors = await run(tmp_path, "check", **{**harness.environment, **changes})
    assert (code, errors) == (1, "")
    (failed,) = [line for line in output.splitlines() if not line.startswith("ok ")]
    assert failed.startswith(f"failed  {part}")


async def test_check_passes_without_optional_scopes(harness: BotHarness, tmp_path: Path) -> None:
    """An app that was installed before a scope was added still works, and is not called broken."""
    harness.workspace.scopes = harness.workspace.scopes - {"usergroups:read"}
    code, output, _ = await run(tmp_path, "check", **harness.environment)
    assert (code, "failed" in output) == (0, False)


async def test_check_knows_the_scopes(harness: BotHarness, tmp_path: Path) -> None:
    """A scope in manifest.yml that the token lacks is named."""
    harness.workspace.scopes = harness.workspace.scopes - {"users:read"}
    code, output, _ = await run(tmp_path, "check", **harness.environment)
    assert code == 1
    assert "users:read" in output
