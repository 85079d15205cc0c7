"""People use rights that were taken from them a moment ago: between a look and the change, or while
the bot still reads what they sent. The bot has their old role in its cache.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest

from slackbot.instructions import texts
from slackbot.playground.fake_openai.script import calls
from slackbot.playground.fake_slack.faults import Fault
from slackbot.turns import texts as turn_texts
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled
from tests.tools import sample_tools

CANNOT = "You can't change"


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    """Ada is an admin, the bot knows it, and the channel has two versions."""
    async with harness.running({"SLACKBOT_TOOLS": "tests.tools.sample_tools"}):
        team = InstructionsHarness(harness)
        for text in ("one", "two"):
            await team.command(team.ada, f"set {text}")
        yield team


@pytest.fixture(params=["member", "guest"])
def demote(team: InstructionsHarness, request: pytest.FixtureRequest) -> partial[None]:
    """Slack says from now on that Ada is only a member, or a guest."""
    now = replace(team.ada, admin=False, restricted=request.param == "guest")
    return partial(team.harness.workspace.people.__setitem__, team.ada.id, now)


async def unchanged(team: InstructionsHarness) -> bool:
    """Whether everything is as it was."""
    bea = team.harness.workspace.add_person("Bea", admin=True)
    shown = await team.command(bea, "history")
    allowed = await team.command(bea, "who")
    workspace = await team.command(bea, "workspace history")
    return "3." not in shown and "allowed" not in allowed and "Nothing has been set" in workspace


@pytest.mark.parametrize(
    "words",
    [
        "set mine",
        "append mine",
        "reset",
        "undo",
        "restore 1",
        "allow {ben}",
        "disallow {ben}",
        "workspace set mine",
        "workspace undo",
    ],
)
async def test_a_command(team: InstructionsHarness, demote: partial[None], words: str) -> None:
    """Slack is asked for the role again before anything changes."""
    demote()
    answer = await team.command(team.ada, words.format(ben=team.harness.ben.mention))
    assert answer.startswith((CANNOT, texts.ADMINS_ONLY))
    assert await unchanged(team)


async def test_while_a_file_for_a_command_is_read(
    team: InstructionsHarness, demote: partial[None]
) -> None:
    """The file may take seconds: the role is asked for after it."""
    workspace, general = team.harness.workspace, team.harness.general
    root = await workspace.say(team.harness.ana, general, "look at this")
    file = workspace.share(team.ada, "persona.txt", b"mine", "text/plain")
    workspace.faults.add("files.info", Fault.delay())
    before = len(workspace.ephemerals)
    said = f"{team.harness.bot.mention} instructions set"
    await workspace.say(team.ada, general, said, thread=root.ts, files=[file])
    await workspace.until(lambda: workspace.held_calls)
    demote()
    workspace.release_calls()
    await workspace.until(lambda: len(workspace.ephemerals) > before)
    assert workspace.ephemerals[-1].text.startswith(CANNOT)
    assert await unchanged(team)


async def test_while_a_member_is_looked_up(
    team: InstructionsHarness, demote: partial[None]
) -> None:
    """The same while Slack says who those are whom an admin allows."""
    workspace, cara = team.harness.workspace, team.harness.workspace.add_person("Cara")
    workspace.faults.add("users.info", Fault.delay())
    before = len(workspace.ephemerals)
    await workspace.command(
        team.ada, team.harness.general, "/instructions", f"allow {cara.mention}"
    )
    await workspace.until(lambda: workspace.held_calls)
    demote()
    workspace.release_calls()
    await workspace.until(lambda: len(workspace.ephemerals) > before)
    assert workspace.ephemerals[-1].text == texts.ADMINS_ONLY
    assert await unchanged(team)


@pytest.mark.parametrize("place", ["", "workspace"])
async def test_a_form(team: InstructionsHarness, demote: partial[None], place: str) -> None:
    """A form that was opened before is not saved."""
    view = await team.form(team.ada, text=place)
    demote()
    assert (await team.save(team.ada, view, text="mine")).startswith(CANNOT)
    assert await unchanged(team)


async def test_while_the_file_of_a_form_is_read(
    team: InstructionsHarness, demote: partial[None]
) -> None:
    """Nor one that is saved while its file is read."""
    workspace = team.harness.workspace
    view = await team.form(team.ada)
    file = workspace.share(team.ada, "persona.txt", b"mine", "text/plain")
    workspace.faults.add("files.info", Fault.delay())
    await workspace.submit_view(team.ada, view, filled(view, file=[file]))
    await workspace.until(lambda: workspace.held_calls)
    demote()
    workspace.release_calls()
    await workspace.until(lambda: team.said(team.ada).startswith(CANNOT))
    assert await unchanged(team)


async def test_a_form_that_another_admin_overtook(
    team: InstructionsHarness, demote: partial[None]
) -> None:
    """It does not show what the other one has written meanwhile."""
    view = await team.form(team.ada)
    bea = team.harness.workspace.add_person("Bea", admin=True)
    await team.command(bea, "set Bea's secret")
    demote()
    said = await team.save(team.ada, view, text="mine")
    assert said.startswith(CANNOT)
    assert "secret" not in said


async def test_trying_a_form_out(team: InstructionsHarness, demote: partial[None]) -> None:
    """No model is asked under it."""
    workspace = team.harness.workspace
    view = await team.form(team.ada)
    demote()
    question = filled(view, text="mine", question="Who are you?")
    await workspace.click(team.ada, view, "slackbot_try", filled=question)
    await workspace.until(lambda: team.said(team.ada).startswith(CANNOT))
    assert not team.harness.model.requests


async def test_suggested_prompts(team: InstructionsHarness, demote: partial[None]) -> None:
    """They are not saved either."""
    workspace = team.harness.workspace
    await workspace.open_home(team.ada)
    await workspace.until(lambda: workspace.views.homes.get(team.ada.id))
    home = workspace.views.homes[team.ada.id]
    await workspace.click(team.ada, home, "slackbot_edit_prompts")
    await workspace.until(lambda: workspace.views.modals.get(team.ada.id))
    demote()
    said = await team.save(team.ada, team.on_top(team.ada), prompt_1="mine")
    assert said.startswith(CANNOT)
    assert await unchanged(team)


async def test_an_approval(team: InstructionsHarness, demote: partial[None]) -> None:
    """Nor do they confirm a tool for somebody else."""
    harness = team.harness
    harness.general.members.add(team.ada.id)
    sample_tools.runs.clear()
    harness.model.enqueue(calls("sink", '{"ship": "Ann"}'), "So.")
    question = await harness.mention("sink the Ann")
    await harness.workspace.until(lambda: harness.answers(question))
    before = len(harness.workspace.ephemerals)
    demote()
    await harness.press(team.ada, question, "confirm")
    await harness.workspace.until(lambda: len(harness.workspace.ephemerals) > before)
    told = harness.workspace.ephemerals[-1].text
    assert told == turn_texts.ONLY_REQUESTER.format(user=harness.ana.id)
    assert sample_tools.runs["sink"] == 0
    await harness.press(harness.ana, question, "decline")
    await harness.finished(question)
