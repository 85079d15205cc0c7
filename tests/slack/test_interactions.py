"""`/instructions`, over the real wire: an admin, a member, a guest and an outsider use it."""

import sqlite3
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
from tests.harness import Stage
from tests.instructions_harness import Office, filled, told_to_be


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    async with stage.playing():
        yield Office(stage)


async def test_show(office: Office) -> None:
    """Anyone may see what is in force and where it comes from, also with no word at all."""
    for words in ("", "show", "workspace show"):
        shown = await office.order(office.stage.ben, words)
        assert "as the bot was started with" in shown
        assert shown.endswith("\n>>> You are a pirate.")


async def test_the_narrowest_holds(office: Office) -> None:
    """What is set for a channel holds there, what is set for the workspace everywhere else."""
    await office.order(office.ada, "workspace set You are a parrot.")
    await office.order(office.ada, "set You are a captain.")
    assert await office.persona() == "You are a captain."
    assert await office.persona(office.random) == "You are a parrot."
    shown = await office.order(office.stage.ben, "show", office.random)
    assert "set for the whole workspace" in shown
    await office.order(office.ada, "reset")
    assert await office.persona() == "You are a parrot."
    await office.order(office.ada, "workspace undo")
    assert await office.persona() == "You are a pirate."


async def test_it_holds_in_running_threads(office: Office) -> None:
    """The next request of a thread has the new instructions."""
    stage = office.stage
    root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    assert told_to_be(stage) == "You are a pirate."
    await office.order(office.ada, "set You are a poet.")
    stage.model.enqueue("Rose.")
    await stage.mention("and now?", thread=root.ts)
    await stage.answered(root, "Ahoy", "Rose.")
    assert told_to_be(stage) == "You are a poet."


async def test_it_outlives_a_restart(stage: Stage) -> None:
    """What was set is in the store, and so is its history."""
    async with stage.playing():
        office = Office(stage)
        await office.order(office.ada, "set You are a poet.")
    async with stage.playing({"SLACKBOT_INSTRUCTIONS": "Something else."}):
        assert await office.persona() == "You are a poet."
        assert "You are a poet." in await office.order(stage.ben, "history")


async def test_history_undo_and_restore(office: Office) -> None:
    """Nothing is ever lost: each change is listed with who and what, and can be taken up again."""
    for text in ("one", "two", "three\nwith more"):
        await office.order(office.ada, f"set {text}")
    assert "number 4" in await office.order(office.ada, "undo")
    assert await office.persona() == "two"
    await office.order(office.ada, "undo")
    assert await office.persona() == "one"
    await office.order(office.ada, "restore 3")
    assert await office.persona() == "three\nwith more"
    first, *lines = (await office.order(office.stage.ben, "history")).splitlines()
    assert first == "What was set for this channel, the latest first:"
    assert [line.split(".")[0] for line in lines] == ["6", "5", "4", "3", "2", "1"]
    assert all(f"<@{office.ada.id}>: " in line for line in lines)
    assert lines[0].endswith("three (again number 3)")
    assert lines[-1].endswith("one")
    for _ in range(3):
        await office.order(office.ada, "undo")
    assert "nothing to undo" in await office.order(office.ada, "undo")
    assert await office.persona() == "You are a pirate."


async def test_append(office: Office) -> None:
    """Long instructions are built up by several orders; the limit counts the whole. What is added
    is added to what holds.
    """
    await office.order(office.ada, "append Sing.")
    assert await office.persona() == "You are a pirate.\nSing."
    await office.order(office.ada, "set " + "a" * 7_000)
    await office.order(office.ada, "append " + "b" * 4_000)
    refused = await office.order(office.ada, "append " + "c" * 1_000)
    assert "12,002 characters" in refused
    assert f"{LIMIT:,} at most" in refused
    assert await office.persona() == "a" * 7_000 + "\n" + "b" * 4_000


