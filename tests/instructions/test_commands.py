"""Instructions of a thread, given to the bot in the thread itself."""

from collections.abc import AsyncIterator

import pytest

from slackbot.conversation.messages import Message, ThreadKey
from slackbot.instructions.commands import UNSURE
from slackbot.instructions.scopes import Scope, ScopeSettings
from slackbot.instructions.service import NOT_YOU
from slackbot.instructions.texts import HELP
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.store import open_store
from tests.harness import Stage
from tests.instructions_harness import Office, told_to_be


@pytest.fixture
async def office(stage: Stage) -> AsyncIterator[Office]:
    async with stage.playing():
        yield Office(stage)


async def test_whoever_began_the_thread_may(office: Office) -> None:
    """It holds in that thread, from the next answer on, and nowhere else."""
    stage = office.stage
    root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    assert "this thread" in await office.order_in(stage.ana, root, "set You are a poet.")
    stage.model.enqueue("Rose.")
    await stage.workspace.say(stage.ana, stage.general, "and now?", thread=root.ts)
    await stage.answered(root, "Ahoy", "Rose.")
    assert told_to_be(stage) == "You are a poet."
    assert await office.persona() == "You are a pirate."


async def test_the_conversation_knows_nothing_of_it(office: Office) -> None:
    """An order is no question: it is neither answered by the model nor sent to it."""
    stage = office.stage
    root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    assert await office.order_in(stage.ana, root, "help") == HELP
    assert len(stage.model.requests) == 1
    stage.model.enqueue("Fine.")
    await stage.workspace.say(stage.ana, stage.general, "how are you?", thread=root.ts)
    await stage.answered(root, "Ahoy", "Fine.")
    assert stage.history() == [
        ("user", "Ana", "hello"),
        ("assistant", "", "Ahoy"),
        ("user", "Ana", "how are you?"),
    ]


async def test_an_order_that_begins_a_thread(office: Office) -> None:
    """Somebody may set the scene first, and ask then; the order is not recalled as said."""
    stage = office.stage
    root = await stage.mention("instructions set You are a poet.")
    await stage.workspace.until(lambda: stage.workspace.ephemerals)
    stage.model.enqueue("Rose.")
    await stage.workspace.say(stage.ana, stage.general, "a line, please", thread=root.ts)
    await stage.answered(root, "Rose.")
    assert told_to_be(stage) == "You are a poet."
    assert stage.history() == [("user", "Ana", "a line, please")]


@pytest.mark.parametrize("words", ["set x", "append x", "reset", "undo", "restore 1"])
async def test_others_may_not(office: Office, words: str) -> None:
    """A member in another's thread, a guest and an outsider even in their own."""
    stage = office.stage
    for person, author in ((stage.ben, stage.ana), (office.gus, office.gus), (office.eve,) * 2):
        root = await stage.workspace.say(author, stage.general, "look at this")
        refused = NOT_YOU.format(scope=Scope("T", "C", "1.0"))
        assert await office.order_in(person, root, words) == refused


async def test_an_admin_may(office: Office) -> None:
    """In anybody's thread, and for the workspace from there."""
    stage = office.stage
    root = await stage.workspace.say(stage.ana, stage.general, "look at this")
    assert "number 1" in await office.order_in(office.ada, root, "set You are a captain.")
    assert "number 1" in await office.order_in(office.ada, root, "workspace set You are a parrot.")
    assert await office.persona() == "You are a parrot."
    shown = await office.order_in(stage.ben, root, "show")
    assert "set for this thread" in shown
    assert shown.endswith("You are a captain.")
    await office.order_in(office.ada, root, "undo")
    assert (await office.order_in(stage.ben, root, "show")).endswith("You are a parrot.")


async def test_a_thread_that_another_bot_began(office: Office) -> None:
    """Nobody has begun it whom one could ask: admins alone may."""
    stage = office.stage
    robot = stage.workspace.add_person("robot", bot=True)
    root = await stage.workspace.say(robot, stage.general, "build failed")
    assert "You may not" in await office.order_in(stage.ana, root, "set x")
    assert "number 1" in await office.order_in(office.ada, root, "set x")


async def test_when_slack_does_not_say_who_began_it(office: Office) -> None:
    """Then the answer is no."""
    stage = office.stage
    root = await stage.workspace.say(stage.ana, stage.general, "look at this")
    stage.workspace.faults.add("conversations.replies", Fault.status(500), times=9)
    assert await office.order_in(stage.ana, root, "set x") == UNSURE
    stage.workspace.faults.clear()
    assert "number 1" in await office.order_in(stage.ana, root, "set x")


