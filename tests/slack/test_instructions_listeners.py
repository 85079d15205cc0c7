"""`/instructions`, over the real wire: an admin, a member, a guest and an outsider use it."""

from collections.abc import AsyncIterator

import pytest

from slackbot.playground.fake_slack.faults import Fault
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled
from tests.store.rows import locked


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        yield InstructionsHarness(harness)


async def test_show(team: InstructionsHarness) -> None:
    """Anyone can see what applies and where it is set, also with no word at all."""
    for words in ("", "show", "workspace show"):
        shown = await team.command(team.harness.ben, words)
        assert "the bot's default" in shown
        assert shown.endswith("\n>>> You are a pirate.")


async def test_the_log_does_not_say_what_was_written(
    team: InstructionsHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what is set nor what is asked, whether it works or fails."""
    caplog.set_level("INFO")
    harness = team.harness
    await team.command(team.ada, "set private things")
    await team.command(team.ada, "private words")
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    await team.command_in(harness.ana, root, "set private things")
    view = await team.form(team.ada)
    harness.workspace.faults.add("views.update", Fault.error("invalid_arguments"))
    question = filled(view, text="private things", question="private?")
    await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await harness.workspace.until(lambda: harness.workspace.calls[-1].method == "views.update")
    harness.workspace.faults.add("conversations.info", Fault.status(500), times=4)
    await team.save(team.ada, view, text="private things")
    await harness.workspace.until(lambda: "private things" in team.said(team.ada))
    assert "form was not updated" in caplog.text
    assert "private" not in caplog.text


async def test_a_role_is_asked_for_once_a_minute(team: InstructionsHarness) -> None:
    """Forms in a row cost one look; each change costs one more, as roles change too."""
    for _ in range(3):
        await team.form(team.ada)
    looks = [each for each in team.harness.workspace.calls if each.method == "users.info"]
    assert [each.args["user"] for each in looks] == [team.ada.id]
    for text in ("one", "two"):
        await team.command(team.ada, f"set {text}")
    looks = [each for each in team.harness.workspace.calls if each.method == "users.info"]
    assert len(looks) == 3


async def test_acknowledged_whatever_the_store_does(harness: BotHarness) -> None:
    """Slack is answered at once while the database is locked; the person as soon as it is not."""
    async with harness.running():
        team = InstructionsHarness(harness)
        with locked(harness.environment["DATABASE_URL"]):
            await harness.workspace.command(team.ada, harness.general, "/instructions", "set x")
            assert harness.workspace.deliveries[-1].acknowledged
            assert not harness.workspace.ephemerals
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert "version 1" in harness.workspace.ephemerals[-1].text
