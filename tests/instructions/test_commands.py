"""Commands and their answers, over the wire; in threads, they come in mentions."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions import texts
from slackbot.instructions.limits import MAX_INSTRUCTIONS_CHARS
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.store import open_store
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, instructions_sent
from tests.store.rows import receive


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        yield InstructionsHarness(harness)


async def test_history_undo_and_restore(team: InstructionsHarness) -> None:
    """The history lists every change, and each version can be restored."""
    for text in ("one", "two", "three\nwith more"):
        await team.command(team.ada, f"set {text}")
    assert "version 4" in await team.command(team.ada, "undo")
    assert await team.persona() == "two"
    await team.command(team.ada, "undo")
    assert await team.persona() == "one"
    await team.command(team.ada, "restore 3")
    assert await team.persona() == "three\nwith more"
    first, *lines = (await team.command(team.harness.ben, "history")).splitlines()
    assert first == "Versions for this channel, newest first:"
    assert [line.split(".")[0] for line in lines] == ["6", "5", "4", "3", "2", "1"]
    assert all(f"<@{team.ada.id}>: " in line for line in lines)
    assert lines[0].endswith("three (restores version 3)")
    assert lines[-1].endswith("one")
    for _ in range(3):
        await team.command(team.ada, "undo")
    assert "nothing to undo" in await team.command(team.ada, "undo")
    assert await team.persona() == "You are a pirate."


async def test_append(team: InstructionsHarness) -> None:
    """Text is added to the instructions that apply, and the limit counts all of it."""
    await team.command(team.ada, "append Sing.")
    assert await team.persona() == "You are a pirate.\nSing."
    await team.command(team.ada, "set " + "a" * 7_000)
    await team.command(team.ada, "append " + "b" * 4_000)
    refused = await team.command(team.ada, "append " + "c" * 1_000)
    assert "12,002 characters" in refused
    assert f"The limit is {MAX_INSTRUCTIONS_CHARS:,}." in refused
    assert await team.persona() == "a" * 7_000 + "\n" + "b" * 4_000


async def test_an_answer_is_as_long_as_slack_shows(team: InstructionsHarness) -> None:
    """12,000 characters are shown whole, unless most of them must be escaped."""
    for sign, shown in (("a", "a" * MAX_INSTRUCTIONS_CHARS), ("&amp;", "&amp;" * 6_000)):
        await team.command(team.ada, "set " + sign * 6_000)
        changed = await team.command(team.ada, "append " + sign * 5_999)
        assert len(changed) < 40_000
        assert shown in (await team.command(team.ada, "show")).replace("\n", sign)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("set", "The instructions are empty"),
        ("set \x00\x01", "The instructions are empty"),
        ("append  ", "The instructions are empty"),
        ("set " + "x" * 12_001, "12,001 characters"),
        ("restore", "Say which version"),
        ("restore two", "Say which version"),
        ("restore 7", "There is no version 7"),
        ("undo", "nothing to undo"),
        ("reset", "already"),
        ("allow nobody", "Mention the person"),
        ("workspace allow <@U1>", "You can allow people for a channel only"),
    ],
)
async def test_mistakes(team: InstructionsHarness, text: str, sentence: str) -> None:
    """A mistake gets one sentence and changes nothing."""
    assert sentence in await team.command(team.ada, text)
    assert "Nothing has been set" in await team.command(team.ada, "history")
    assert await team.persona() == "You are a pirate."


async def test_unknown_words_get_help(team: InstructionsHarness) -> None:
    """An unknown verb is answered with the help."""
    assert await team.command(team.harness.ben, "please be nicer") == texts.HELP
    assert await team.command(team.harness.ben, "help") == texts.HELP


async def test_the_person_who_started_the_thread(team: InstructionsHarness) -> None:
    """They change the instructions of that thread from its next answer on, and of no other."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert "this thread" in await team.command_in(harness.ana, root, "set You are a poet.")
    harness.model.enqueue("Rose.")
    await harness.workspace.say(harness.ana, harness.general, "and now?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Rose.")
    assert instructions_sent(harness) == "You are a poet."
    assert await team.persona() == "You are a pirate."


