"""People read instructions that are not theirs to read, in every place that shows some."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from slackbot.instructions import texts
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Channel, Person
from slackbot.playground.json_types import Json
from slackbot.slack import texts as slack_texts
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, view_text

COMMANDS = ("", "show", "history", "who", "anything else", "set x", "append x", "undo", "restore 1")

SECRET = "the merger"


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    """The workspace and a channel with people from elsewhere have instructions with a secret."""
    async with harness.running():
        team = InstructionsHarness(harness)
        harness.general.members |= {team.gus.id, team.eve.id}
        harness.general.ext_shared = True
        await team.command(team.ada, f"workspace set You know of {SECRET}.")
        await team.command(team.ada, f"set Say nothing about {SECRET}.")
        yield team


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("place", ["", "workspace "])
async def test_commands_of_guests_and_outsiders(
    team: InstructionsHarness, place: str, words: str
) -> None:
    """They read neither the instructions nor who changed them, in the channel and in a thread."""
    general = team.harness.general
    for person in (team.gus, team.eve):
        root = await team.harness.workspace.say(person, general, "look at this")
        answers = [await team.command(person, f"{place}{words}")]
        if words in {"show", "history", "who"}:
            answers.append(await team.command_in(person, root, f"{place}{words}"))
        for answer in answers:
            assert SECRET not in answer
            assert team.ada.id not in answer
    assert team.harness.workspace.views.history == []


async def test_their_home_tab(team: InstructionsHarness) -> None:
    """It says how to ask, and nothing of what is set, where, and by whom."""
    workspace = team.harness.workspace
    for person in (team.gus, team.eve):
        await workspace.open_home(person)
        await workspace.until(partial(workspace.views.homes.get, person.id))
        seen = view_text(workspace.views.homes[person.id])
        assert slack_texts.HOW_TO_ASK_TITLE in seen
        for hidden in (SECRET, team.ada.id, team.harness.general.id, slack_texts.INSTRUCTIONS):
            assert hidden not in seen


async def test_their_presses_of_an_admins_buttons(team: InstructionsHarness) -> None:
    """A button of somebody else's Home tab opens no form for them."""
    workspace = team.harness.workspace
    await workspace.open_home(team.ada)
    await workspace.until(lambda: workspace.views.homes.get(team.ada.id))
    home = workspace.views.homes[team.ada.id]
    for person in (team.gus, team.eve):
        for button in ("slackbot_edit", "slackbot_edit_prompts"):
            workspace.views.modals.clear()
            await workspace.click(person, home, button)
            await workspace.until(lambda: workspace.views.modals)
            assert SECRET not in team.said(person)


async def secret_channel(team: InstructionsHarness, *people: Person) -> Channel:
    """A private channel with instructions that Ada has set."""
    board = team.harness.workspace.add_channel("board", members=[*people, team.ada], private=True)
    await team.command(team.ada, f"set Prepare {SECRET}.", board)
    return board


async def test_a_private_channel_of_others(team: InstructionsHarness) -> None:
    """A member who is not in it reads nothing of it, whatever channel a payload names."""
    ana, ben = team.harness.ana, team.harness.ben
    board = await secret_channel(team, ben)
    for words in ("", "show", "history", "who"):
        assert await team.command(ana, words, board) == texts.CHANNEL_READERS_ONLY
    assert SECRET in await team.command(ben, "history", board)
    assert SECRET in await team.command(ana, "workspace history", board)


async def test_who_left_a_private_channel(team: InstructionsHarness) -> None:
    """Reads and changes nothing there any more, also in a form that was opened before, and with a
    permission that nobody took back.
    """
    ana = team.harness.ana
    board = await secret_channel(team, ana)
    await team.command(team.ada, f"allow <@{ana.id}>", board)
    view = await team.form(ana, board)
    board.members.remove(ana.id)
    assert await team.command(ana, "show", board) == texts.CHANNEL_READERS_ONLY
    assert (await team.save(ana, view, text="Mine.")).startswith("You can't change")
    assert "You can't change" in await team.command(ana, "set Mine.", board)
    assert "Mine" not in await team.command(team.ada, "history", board)


async def test_a_channel_that_became_private(team: InstructionsHarness) -> None:
    """People who saw it only because it was public do not see it now."""
    ana = team.harness.ana
    lobby = team.harness.workspace.add_channel("lobby", members=[team.ada])
    await team.command(team.ada, f"set Prepare {SECRET}.", lobby)
    await team.command(team.ada, f"allow <@{ana.id}>", lobby)
    assert SECRET in await team.command(ana, "show", lobby)
    view = await team.form(ana, lobby)
    lobby.kind = "group"
    assert await team.command(ana, "show", lobby) == texts.CHANNEL_READERS_ONLY
    assert (await team.save(ana, view, text="Mine.")).startswith("You can't change")


async def test_private_channels_in_a_members_home_tab(team: InstructionsHarness) -> None:
    """A member does not see there that something is set in a private channel, nor by whom."""
    workspace, ana = team.harness.workspace, team.harness.ana
    bea = workspace.add_person("Bea", admin=True)
    board = workspace.add_channel("board", members=[bea], private=True)
    await team.command(bea, f"set Prepare {SECRET} with Ben.", board)
    await workspace.open_home(ana)
    await workspace.until(
        lambda: team.harness.general.id in view_text(workspace.views.homes.get(ana.id, EMPTY))
    )
    seen = view_text(workspace.views.homes[ana.id])
    assert board.id not in seen
    assert bea.id not in seen


EMPTY: Json = {"blocks": []}


@pytest.mark.parametrize("method", ["users.info", "conversations.info", "conversations.members"])
async def test_slack_does_not_say(team: InstructionsHarness, method: str) -> None:
    """Then nobody reads anything."""
    ben = team.harness.ben
    board = await secret_channel(team, ben)
    team.harness.workspace.faults.add(method, Fault.status(503), times=4)
    for words in ("show", "history"):
        assert await team.command(ben, words, board) == texts.PERMISSIONS_UNKNOWN
        team.harness.workspace.faults.add(method, Fault.status(503), times=4)


async def test_a_huge_private_channel(team: InstructionsHarness) -> None:
    """A person is looked for among 20,000 members, with 20 calls, and no further."""
    ben = team.harness.ben
    board = await secret_channel(team, ben)
    board.members |= {f"U0{number:06}" for number in range(30_000)}  # Slack names these first
    calls = team.harness.workspace.calls
    before = [call.method for call in calls].count("conversations.members")
    assert await team.command(ben, "show", board) == texts.PERMISSIONS_UNKNOWN
    after = [call.method for call in calls].count("conversations.members")
    assert after - before == 20
