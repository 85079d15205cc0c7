"""`/instructions`, over the real wire: an admin, a member, a guest and an outsider use it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from slackbot.instructions.commands import UNSURE
from slackbot.instructions.scopes import LIMIT, Scope
from slackbot.instructions.service import NOT_THERE, NOT_YOU
from slackbot.instructions.texts import HELP
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, filled, instructions_sent
from tests.store.rows import locked


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        yield InstructionsHarness(harness)


async def test_show(team: InstructionsHarness) -> None:
    """Anyone may see what is in force and where it comes from, also with no word at all."""
    for words in ("", "show", "workspace show"):
        shown = await team.order(team.harness.ben, words)
        assert "as the bot was started with" in shown
        assert shown.endswith("\n>>> You are a pirate.")


async def test_the_narrowest_holds(team: InstructionsHarness) -> None:
    """What is set for a channel holds there, what is set for the workspace everywhere else."""
    await team.order(team.ada, "workspace set You are a parrot.")
    await team.order(team.ada, "set You are a captain.")
    assert await team.persona() == "You are a captain."
    assert await team.persona(team.random) == "You are a parrot."
    shown = await team.order(team.harness.ben, "show", team.random)
    assert "set for the whole workspace" in shown
    await team.order(team.ada, "reset")
    assert await team.persona() == "You are a parrot."
    await team.order(team.ada, "workspace undo")
    assert await team.persona() == "You are a pirate."


async def test_it_holds_in_running_threads(team: InstructionsHarness) -> None:
    """The next request of a thread has the new instructions."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert instructions_sent(harness) == "You are a pirate."
    await team.order(team.ada, "set You are a poet.")
    harness.model.enqueue("Rose.")
    await harness.mention("and now?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Rose.")
    assert instructions_sent(harness) == "You are a poet."


async def test_it_outlives_a_restart(harness: BotHarness) -> None:
    """What was set is in the store, and so is its history."""
    async with harness.running():
        team = InstructionsHarness(harness)
        await team.order(team.ada, "set You are a poet.")
    async with harness.running({"SLACKBOT_INSTRUCTIONS": "Something else."}):
        assert await team.persona() == "You are a poet."
        assert "You are a poet." in await team.order(harness.ben, "history")


async def test_history_undo_and_restore(team: InstructionsHarness) -> None:
    """Nothing is ever lost: each change is listed with who and what, and can be taken up again."""
    for text in ("one", "two", "three\nwith more"):
        await team.order(team.ada, f"set {text}")
    assert "number 4" in await team.order(team.ada, "undo")
    assert await team.persona() == "two"
    await team.order(team.ada, "undo")
    assert await team.persona() == "one"
    await team.order(team.ada, "restore 3")
    assert await team.persona() == "three\nwith more"
    first, *lines = (await team.order(team.harness.ben, "history")).splitlines()
    assert first == "What was set for this channel, the latest first:"
    assert [line.split(".")[0] for line in lines] == ["6", "5", "4", "3", "2", "1"]
    assert all(f"<@{team.ada.id}>: " in line for line in lines)
    assert lines[0].endswith("three (again number 3)")
    assert lines[-1].endswith("one")
    for _ in range(3):
        await team.order(team.ada, "undo")
    assert "nothing to undo" in await team.order(team.ada, "undo")
    assert await team.persona() == "You are a pirate."


async def test_append(team: InstructionsHarness) -> None:
    """Long instructions are built up by several orders; the limit counts the whole. What is added
    is added to what holds.
    """
    await team.order(team.ada, "append Sing.")
    assert await team.persona() == "You are a pirate.\nSing."
    await team.order(team.ada, "set " + "a" * 7_000)
    await team.order(team.ada, "append " + "b" * 4_000)
    refused = await team.order(team.ada, "append " + "c" * 1_000)
    assert "12,002 characters" in refused
    assert f"{LIMIT:,} at most" in refused
    assert await team.persona() == "a" * 7_000 + "\n" + "b" * 4_000


