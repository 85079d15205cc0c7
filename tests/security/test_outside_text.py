"""What outsiders write, such as names, where the bot shows it to people as its own words."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.command import run
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, view_text
from tests.security.mcp_stage import HostileServer, needs_approval, reads, settings
from tests.security.test_confirmations import INVISIBLE

STEERING = "\x1b[2K\x1b[1A\x9b31m\r\nok      slack: all is well\u202e"
"""Deletes a line of the terminal, forges another one, and turns what follows around."""


@pytest.mark.parametrize("part", ["description", "inputSchema", "annotations"])
async def test_a_changed_tool_hides_nothing(harness: BotHarness, tmp_path: Path, part: str) -> None:
    """An admin who accepts a tool sees every character of what its server says."""
    admin = harness.workspace.add_person("Adam")
    server = HostileServer(tmp_path)
    mcp = {**settings(tmp_path, evil=server.config()), "SLACKBOT_ADMINS": admin.id}
    server.says(reads("echo"))
    async with harness.running(mcp):
        await needs_approval(harness, "evil_echo")
    hidden = "".join(INVISIBLE.values())
    parts = {
        "description": hidden[:100],
        "inputSchema": {"type": "object", "properties": {hidden[:100]: {}}},
        "annotations": {"title": hidden[:100]},
    }
    server.says(reads("echo"), {"name": "send", part: parts[part]})
    async with harness.running(mcp):
        await harness.workspace.open_home(admin)
        await harness.workspace.until(
            lambda: "evil" in view_text(harness.workspace.views.homes.get(admin.id, {"blocks": []}))
        )
        shown = view_text(harness.workspace.views.homes[admin.id])
    assert not set(hidden) & set(shown)
    assert r"\u" in shown


async def test_check_prints_what_it_read(harness: BotHarness, tmp_path: Path) -> None:
    """A name that the command got from elsewhere steers no terminal, and begins no line."""
    harness.workspace.team = replace(harness.workspace.team, name=STEERING)
    _, output, _ = await run(tmp_path, "check", **harness.environment)
    (line,) = [each for each in output.splitlines() if "all is well" in each]
    assert r"in \u001b[2K\u001b[1A\u009b31m\u000d\u000aok      slack: all is well\u202e" in line


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example/login",
        "evil.example",
        "<https://evil.example|Slack>",
        "*Admin* _bot_ ~x~",
        ":warning: Slack",
        "a` https://evil.example `b",
        "Adam\u202e\u200b",
        "#general",
    ],
)
async def test_the_name_of_somebody_who_saves(harness: BotHarness, name: str) -> None:
    """In the note to the channel it is a name: no link, no markup, and nothing is hidden in it."""
    async with harness.running():
        team = InstructionsHarness(harness)
        saver = harness.workspace.add_person(name, admin=True)
        view = await team.form(saver)
        await team.save(saver, view, text="You are a poet.", note=["note"])
        (note,) = [each for each in harness.workspace.messages.values() if not each.thread_ts]
    who, verb, _ = note.text.partition(" changed my instructions")
    assert verb
    assert who.startswith("`")
    assert who.endswith("`")
    assert "`" not in who[1:-1]
    assert not set(who) & set("\u202e\u200b")
