"""Instructions of a thread, given to the bot in the thread itself."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions import texts
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.store import open_store
from tests.harness import BotHarness
from tests.instructions_harness import InstructionsHarness, instructions_sent


@pytest.fixture
async def team(harness: BotHarness) -> AsyncIterator[InstructionsHarness]:
    async with harness.running():
        yield InstructionsHarness(harness)


async def test_whoever_began_the_thread_may(team: InstructionsHarness) -> None:
    """It holds in that thread, from the next answer on, and nowhere else."""
    harness = team.harness
    root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    assert "this thread" in await team.command_in(harness.ana, root, "set You are a poet.")
    harness.model.enqueue("Rose.")
    await harness.workspace.say(harness.ana, harness.general, "and now?", thread=root.ts)
    await harness.answered(root, "Ahoy", "Rose.")
    assert instructions_sent(harness) == "You are a poet."
    assert await team.persona() == "You are a pirate."


async def test_the_conversation_knows_nothing_of_it(team: InstructionsHarness) -> None:
    """An order is no question: it is neither answered by the model nor sent to it."""
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


async def test_an_order_that_begins_a_thread(team: InstructionsHarness) -> None:
    """Somebody may set the scene first, and ask then; the order is not recalled as said."""
    harness = team.harness
    root = await harness.mention("instructions set You are a poet.")
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    harness.model.enqueue("Rose.")
    await harness.workspace.say(harness.ana, harness.general, "a line, please", thread=root.ts)
    await harness.answered(root, "Rose.")
    assert instructions_sent(harness) == "You are a poet."
    assert harness.history() == [("user", "Ana", "a line, please")]


@pytest.mark.parametrize("words", ["set x", "append x", "reset", "undo", "restore 1"])
async def test_others_may_not(team: InstructionsHarness, words: str) -> None:
    """A member in another's thread, a guest and an outsider even in their own."""
    harness = team.harness
    for person, author in ((harness.ben, harness.ana), (team.gus, team.gus), (team.eve,) * 2):
        root = await harness.workspace.say(author, harness.general, "look at this")
        refused = texts.cannot_change(Scope("T", "C", "1.0"))
        assert await team.command_in(person, root, words) == refused


async def test_an_admin_may(team: InstructionsHarness) -> None:
    """In anybody's thread, and for the workspace from there."""
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


async def test_a_thread_that_another_bot_began(team: InstructionsHarness) -> None:
    """Nobody has begun it whom one could ask: admins alone may."""
    harness = team.harness
    robot = harness.workspace.add_person("robot", bot=True)
    root = await harness.workspace.say(robot, harness.general, "build failed")
    assert "You can't change" in await team.command_in(harness.ana, root, "set x")
    assert "version 1" in await team.command_in(team.ada, root, "set x")


async def test_when_slack_does_not_say_who_began_it(team: InstructionsHarness) -> None:
    """Then the answer is no."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    harness.workspace.faults.add("conversations.replies", Fault.status(500), times=9)
    assert await team.command_in(harness.ana, root, "set x") == texts.PERMISSIONS_UNKNOWN
    harness.workspace.faults.clear()
    assert "version 1" in await team.command_in(harness.ana, root, "set x")


async def test_delivered_twice_it_is_carried_out_once(team: InstructionsHarness) -> None:
    """As `app_mention` and `message`, and again: one edition, one word about it."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    await team.command_in(harness.ana, root, "append Sing.")
    for delivery in harness.workspace.deliveries[-2:]:
        await harness.workspace.redeliver(delivery)
    await harness.service.bot.idle()
    assert len(harness.workspace.ephemerals) == 1
    assert "version 2" in await team.command_in(harness.ana, root, "append Dance.")


async def test_a_crash_after_it_was_carried_out(harness: BotHarness) -> None:
    """The next start finds it open still, does not carry it out again, and says what holds."""
    root = await harness.said_before(harness.ana, "look at this")
    said = f"{harness.bot.mention} instructions append Sing."
    order = await harness.said_before(harness.ana, said, thread=root.ts)
    thread = ThreadKey(harness.workspace.team.team_id, harness.general.id, root.ts)
    store = await open_store(harness.environment["DATABASE_URL"])
    await store.claim(Message(thread, order.ts, harness.ana.id, said), opens=True)
    here = Scope(thread.team, thread.channel, thread.ts)
    setup = ScopeSettings("You are a pirate.\nSing.")
    assert await store.add_revision(
        here, SettingsChange(harness.ana.id, setup, after=0, request_ts=order.ts)
    )
    await store.close()
    async with harness.running() as service:
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        assert harness.workspace.ephemerals[-1].text.endswith("\n>>> You are a pirate.\nSing.")
        await service.bot.idle()
        assert "version 2" in await InstructionsHarness(harness).command_in(
            harness.ana, root, "append Dance."
        )


async def test_while_an_answer_is_being_written(team: InstructionsHarness) -> None:
    """It waits its turn, and what was asked with it is answered after it."""
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


async def test_a_question_that_becomes_an_order(team: InstructionsHarness) -> None:
    """What had been written as its answer goes."""
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
    """The keyword may begin one."""
    harness = team.harness
    await harness.verify_dialog(
        [(f"{harness.bot.mention} instructions for my printer?", "Press it.")]
    )
    assert not harness.workspace.ephemerals


async def test_instructions_in_an_attached_file(team: InstructionsHarness) -> None:
    """Behind `set` and `append` it may stand in a file instead."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    for words, content in (("set", b"You are a poet."), ("append", b"Sing.")):
        harness.workspace.ephemerals.clear()
        file = harness.workspace.share(harness.ana, "persona.txt", content, "text/plain")
        said = f"{harness.bot.mention} instructions {words}"
        await harness.workspace.say(
            harness.ana, harness.general, said, thread=root.ts, files=[file]
        )
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert harness.workspace.ephemerals[-1].text.endswith(">>> You are a poet.\nSing.")


async def test_no_file_is_fetched_for_who_may_not(team: InstructionsHarness) -> None:
    """They are told so before anything is read."""
    harness = team.harness
    root = await harness.workspace.say(harness.ana, harness.general, "look at this")
    file = harness.workspace.share(harness.ben, "persona.txt", b"You are a poet.", "text/plain")
    said = f"{harness.bot.mention} instructions set"
    await harness.workspace.say(harness.ben, harness.general, said, thread=root.ts, files=[file])
    await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert "You can't change" in harness.workspace.ephemerals[-1].text
    assert "files.info" not in {call.method for call in harness.workspace.calls}
