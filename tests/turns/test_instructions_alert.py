"""Instructions that can't be read: nobody gets the default persona, and admins are told."""

import json
from pathlib import Path

import pytest

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.instructions import texts
from slackbot.instructions.scopes import Scope
from slackbot.markdown.notes import with_notes
from tests.command import run
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, instructions_sent, view_text
from tests.store.rows import file_of, sql

UPDATE = "UPDATE store SET value = {} WHERE key LIKE ?"


def here(scope: Scope) -> str:
    """What people read instead of an answer."""
    return with_notes("", texts.unreadable_here(scope))


@pytest.fixture
async def people(harness: BotHarness) -> InstructionsHarness:
    """Ada, an admin, has set two versions for the channel, and one for the workspace."""
    people = InstructionsHarness(harness)
    harness.general.members.add(people.ada.id)
    async with harness.running():
        await people.command(people.ada, "workspace set You are a parrot.")
        await people.command(people.ada, "set You are a poet.")
        await people.command(people.ada, "set You are a painter.")
    return people


def damage(harness: BotHarness, key: str, value: str = "'no JSON'") -> None:
    file = file_of(harness.environment["DATABASE_URL"])
    sql(file, UPDATE.format(value), f"instructions/%/{key}")


@pytest.mark.parametrize(
    "value",
    [
        "'no JSON'",
        """replace(CAST(value AS TEXT), '"v":5', '"v":4')""",
        """replace(CAST(value AS TEXT), '"v":5', '"v":6')""",
        """replace(CAST(value AS TEXT), '"v":5', '"v":3')""",
    ],
)
async def test_nobody_gets_the_default_persona(people: InstructionsHarness, value: str) -> None:
    """One sentence, no request; the admin who set them reads which version it is, and what to do;
    an earlier one heals it, and the question is answered under it.
    """
    harness = people.harness
    damage(harness, f"{harness.general.id}/-/00000002", value)
    async with harness.running():
        asked = len(harness.model.requests)
        channel = Scope(TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id))
        question = await harness.mention("hello")
        await harness.answered(question, here(channel))
        another = await harness.mention("hello?")
        await harness.answered(another, here(channel))
        assert len(harness.model.requests) == asked
        (alert,) = [each for each in harness.workspace.ephemerals if each.user == people.ada.id][3:]
        assert "Version 2" in alert.text
        assert "restore NUMBER" in alert.text
        assert "Version 2" in await people.command(people.ada, "show")
        assert "2. can't be read" in await people.command(people.ada, "history")
        assert "can't add" in await people.command(people.ada, "append More.")
        assert "can't be read" in await people.command(people.ada, "restore 2")
        assert await people.persona(people.random) == "You are a parrot."
        assert "Saved version 3" in await people.command(people.ada, "undo")
        assert await people.persona() == "You are a poet."
        harness.model.enqueue("Ahoy")
        await harness.press(harness.ana, question, "again")
        await harness.answered(question, "Ahoy")
        assert instructions_sent(harness) == "You are a poet."


async def test_the_workspaces_instructions(people: InstructionsHarness) -> None:
    """What a channel inherits can't be read either; new instructions heal it."""
    harness = people.harness
    damage(harness, "-/-/00000001")
    async with harness.running():
        question = await people.harness.workspace.say(
            harness.ana, people.random, f"{harness.bot.mention} hello"
        )
        await harness.answered(question, here(Scope(TeamId(harness.workspace.team.team_id))))
        question = await harness.mention("hello")
        await harness.answered(question, here(Scope(TeamId(harness.workspace.team.team_id))))
        shown = await people.command(people.ada, "workspace show")
        assert "/instructions workspace restore NUMBER" in shown
        saved = await people.command(people.ada, "workspace set You are a pilot.")
        assert "Saved version 2" in saved
        assert texts.REPLACED_UNREADABLE in saved
        assert await people.persona(people.random) == "You are a pilot."
        assert await people.persona() == "You are a painter."


async def test_only_mentions_are_told(people: InstructionsHarness) -> None:
    """Nobody knows whether follow-ups were to be answered: people who talk are left in peace."""
    harness = people.harness
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    damage(harness, f"{harness.general.id}/-/00000002")
    async with harness.running():
        await harness.workspace.say(harness.ben, harness.general, "well", thread=root.ts)
        await harness.all_acknowledged()
        await harness.service.bot.idle()
        await harness.answered(root, "Ahoy")


async def test_forms_and_the_home_tab(people: InstructionsHarness) -> None:
    """They say which version it is; a form that is saved as it is replaces it."""
    harness = people.harness
    damage(harness, f"{harness.general.id}/-/00000002")
    damage(harness, "-/-/00000001")
    async with harness.running():
        workspace = harness.workspace
        await workspace.open_home(people.ada)
        await workspace.until(lambda: people.ada.id in workspace.views.homes)
        home = view_text(workspace.views.homes[people.ada.id])
        assert "Version 1 of the instructions for the whole workspace can't be read" in home
        assert f"Version 2 of the instructions for <#{harness.general.id}> can't be read" in home
        form = await people.form(people.ada)
        assert "Version 2" in view_text(form)
        assert "Saved version 3" in await people.save(people.ada, form, text="You are a pilot.")


async def test_the_command_line_says_so(people: InstructionsHarness, tmp_path: Path) -> None:
    """The export has null for it, and says how to restore another one; an import replaces it."""
    harness = people.harness
    damage(harness, f"{harness.general.id}/-/00000002")
    code, output, errors = await run(tmp_path, "instructions", "export", **harness.environment)
    changes = [json.loads(line) for line in output.splitlines()]
    assert [change["after"] and change["after"]["text"] for change in changes] == [
        "You are a parrot.",
        "You are a poet.",
        None,
    ]
    assert code == 0
    assert "Version 2" in errors
    assert "restore NUMBER" in errors
    file = tmp_path / "instructions.yml"
    file.write_text(f"channels: {{{harness.general.id}: You are a pilot.}}")
    imported = await run(tmp_path, "instructions", "import", str(file), **harness.environment)
    assert imported[:2] == (0, f"{harness.general.id}: saved version 3\n")
    async with harness.running():
        assert await people.persona() == "You are a pilot."


async def test_an_index_that_cannot_be_read(people: InstructionsHarness, tmp_path: Path) -> None:
    """No change is left out of the export."""
    harness = people.harness
    file = file_of(harness.environment["DATABASE_URL"])
    sql(file, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'amended/%/00000002'")
    _, output, errors = await run(tmp_path, "instructions", "export", **harness.environment)
    changes = [json.loads(line)["after"]["text"] for line in output.splitlines()]
    assert changes == ["You are a parrot.", "You are a poet.", "You are a painter."]
    assert "amended/" in errors