async def test_delivered_twice_it_is_carried_out_once(office: Office) -> None:
    """As `app_mention` and `message`, and again: one edition, one word about it."""
    stage = office.stage
    root = await stage.workspace.say(stage.ana, stage.general, "look at this")
    await office.order_in(stage.ana, root, "append Sing.")
    for delivery in stage.workspace.deliveries[-2:]:
        await stage.workspace.redeliver(delivery)
    await stage.service.bot.idle()
    assert len(stage.workspace.ephemerals) == 1
    assert "number 2" in await office.order_in(stage.ana, root, "append Dance.")


async def test_a_crash_after_it_was_carried_out(stage: Stage) -> None:
    """The next start finds it open still, does not carry it out again, and says what holds."""
    root = await stage.said_before(stage.ana, "look at this")
    said = f"{stage.bot.mention} instructions append Sing."
    order = await stage.said_before(stage.ana, said, thread=root.ts)
    thread = ThreadKey(stage.workspace.team.team_id, stage.general.id, root.ts)
    store = await open_store(stage.environment["DATABASE_URL"])
    await store.claim(Message(thread, order.ts, stage.ana.id, said), opens=True)
    here = Scope(thread.team, thread.channel, thread.ts)
    setup = ScopeSettings("You are a pirate.\nSing.")
    assert await store.amend(here, stage.ana.id, setup, after=0, origin=order.ts)
    await store.close()
    async with stage.playing() as service:
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
        assert stage.workspace.ephemerals[-1].text.endswith("\n>>> You are a pirate.\nSing.")
        await service.bot.idle()
        assert "number 2" in await Office(stage).order_in(stage.ana, root, "append Dance.")


async def test_while_an_answer_is_being_written(office: Office) -> None:
    """It waits its turn, and what was asked with it is answered after it."""
    stage = office.stage
    stage.model.enqueue(says("one two").held(after=1), "Rose.")
    root = await stage.mention("count")
    await stage.answered(root, "one")
    for text in ("and then?", f"{stage.bot.mention} instructions set You are a poet.", "well?"):
        await stage.workspace.say(stage.ana, stage.general, text, thread=root.ts)
    stage.model.release()
    stage.model.enqueue("Tulip.")
    await stage.answered(root, "one two", "Rose.", "Tulip.")
    personas = [each["messages"][0]["content"][:14] for each in stage.model.requests]
    assert personas == ["You are a pira", "You are a pira", "You are a poet"]


async def test_a_question_that_becomes_an_order(office: Office) -> None:
    """What had been written as its answer goes."""
    stage = office.stage
    stage.model.enqueue(says("one two").held(after=1))
    root = await stage.mention("count")
    await stage.answered(root, "one")
    await stage.workspace.edit(
        stage.ana, root, f"{stage.bot.mention} instructions set You are a poet."
    )
    await stage.workspace.until(lambda: stage.workspace.ephemerals)
    await stage.answered(root)
    assert "number 1" in stage.workspace.ephemerals[-1].text


async def test_questions_about_instructions_are_questions(office: Office) -> None:
    """The keyword may begin one."""
    stage = office.stage
    await stage.verify_dialog([(f"{stage.bot.mention} instructions for my printer?", "Press it.")])
    assert not stage.workspace.ephemerals


async def test_instructions_in_an_attached_file(office: Office) -> None:
    """Behind `set` and `append` it may stand in a file instead."""
    stage = office.stage
    root = await stage.workspace.say(stage.ana, stage.general, "look at this")
    for words, content in (("set", b"You are a poet."), ("append", b"Sing.")):
        stage.workspace.ephemerals.clear()
        file = stage.workspace.share(stage.ana, "persona.txt", content, "text/plain")
        said = f"{stage.bot.mention} instructions {words}"
        await stage.workspace.say(stage.ana, stage.general, said, thread=root.ts, files=[file])
        await stage.workspace.until(lambda: stage.workspace.ephemerals)
    assert stage.workspace.ephemerals[-1].text.endswith(">>> You are a poet.\nSing.")


async def test_no_file_is_fetched_for_who_may_not(office: Office) -> None:
    """They are told so before anything is read."""
    stage = office.stage
    root = await stage.workspace.say(stage.ana, stage.general, "look at this")
    file = stage.workspace.share(stage.ben, "persona.txt", b"You are a poet.", "text/plain")
    said = f"{stage.bot.mention} instructions set"
    await stage.workspace.say(stage.ben, stage.general, said, thread=root.ts, files=[file])
    await stage.workspace.until(lambda: stage.workspace.ephemerals)
    assert "You may not" in stage.workspace.ephemerals[-1].text
    assert "files.info" not in {call.method for call in stage.workspace.calls}