async def test_an_answer_is_as_long_as_slack_shows(team: InstructionsHarness) -> None:
    """12,000 characters are shown whole, unless most of them take several to escape."""
    for sign, shown in (("a", "a" * LIMIT), ("&amp;", "&amp;" * 6_000)):
        await team.order(team.ada, "set " + sign * 6_000)
        changed = await team.order(team.ada, "append " + sign * 5_999)
        assert len(changed) < 40_000
        assert shown in (await team.order(team.ada, "show")).replace("\n", sign)


async def test_slack_markup_is_read(team: InstructionsHarness) -> None:
    """What is stored is what the admin saw: signs, names, links, no codes of Slack's."""
    ben = team.harness.ben.id
    await team.order(team.ada, f"set A &lt;b&gt; &amp; ask <@{ben}|ben>, <https://x.y|this>.")
    assert await team.persona() == "A <b> & ask @Ben, this (https://x.y)."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("set", "There is nothing in it"),
        ("set \x00\x01", "There is nothing in it"),
        ("append  ", "There is nothing in it"),
        ("set " + "x" * 12_001, "12,001 characters"),
        ("restore", "Say which one"),
        ("restore two", "Say which one"),
        ("restore 7", "There is no number 7"),
        ("undo", "nothing to undo"),
        ("reset", "already"),
        ("allow nobody", "Mention somebody"),
        ("workspace allow <@U1>", "People are named for a channel"),
    ],
)
async def test_mistakes(team: InstructionsHarness, words: str, sentence: str) -> None:
    """Each gets one clear sentence and changes nothing."""
    assert sentence in await team.order(team.ada, words)
    assert "Nothing was ever set" in await team.order(team.ada, "history")
    assert await team.persona() == "You are a pirate."


async def test_unknown_words_get_help(team: InstructionsHarness) -> None:
    """Not an error."""
    assert await team.order(team.harness.ben, "please be nicer") == HELP
    assert await team.order(team.harness.ben, "help") == HELP


@pytest.mark.parametrize("words", ["set x", "append x", "reset", "undo", "restore 1"])
async def test_who_may_not(team: InstructionsHarness, words: str) -> None:
    """A member, a guest and somebody of another organisation change nothing, anywhere."""
    await team.order(team.ada, "set You are a captain.")
    for person in (team.harness.ben, team.gus, team.eve):
        for place, scope in (("", Scope("T", "C")), ("workspace ", Scope("T"))):
            told = await team.order(person, f"{place}{words}")
            assert told == NOT_YOU.format(scope=scope)
    assert await team.persona() == "You are a captain."


async def test_admins_by_setting(harness: BotHarness) -> None:
    """SLACKBOT_ADMINS may too, unless they are guests."""
    team = InstructionsHarness(harness)
    async with harness.running({"SLACKBOT_ADMINS": f"{harness.ben.id},{team.gus.id}"}):
        assert "number 1" in await team.order(harness.ben, "workspace set You are Ben's.")
        assert "You may not" in await team.order(team.gus, "set You are Gus's.")
        assert f"<@{harness.ben.id}>" in await team.order(team.ada, "who")
        assert await team.persona() == "You are Ben's."


async def test_those_whom_an_admin_has_named(team: InstructionsHarness) -> None:
    """They may change that channel's instructions, until the admin takes it back."""
    ben = team.harness.ben
    assert "Only admins" in await team.order(ben, f"allow <@{ben.id}>")
    named = await team.order(team.ada, f"allow <@{ben.id}|ben>")
    assert f"in this channel also <@{ben.id}>" in named
    assert "number 1" in await team.order(ben, "set You are Ben's.")
    assert "You may not" in await team.order(ben, "set You are Ben's.", team.random)
    assert "You may not" in await team.order(ben, "workspace set You are Ben's.")
    assert "Only admins" in await team.order(ben, f"allow <@{team.harness.ana.id}>")
    await team.order(team.ada, f"disallow <@{ben.id}>")
    assert "You may not" in await team.order(ben, "set Still mine.")
    assert ben.id not in await team.order(team.ada, "who")


async def test_outsiders_can_not_be_named(team: InstructionsHarness) -> None:
    """Guests, bots and people of other organisations never may."""
    for person in (team.gus, team.eve, team.harness.bot):
        assert "never may" in await team.order(team.ada, f"allow <@{person.id}>")
    assert "also" not in await team.order(team.ada, "who")


