"""`slackbot instructions`: a process of its own, beside a running bot or alone."""

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


async def test_import_beside_a_running_bot(harness: BotHarness, tmp_path: Path) -> None:
    """It says what it has changed; the bot heeds it from the next answer on."""
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.order(team.ada, "set You are a poet.")
        file = written(harness, team, tmp_path)
        said = await run(tmp_path, "instructions", "import", file, **harness.environment)
        lines = (
            "workspace: changed (number 1)",
            f"{harness.general.id}: changed (number 2)",
            f"{team.random.id}: changed (number 1)",
        )
        assert said == (0, "\n".join(lines) + "\n", "")
        assert await team.persona() == "You are a captain.\nNever sing."
        assert "from a file" in await team.order(team.ada, "history")
        await team.order(team.ada, "undo")
        assert await team.persona() == "You are a poet."
        again = await run(tmp_path, "instructions", "import", file, **harness.environment)
        assert again[1].splitlines() == [
            "workspace: as it was",
            f"{harness.general.id}: changed (number 4)",
            f"{team.random.id}: as it was",
        ]


async def test_import_before_the_first_start(harness: BotHarness, tmp_path: Path) -> None:
    """The workspace is the token's then."""
    team = InstructionsHarness(harness)
    file = written(harness, team, tmp_path)
    code, said, errors = await run(tmp_path, "instructions", "import", file, **harness.environment)
    assert (code, errors) == (0, "")
    assert said.startswith("workspace: changed (number 1)")
    async with harness.running():
        assert await team.persona() == "You are a captain.\nNever sing."


async def test_whose_workspace_it_is(harness: BotHarness, tmp_path: Path) -> None:
    """That which the file names, else the token's, whatever else the database knows; without a
    token the only one that it knows.
    """
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
    """A line for each change, in their order: when, who, where, what was set before and after."""
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.order(team.ada, "workspace set Be kind.\nAlways.")
        await team.order(team.ada, "set Café")
        await team.order(team.ada, "undo")
        root = await harness.workspace.say(harness.ana, harness.general, "look")
        await team.order_in(harness.ana, root, "set Mine.")
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
        ("workspace: [", "is no YAML, line"),
        ("[" * 5_000, "is no YAML"),
        ("workspace: a\x00", "is no YAML"),
        (FILE + "  {general}: Twice.\n", "stands twice in the list that begins in line 5"),
        ("workspace: a\nchannels:\nworkspace: b\n", "workspace stands twice"),
        ("channels: {{general: x}}", "channels.general should be named by its id"),
        ("workspace: {{text: a, txt: b}}", "workspace: txt should be one of"),
    ],
)
async def test_mistakes_in_a_file(
    harness: BotHarness, tmp_path: Path, text: str, sentence: str
) -> None:
    """One line that names the file and the place, exit code 2, and nothing is changed."""
    file = written(harness, InstructionsHarness(harness), tmp_path, text)
    code, said, errors = await run(tmp_path, "instructions", "import", file, **harness.environment)
    assert (code, said) == (2, "")
    assert f"slackbot: {file}" in errors
    assert sentence in errors
    assert not (tmp_path / "slackbot.db").exists()


async def test_no_such_file(harness: BotHarness, tmp_path: Path) -> None:
    """It is named."""
    code, _, errors = await run(tmp_path, "instructions", "import", "no.yml", **harness.environment)
    assert (code, errors) == (
        2,
        "slackbot: no.yml can't be read: see to its name and its permissions.\n",
    )
