"""The README tells the truth where a machine can tell."""

import re
import sys
from pathlib import Path

import pytest

import slackbot.config
from slackbot.playground.fake_openai.script import calls
from tests.harness import BotHarness

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_every_setting_is_in_the_table() -> None:
    """Each variable that is read has its row, and each row is a variable that is read."""
    source = Path(slackbot.config.__file__).read_text()
    read = set(re.findall(r'"((?:SLACK|OPENAI|SLACKBOT|DATABASE|LOG|PORT)[A-Z_]*)"', source))
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)) == read


def test_two_commands_set_everything_up() -> None:
    """The two commands that a newcomer copies are there once each, and one runs the tests."""
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    assert commands[0].endswith(" slackbot playground")
    assert commands[1].endswith(" pytest")


async def test_a_tool_in_ten_lines(
    harness: BotHarness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tool that the README shows works as it stands there, and has at most ten lines."""
    (text,) = re.findall(
        r"^```python\n(from slackbot.tools .*?)^```", README, re.DOTALL | re.MULTILINE
    )
    assert len(text.splitlines()) <= 10
    (tmp_path / "our_tools.py").write_text(text.replace("U012AB3CD", harness.ana.id))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    async with harness.running({"SLACKBOT_TOOLS": "our_tools"}):
        harness.model.enqueue(calls("days_off", "{}"), "You have twelve.")
        await harness.finished(await harness.mention("how many days off have I left?"))
    assert harness.model.requests[-1]["messages"][-1]["content"] == "12 days in 2026"
