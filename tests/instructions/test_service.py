"""Who can change what, and what applies then, over the wire."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from slackbot.conversation.ids import ChannelId, TeamId
from slackbot.instructions import texts
from slackbot.instructions.scopes import Scope
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, instructions_sent


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        yield InstructionsHarness(harness)


async def test_channel_and_workspace(team: InstructionsHarness) -> None:
    """A channel's instructions apply there, and the workspace's everywhere else."""
    await team.command(team.ada, "workspace set You are a parrot.")
    await team.command(team.ada, "set You are a captain.")
    assert await team.persona() == "You are a captain."
    assert await team.persona(team.random) == "You are a parrot."
    shown = await team.command(team.harness.ben, "show", team.random)
    assert "set for the whole workspace" in shown
    await team.command(team.ada, "reset")
    assert await team.persona() == "You are a parrot."
    await team.command(team.ada, "workspace undo")
    assert await team.persona() == "You are a pirate."


async def test_running_threads(team: InstructionsHarness) -> None:
    """The next request of a running thread has the new instructions."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert instructions_sent(harness) == "You are a pirate."
    await team.command(team.ada, "set You are a poet.")
    harness.model.enqueue("Rose.")
    await harness.mention("and now?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Rose.")
    assert instructions_sent(harness) == "You are a poet."


async def test_a_restart(harness: BotHarness) -> None:
    """Settings and their history survive a restart."""
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.command(team.ada, "set You are a poet.")
    async with harness.running({"SLACKBOT_INSTRUCTIONS": "Something else."}):
        assert await team.persona() == "You are a poet."
        assert "You are a poet." in await team.command(harness.ben, "history")


@pytest.mark.parametrize("text", ["set x", "append x", "reset", "undo", "restore 1"])
async def test_people_without_permission(team: InstructionsHarness, text: str) -> None:
    """Members, guests and people from other organisations can change nothing."""
    await team.command(team.ada, "set You are a captain.")
    for person in (team.harness.ben, team.gus, team.eve):
        for place, scope in (
            ("", Scope(TeamId("T"), ChannelId("C"))),
            ("workspace ", Scope(TeamId("T"))),
        ):
            answer = await team.command(person, f"{place}{text}")
            is_member = person == team.harness.ben
            assert answer == (texts.cannot_change(scope) if is_member else texts.MEMBERS_CHANGE)
    assert await team.persona() == "You are a captain."


async def test_admins_by_setting(harness: BotHarness) -> None:
    """People in SLACKBOT_ADMINS are admins, unless they are guests."""
    team = InstructionsHarness(harness)
    async with harness.running({"SLACKBOT_ADMINS": f"{harness.ben.id},{team.gus.id}"}):
        assert "version 1" in await team.command(harness.ben, "workspace set You are Ben's.")
        assert "You can't change" in await team.command(team.gus, "set You are Gus's.")
        assert f"<@{harness.ben.id}>" in await team.command(team.ada, "who")
        assert await team.persona() == "You are Ben's."


async def test_people_whom_an_admin_allowed(team: InstructionsHarness) -> None:
    """They can change that channel's instructions until an admin disallows it."""
    ben = team.harness.ben
    assert "Only admins" in await team.command(ben, f"allow <@{ben.id}>")
    answer = await team.command(team.ada, f"allow <@{ben.id}|ben>")
    assert f"<@{ben.id}>, allowed by an admin" in answer
    assert "version 1" in await team.command(ben, "set You are Ben's.")
    assert "You can't change" in await team.command(ben, "set You are Ben's.", team.random)
    assert "You can't change" in await team.command(ben, "workspace set You are Ben's.")
    assert "Only admins" in await team.command(ben, f"allow <@{team.harness.ana.id}>")
    await team.command(team.ada, f"disallow <@{ben.id}>")
    assert "You can't change" in await team.command(ben, "set Still mine.")
    assert ben.id not in await team.command(team.ada, "who")


async def test_outsiders_can_not_be_allowed(team: InstructionsHarness) -> None:
    """Guests, bots and people from other organisations can't be allowed."""
    for person in (team.gus, team.eve, team.harness.bot):
        assert "Guests, bots and people" in await team.command(team.ada, f"allow <@{person.id}>")
    assert "allowed" not in await team.command(team.ada, "who")


async def test_slack_does_not_say_who_somebody_is(team: InstructionsHarness) -> None:
    """A person whom Slack can't look up is refused, and told why."""
    team.harness.workspace.faults.add("users.info", Fault.status(500), times=9)
    assert await team.command(team.ada, "set You are a poet.") == texts.PERMISSIONS_UNKNOWN
    team.harness.workspace.faults.clear()
    assert "version 1" in await team.command(team.ada, "set You are a poet.")


@pytest.mark.parametrize(
    "sign",
    [
        {"deleted": True},
        {"is_bot": True},
        {"is_stranger": True},
        {"is_ultra_restricted": True},
        {"team_id": "T0ELSEWHERE"},
    ],
)
async def test_former_admins(team: InstructionsHarness, sign: dict[str, Any]) -> None:
    """The role of admin does not count for outsiders and deactivated people."""
    user = {"id": team.ada.id, "is_admin": True, "is_owner": True, **sign}
    answer = FaultAnswer(200, {"ok": True, "user": user}, {})
    team.harness.workspace.faults.add("users.info", Fault("answer", answer))
    assert "You can't change" in await team.command(team.ada, "set You are a poet.")


@pytest.mark.parametrize("private", [True, False])
async def test_where_the_bot_is_not(team: InstructionsHarness, *, private: bool) -> None:
    """In a channel that the bot is not in, nothing is changed, and the answer says why."""
    harness = team.harness
    away = harness.workspace.add_channel(
        "away", members=[team.ada], private=private, with_bot=False
    )
    assert await team.command(team.ada, "set You are quiet.", away) == texts.NOT_IN_CHANNEL
    assert "Nothing has been set" in await team.command(team.ada, "history", away)
    assert "version 1" in await team.command(team.ada, "workspace set You are loud.", away)
    for verb in ("allow", "disallow"):
        text = f"{verb} <@{harness.ben.id}>"
        assert await team.command(team.ada, text, away) == texts.NOT_IN_CHANNEL
    assert harness.ben.id not in await team.command(team.ada, "who", away)


async def test_an_unknown_person(team: InstructionsHarness) -> None:
    """A person whom Slack does not know can change nothing."""
    ghost = replace(team.ada, id="U0GHOST")
    assert await team.command(ghost, "workspace set Boo.") == texts.PERMISSIONS_UNKNOWN
    assert await team.persona() == "You are a pirate."


async def test_a_running_answer(team: InstructionsHarness) -> None:
    """An answer keeps the instructions that it began with."""
    harness = team.harness
    harness.model.enqueue(says("one two").held(after=1))
    question = await harness.mention("count")
    await harness.answered(question, "one")
    await team.command(team.ada, "set You are a poet.")
    harness.model.release()
    await harness.answered(question, "one two")
    assert instructions_sent(harness) == "You are a pirate."