async def test_an_answer_is_as_long_as_slack_shows(office: Office) -> None:
    """12,000 characters are shown whole, unless most of them take several to escape."""
    for sign, shown in (("a", "a" * LIMIT), ("&amp;", "&amp;" * 6_000)):
        await office.order(office.ada, "set " + sign * 6_000)
        changed = await office.order(office.ada, "append " + sign * 5_999)
        assert len(changed) < 40_000
        assert shown in (await office.order(office.ada, "show")).replace("\n", sign)


async def test_slack_markup_is_read(office: Office) -> None:
    """What is stored is what the admin saw: signs, names, links, no codes of Slack's."""
    ben = office.stage.ben.id
    await office.order(office.ada, f"set A &lt;b&gt; &amp; ask <@{ben}|ben>, <https://x.y|this>.")
    assert await office.persona() == "A <b> & ask @Ben, this (https://x.y)."


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
async def test_mistakes(office: Office, words: str, sentence: str) -> None:
    """Each gets one clear sentence and changes nothing."""
    assert sentence in await office.order(office.ada, words)
    assert "Nothing was ever set" in await office.order(office.ada, "history")
    assert await office.persona() == "You are a pirate."


async def test_unknown_words_get_help(office: Office) -> None:
    """Not an error."""
    assert await office.order(office.stage.ben, "please be nicer") == HELP
    assert await office.order(office.stage.ben, "help") == HELP


@pytest.mark.parametrize("words", ["set x", "append x", "reset", "undo", "restore 1"])
async def test_who_may_not(office: Office, words: str) -> None:
    """A member, a guest and somebody of another organisation change nothing, anywhere."""
    await office.order(office.ada, "set You are a captain.")
    for person in (office.stage.ben, office.gus, office.eve):
        for place, scope in (("", Scope("T", "C")), ("workspace ", Scope("T"))):
            told = await office.order(person, f"{place}{words}")
            assert told == NOT_YOU.format(scope=scope)
    assert await office.persona() == "You are a captain."


async def test_admins_by_setting(stage: Stage) -> None:
    """SLACKBOT_ADMINS may too, unless they are guests."""
    office = Office(stage)
    async with stage.playing({"SLACKBOT_ADMINS": f"{stage.ben.id},{office.gus.id}"}):
        assert "number 1" in await office.order(stage.ben, "workspace set You are Ben's.")
        assert "You may not" in await office.order(office.gus, "set You are Gus's.")
        assert f"<@{stage.ben.id}>" in await office.order(office.ada, "who")
        assert await office.persona() == "You are Ben's."


async def test_those_whom_an_admin_has_named(office: Office) -> None:
    """They may change that channel's instructions, until the admin takes it back."""
    ben = office.stage.ben
    assert "Only admins" in await office.order(ben, f"allow <@{ben.id}>")
    named = await office.order(office.ada, f"allow <@{ben.id}|ben>")
    assert f"in this channel also <@{ben.id}>" in named
    assert "number 1" in await office.order(ben, "set You are Ben's.")
    assert "You may not" in await office.order(ben, "set You are Ben's.", office.random)
    assert "You may not" in await office.order(ben, "workspace set You are Ben's.")
    assert "Only admins" in await office.order(ben, f"allow <@{office.stage.ana.id}>")
    await office.order(office.ada, f"disallow <@{ben.id}>")
    assert "You may not" in await office.order(ben, "set Still mine.")
    assert ben.id not in await office.order(office.ada, "who")


async def test_outsiders_can_not_be_named(office: Office) -> None:
    """Guests, bots and people of other organisations never may."""
    for person in (office.gus, office.eve, office.stage.bot):
        assert "never may" in await office.order(office.ada, f"allow <@{person.id}>")
    assert "also" not in await office.order(office.ada, "who")


