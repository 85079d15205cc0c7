"""Somebody who uses up the calls by which Slack tells the bot who may do what."""

from collections.abc import Callable

import pytest

from slackbot.playground.fake_slack.members import Person
from slackbot.slack.buttons import PREFIX
from slackbot.slack.home_tab import MAX_VIEWERS
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness

MANY = 3
"""Questions, each of which mentions as many people, or channels, as one may."""

VIEWERS = 40

PRESSES = 110
"""More calls of users.info than Slack allows in a minute."""

MENTIONS: list[Callable[[int], str]] = [
    lambda number: " ".join(f"<@U{number}X{each:03}>" for each in range(50)),
    lambda number: " ".join(f"<#C{number}X{each:03}>" for each in range(20)),
]


async def changes(harness: BotHarness, admin: Person, text: str) -> str:
    """An admin sets the channel's instructions. Returns what the next answer is written under."""
    await harness.workspace.command(admin, harness.general, "/instructions", f"set {text}")
    shown = harness.workspace.ephemerals
    await harness.workspace.until(lambda: any(each.user == admin.id for each in shown))
    await harness.ask("who are you?")
    return str(harness.model.requests[-1]["messages"][0]["content"])


@pytest.mark.parametrize("mentions", MENTIONS, ids=["people", "channels"])
async def test_mentions_of_what_nobody_knows(
    harness: BotHarness, mentions: Callable[[int], str]
) -> None:
    """Somebody who mentions more than Slack names in a minute keeps no admin from acting."""
    chief = harness.workspace.add_person("Chief", admin=True)
    harness.general.members |= {chief.id}
    harness.model.answer = lambda _: "Ahoy."
    async with harness.running():
        for number in range(MANY):
            question = await harness.workspace.say(
                harness.ben, harness.general, f"{harness.bot.mention} greet {mentions(number)}"
            )
            await harness.finished(question)
        assert "Be brief." in await changes(harness, chief, "Be brief.")


async def test_presses_without_a_pause(harness: BotHarness) -> None:
    """A guest who presses a button again and again keeps no admin from acting either."""
    guest = harness.workspace.add_person("Gus", restricted=True)
    chief = harness.workspace.add_person("Chief", admin=True)
    harness.general.members |= {guest.id, chief.id}
    harness.model.answer = lambda _: "Ahoy."
    async with harness.running():
        question, _ = await harness.ask("hello")
        answer = harness.answers(question)[0]
        for _ in range(PRESSES):
            await harness.workspace.click(guest, answer, f"{PREFIX}again")
        await harness.service.bot.idle()
        assert "Be brief." in await changes(harness, chief, "Be brief.")


async def test_a_change_that_many_people_see(harness: BotHarness) -> None:
    """A member changes the instructions of a thread: the Home tabs that show changes at once are
    few, as each costs a call for the role.
    """
    viewers = [harness.workspace.add_person(f"Viewer {number}") for number in range(VIEWERS)]
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        for each in viewers:
            await harness.workspace.open_home(each)
        await harness.workspace.until(lambda: len(published(harness)) == VIEWERS)
        await InstructionsHarness(harness).command_in(harness.ana, root, "set Be brief.")
        newest = viewers[-1].id  # it is shown last
        await harness.workspace.until(lambda: newest in published(harness)[VIEWERS:])
    assert len(published(harness)) <= VIEWERS + MAX_VIEWERS


def published(harness: BotHarness) -> list[str]:
    """The people whose Home tabs were published, in their order."""
    calls = harness.workspace.calls
    return [each.args["user_id"] for each in calls if each.method == "views.publish"]