async def test_a_command_is_not_part_of_the_conversation(team: InstructionsHarness) -> None:
    """The model neither answers a command nor sees it later."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert await team.command_in(harness.ana, root, "help") == texts.HELP
    assert len(harness.model.requests) == 1
    harness.model.enqueue("Fine.")
    await harness.workspace.say(harness.ana, harness.general, "how are you?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Fine.")
    assert harness.history() == [
        ("user", "Ana", "hello"),
        ("assistant", "", "Ahoy"),
        ("user", "Ana", "how are you?"),
    ]


async def test_a_command_that_starts_a_thread(team: InstructionsHarness) -> None:
    """A thread can begin with a command, and the questions after it follow it."""
    harness = team.harness
    root = await harness.mention("instructions set You are a poet.")
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    harness.model.enqueue("Rose.")
    await harness.workspace.say(harness.ana, harness.general, "a line, please", thread=root.ts)
    await harness.answered(root, "Rose.")
    assert instructions_sent(harness) == "You are a poet."
    assert harness.history() == [("user", "Ana", "a line, please")]


@pytest.mark.parametrize("text", ["set x", "append x", "reset", "undo", "restore 1"])
async def test_people_without_permission(team: InstructionsHarness, text: str) -> None:
    """A member can't change somebody else's thread, and a guest or outsider not even their own."""
    harness = team.harness
    for person, author in ((harness.ben, harness.ana), (team.gus, team.gus), (team.eve,) * 2):
        root = await harness.workspace.say(author, harness.general, "look at this")
        refused = texts.cannot_change(Scope(TeamId("T"), ChannelId("C"), Ts("1.0")))
        if person != harness.ben:
            refused = texts.MEMBERS_CHANGE
        assert await team.command_in(person, root, text) == refused


async def test_admins(team: InstructionsHarness) -> None:
    """Admins change any thread, and the workspace from any thread."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    assert "version 1" in await team.command_in(team.ada, root, "set You are a captain.")
    assert "version 1" in await team.command_in(team.ada, root, "workspace set You are a parrot.")
    assert await team.persona() == "You are a parrot."
    shown = await team.command_in(harness.ben, root, "show")
    assert "set for this thread" in shown
    assert shown.endswith("You are a captain.")
    await team.command_in(team.ada, root, "undo")
    assert (await team.command_in(harness.ben, root, "show")).endswith("You are a parrot.")


async def test_a_thread_that_another_bot_started(team: InstructionsHarness) -> None:
    """Only admins can change a thread that no person started."""
    harness = team.harness
    robot = harness.workspace.add_person("robot", bot=True)
    root = await harness.workspace.say(robot, harness.general, "build failed")
    assert "You can't change" in await team.command_in(harness.ana, root, "set x")
    assert "version 1" in await team.command_in(team.ada, root, "set x")


async def test_slack_does_not_say_who_started_the_thread(team: InstructionsHarness) -> None:
    """Nobody can change a thread while Slack does not say who started it."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    harness.workspace.faults.add("conversations.replies", Fault.status(500), times=9)
    assert await team.command_in(harness.ana, root, "set x") == texts.PERMISSIONS_UNKNOWN
    harness.workspace.faults.clear()
    assert "version 1" in await team.command_in(harness.ana, root, "set x")


async def test_a_command_that_is_delivered_twice(team: InstructionsHarness) -> None:
    """A command that is delivered again makes one revision and gets one answer."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    await team.command_in(harness.ana, root, "append Sing.")
    for delivery in harness.workspace.deliveries[-2:]:
        await harness.workspace.redeliver(delivery)
    await harness.service.bot.idle()
    assert len(harness.workspace.ephemerals) == 1
    assert "version 2" in await team.command_in(harness.ana, root, "append Dance.")


