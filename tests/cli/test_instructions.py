"""`slackbot instructions`, in a process of its own, with and without a running bot."""

import json
from pathlib import Path

import pytest

from tests.command import run
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness

FILE = """\
workspace:
  text: You are a parrot.
  prompts: ["What's new?"]
channels:
  {general}: |
    You are a captain.
    Never sing.
  {random}:
    answering: never
"""


def written(harness: BotHarness, team: InstructionsHarness, folder: Path, text: str = FILE) -> str:
    file = folder / "instructions.yml"
    file.write_text(text.format(general=harness.general.id, random=team.random.id))
    return str(file)


async def test_import_while_the_bot_runs(harness: BotHarness, tmp_path: Path) -> None:
    """It says what it changed, and the bot's next answer follows it."""
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.command(team.ada, "set You are a poet.")
        file = written(harness, team, tmp_path)
        said = await run(tmp_path, "instructions", "import", file, **harness.environment)
        lines = (
            "workspace: saved version 1",
            f"{harness.general.id}: saved version 2",
            f"{team.random.id}: saved version 1",
        )
        assert said == (0, "\n".join(lines) + "\n", "")
        assert await team.persona() == "You are a captain.\nNever sing."
        assert "from an imported file" in await team.command(team.ada, "history")
        await team.command(team.ada, "undo")
        assert await team.persona() == "You are a poet."
        again = await run(tmp_path, "instructions", "import", file, **harness.environment)
        assert again[1].splitlines() == [
            "workspace: unchanged",
            f"{harness.general.id}: saved version 4",
            f"{team.random.id}: unchanged",
        ]


async def test_import_before_the_first_start(harness: BotHarness, tmp_path: Path) -> None:
    """Without a database, the workspace is the token's."""
    team = InstructionsHarness(harness)
    file = written(harness, team, tmp_path)
    code, said, errors = await run(tmp_path, "instructions", "import", file, **harness.environment)
    assert (code, errors) == (0, "")
    assert said.startswith("workspace: saved version 1")
    async with harness.running():
        assert await team.persona() == "You are a captain.\nNever sing."


async def test_which_workspace(harness: BotHarness, tmp_path: Path) -> None:
    """It is the one in the file, else the token's, else the only one in the database."""
    file = tmp_path / "instructions.yml"

    async def export_after(text: str, **changes: str) -> list[str]:
        file.write_text(text)
        environment = {**harness.environment, **changes}
        code, *_ = await run(tmp_path, "instructions", "import", str(file), **environment)
        assert code == 0
        _, output, _ = await run(tmp_path, "instructions", "export", **environment)
        return [json.loads(line)["team"] for line in output.splitlines()]

    assert await export_after("team: T0OTHER\nworkspace: a") == ["T0OTHER"]
    assert await export_after("workspace: b", SLACK_BOT_TOKEN="") == ["T0OTHER"] * 2
    ours = harness.workspace.team.team_id
    assert sorted(await export_after("workspace: c")) == sorted(["T0OTHER"] * 2 + [ours])


async def test_export(harness: BotHarness, tmp_path: Path) -> None:
    """It prints a line for each change, oldest first, with what was set before and after."""
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.command(team.ada, "workspace set Be kind.\nAlways.")
        await team.command(team.ada, "set Café")
        await team.command(team.ada, "undo")
        root = await harness.workspace.say(harness.ana, harness.general, "look")
        await team.command_in(harness.ana, root, "set Mine.")
        code, output, errors = await run(tmp_path, "instructions", "export", **harness.environment)
    assert (code, errors) == (0, "")
    lines = [json.loads(line) for line in output.splitlines()]
    assert [(each["channel"], each["thread"], each["number"]) for each in lines] == [
        (None, None, 1),
        (harness.general.id, None, 1),
        (harness.general.id, None, 2),
        (harness.general.id, root.ts, 1),
    ]
    assert [each["after"]["text"] for each in lines] == ["Be kind.\nAlways.", "Café", None, "Mine."]
    assert [each["before"]["text"] for each in lines] == [None, None, "Café", None]
    assert [each["user"] for each in lines] == [team.ada.id] * 3 + [harness.ana.id]
    assert lines[2]["restores"] == 0
    assert "Café" in output


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("workspace: [", "is not valid YAML: see line"),
        ("[" * 5_000, "is not valid YAML"),
        ("workspace: a\x00", "is not valid YAML"),
        (FILE + "  {general}: Twice.\n", "is there twice in the mapping that begins in line 5"),
        ("workspace: a\nchannels:\nworkspace: b\n", "workspace is there twice"),
        ("channels: {{general: x}}", "channels.general must be a channel ID"),
        ("workspace: {{text: a, txt: b}}", "workspace: txt must be one of"),
    ],
)
async def test_mistakes_in_a_file(
    harness: BotHarness, tmp_path: Path, text: str, sentence: str
) -> None:
    """A mistake is one line with the file and the place, exit code 2, and changes nothing."""
    file = written(harness, InstructionsHarness(harness), tmp_path, text)
    code, said, errors = await run(tmp_path, "instructions", "import", file, **harness.environment)
    assert (code, said) == (2, "")
    assert f"slackbot: {file}" in errors
    assert sentence in errors
    assert not (tmp_path / "slackbot.db").exists()


async def test_no_such_file(harness: BotHarness, tmp_path: Path) -> None:
    """A file that does not exist is named."""
    code, _, errors = await run(tmp_path, "instructions", "import", "no.yml", **harness.environment)
    assert (code, errors) == (
        2,
        "slackbot: no.yml can't be read. Check its name and its permissions.\n",
    )