async def test_when_slack_does_not_say(office: Office) -> None:
    """Whoever can't be looked up may not, and is told why."""
    office.stage.workspace.faults.add("users.info", Fault.status(500), times=9)
    assert await office.order(office.ada, "set You are a poet.") == UNSURE
    office.stage.workspace.faults.clear()
    assert "number 1" in await office.order(office.ada, "set You are a poet.")


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
async def test_an_admin_who_is_none_any_more(office: Office, sign: dict[str, Any]) -> None:
    """Somebody deactivated, a bot, a guest, a stranger: their other roles do not count."""
    user = {"id": office.ada.id, "is_admin": True, "is_owner": True, **sign}
    answer = FaultAnswer(200, {"ok": True, "user": user}, {})
    office.stage.workspace.faults.add("users.info", Fault("answer", answer))
    assert "You may not" in await office.order(office.ada, "set You are a poet.")


async def test_the_log_does_not_say_what_was_written(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither what is set nor what is asked, whether it works or fails."""
    caplog.set_level("INFO")
    stage = office.stage
    await office.order(office.ada, "set private things")
    await office.order(office.ada, "private words")
    root = await stage.workspace.say(stage.ana, stage.general, "look at this")
    await office.order_in(stage.ana, root, "set private things")
    view = await office.form(office.ada)
    stage.workspace.faults.add("views.update", Fault.error("invalid_arguments"))
    question = filled(view, text="private things", question="private?")
    await stage.workspace.click(office.ada, view, "slackbot_try", filled=question)
    await stage.workspace.until(lambda: stage.workspace.calls[-1].method == "views.update")
    stage.workspace.faults.add("conversations.info", Fault.status(500))
    assert "private things" in await office.save(office.ada, view, text="private things")
    assert "form was not updated" in caplog.text
    assert "private" not in caplog.text


async def test_a_role_is_asked_for_once_a_minute(office: Office) -> None:
    """Orders in a row cost one look."""
    for text in ("one", "two", "three"):
        await office.order(office.ada, f"set {text}")
    looks = [each for each in office.stage.workspace.calls if each.method == "users.info"]
    assert [each.args["user"] for each in looks] == [office.ada.id]


async def test_acknowledged_whatever_the_store_does(stage: Stage) -> None:
    """Slack is answered at once while the database is locked; the person as soon as it is not."""
    database = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
    async with stage.playing():
        office = Office(stage)
        other = sqlite3.connect(database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await stage.workspace.command(office.ada, stage.general, "/instructions", "set x")
        assert stage.workspace.deliveries[-1].acknowledged
        assert not stage.workspace.ephemerals
        other.close()
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        assert "number 1" in stage.workspace.ephemerals[-1].text


@pytest.mark.parametrize("private", [True, False])
async def test_where_the_bot_is_not(office: Office, *, private: bool) -> None:
    """A command from a channel that the bot has not joined changes nothing there, and says why."""
    stage = office.stage
    away = stage.workspace.add_channel(
        "away", members=[office.ada], private=private, with_bot=False
    )
    assert await office.order(office.ada, "set You are quiet.", away) == NOT_THERE
    assert "Nothing was ever set" in await office.order(office.ada, "history", away)
    assert "number 1" in await office.order(office.ada, "workspace set You are loud.", away)
    for word in ("allow", "disallow"):
        words = f"{word} <@{stage.ben.id}>"
        assert await office.order(office.ada, words, away) == NOT_THERE
    assert stage.ben.id not in await office.order(office.ada, "who", away)


async def test_a_person_whom_nobody_knows(office: Office) -> None:
    """Who can't be looked up in the workspace may not."""
    ghost = replace(office.ada, id="U0GHOST")
    assert await office.order(ghost, "workspace set Boo.") == UNSURE
    assert await office.persona() == "You are a pirate."


async def test_a_reply_under_way_keeps_its_instructions(office: Office) -> None:
    """A change holds from the next request on."""
    stage = office.stage
    stage.model.enqueue(says("one two").held(after=1))
    question = await stage.mention("count")
    await stage.answered(question, "one")
    await office.order(office.ada, "set You are a poet.")
    stage.model.release()
    await stage.answered(question, "one two")
    assert told_to_be(stage) == "You are a pirate."