async def test_a_crash_before_the_answer(harness: BotHarness) -> None:
    """A command that was carried out before a crash is only answered after it."""
    root = await harness.said_before(harness.ana, "look at this")
    said = f"{harness.bot.mention} instructions append Sing."
    command = await harness.said_before(harness.ana, said, thread=root.ts)
    thread = ThreadKey(
        TeamId(harness.workspace.team.team_id), ChannelId(harness.general.id), Ts(root.ts)
    )
    store = await open_store(harness.environment["DATABASE_URL"])
    await receive(store, Message(thread, Ts(command.ts), UserId(harness.ana.id), said), opens=True)
    here = Scope(thread.team, thread.channel, thread.ts)
    settings = ScopeSettings("You are a pirate.\nSing.")
    assert await store.add_revision(
        here, SettingsChange(UserId(harness.ana.id), settings, after=0, request_ts=Ts(command.ts))
    )
    await store.close()
    async with harness.running() as service:
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert harness.workspace.ephemerals[-1].text.endswith("\n>>> You are a pirate.\nSing.")
        await service.bot.idle()
        assert "version 2" in await InstructionsHarness(harness).command_in(
            harness.ana, root, "append Dance."
        )


async def test_a_command_during_an_answer(team: InstructionsHarness) -> None:
    """A command waits for the answer before it, and questions after it wait for the command."""
    harness = team.harness
    harness.model.enqueue(says("one two").held(after=1), "Rose.")
    root = await harness.mention("count")
    await harness.answered(root, "one")
    for text in ("and then?", f"{harness.bot.mention} instructions set You are a poet.", "well?"):
        await harness.workspace.say(harness.ana, harness.general, text, thread=root.ts)
    harness.model.release()
    harness.model.enqueue("Tulip.")
    await harness.answered(root, "one two", "Rose.", "Tulip.")
    personas = [each["messages"][0]["content"][:14] for each in harness.model.requests]
    assert personas == ["You are a pira", "You are a pira", "You are a poet"]


async def test_a_question_edited_into_a_command(team: InstructionsHarness) -> None:
    """The command is carried out, and the unfinished answer is deleted."""
    harness = team.harness
    harness.model.enqueue(says("one two").held(after=1))
    root = await harness.mention("count")
    await harness.answered(root, "one")
    await harness.workspace.edit(
        harness.ana, root, f"{harness.bot.mention} instructions set You are a poet."
    )
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    await harness.answered(root)
    assert "version 1" in harness.workspace.ephemerals[-1].text


async def test_questions_about_instructions_are_questions(team: InstructionsHarness) -> None:
    """A question may begin with the keyword."""
    harness = team.harness
    await harness.verify_dialog(
        [(f"{harness.bot.mention} instructions for my printer?", "Press it.")]
    )
    assert not harness.workspace.ephemerals


async def test_text_in_a_file(team: InstructionsHarness) -> None:
    """A `set` or `append` without text takes it from an attached file."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    for verb, content in (("set", b"You are a poet."), ("append", b"Sing.")):
        harness.workspace.ephemerals.clear()
        file = harness.workspace.share(harness.ana, "persona.txt", content, "text/plain")
        said = f"{harness.bot.mention} instructions {verb}"
        await harness.workspace.say(
            harness.ana, harness.general, said, thread=root.ts, files=[file]
        )
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert harness.workspace.ephemerals[-1].text.endswith(">>> You are a poet.\nSing.")


async def test_no_file_is_read_without_permission(team: InstructionsHarness) -> None:
    """A person who can't change the thread is refused before their file is read."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    file = harness.workspace.share(harness.ben, "persona.txt", b"You are a poet.", "text/plain")
    said = f"{harness.bot.mention} instructions set"
    await harness.workspace.say(harness.ben, harness.general, said, thread=root.ts, files=[file])
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert "You can't change" in harness.workspace.ephemerals[-1].text
    assert "files.info" not in {call.method for call in harness.workspace.calls}