async def test_when_slack_does_not_say(team: InstructionsHarness) -> None:
    """Whoever can't be looked up may not, and is told why."""
    team.harness.workspace.faults.add("users.info", Fault.status(500), times=9)
    assert await team.order(team.ada, "set You are a poet.") == UNSURE
    team.harness.workspace.faults.clear()
    assert "number 1" in await team.order(team.ada, "set You are a poet.")


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
async def test_an_admin_who_is_none_any_more(
    team: InstructionsHarness, sign: dict[str, Any]
) -> None:
    """Somebody deactivated, a bot, a guest, a stranger: their other roles do not count."""
    user = {"id": team.ada.id, "is_admin": True, "is_owner": True, **sign}
    answer = FaultAnswer(200, {"ok": True, "user": user}, {})
    team.harness.workspace.faults.add("users.info", Fault("answer", answer))
    assert "You may not" in await team.order(team.ada, "set You are a poet.")


async def test_the_log_does_not_say_what_was_written(
    team: InstructionsHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what is set nor what is asked, whether it works or fails."""
    caplog.set_level("INFO")
    harness = team.harness
    await team.order(team.ada, "set private things")
    await team.order(team.ada, "private words")
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    await team.order_in(harness.ana, root, "set private things")
    view = await team.form(team.ada)
    harness.workspace.faults.add("views.update", Fault.error("invalid_arguments"))
    question = filled(view, text="private things", question="private?")
    await harness.workspace.click(team.ada, view, "slackbot_try", filled=question)
    await harness.workspace.until(lambda: harness.workspace.calls[-1].method == "views.update")
    harness.workspace.faults.add("conversations.info", Fault.status(500))
    assert "private things" in await team.save(team.ada, view, text="private things")
    assert "form was not updated" in caplog.text
    assert "private" not in caplog.text


async def test_a_role_is_asked_for_once_a_minute(team: InstructionsHarness) -> None:
    """Orders in a row cost one look."""
    for text in ("one", "two", "three"):
        await team.order(team.ada, f"set {text}")
    looks = [each for each in team.harness.workspace.calls if each.method == "users.info"]
    assert [each.args["user"] for each in looks] == [team.ada.id]


async def test_acknowledged_whatever_the_store_does(harness: BotHarness) -> None:
    """Slack is answered at once while the database is locked; the person as soon as it is not."""
    async with harness.running():
        team = InstructionsHarness(harness)
        with locked(harness.environment["DATABASE_URL"]):
            await harness.workspace.command(team.ada, harness.general, "/instructions", "set x")
            assert harness.workspace.deliveries[-1].acknowledged
            assert not harness.workspace.ephemerals
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert "number 1" in harness.workspace.ephemerals[-1].text


@pytest.mark.parametrize("private", [True, False])
async def test_where_the_bot_is_not(team: InstructionsHarness, *, private: bool) -> None:
    """A command from a channel that the bot has not joined changes nothing there, and says why."""
    harness = team.harness
    away = harness.workspace.add_channel(
        "away", members=[team.ada], private=private, with_bot=False
    )
    assert await team.order(team.ada, "set You are quiet.", away) == NOT_THERE
    assert "Nothing was ever set" in await team.order(team.ada, "history", away)
    assert "number 1" in await team.order(team.ada, "workspace set You are loud.", away)
    for word in ("allow", "disallow"):
        words = f"{word} <@{harness.ben.id}>"
        assert await team.order(team.ada, words, away) == NOT_THERE
    assert harness.ben.id not in await team.order(team.ada, "who", away)


async def test_a_person_whom_nobody_knows(team: InstructionsHarness) -> None:
    """Who can't be looked up in the workspace may not."""
    ghost = replace(team.ada, id="U0GHOST")
    assert await team.order(ghost, "workspace set Boo.") == UNSURE
    assert await team.persona() == "You are a pirate."


async def test_a_reply_under_way_keeps_its_instructions(team: InstructionsHarness) -> None:
    """A change holds from the next request on."""
    harness = team.harness
    harness.model.enqueue(says("one two").held(after=1))
    question = await harness.mention("count")
    await harness.answered(question, "one")
    await team.order(team.ada, "set You are a poet.")
    harness.model.release()
    await harness.answered(question, "one two")
    assert instructions_sent(harness) == "You are a pirate."
