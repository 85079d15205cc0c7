"""People edit and delete what they asked, and what was answered. All over the real wire."""

import pytest

from slackbot.errors import UNEXPECTED
from slackbot.playground.fake_openai.script import says
from tests.harness import BotHarness


def said(harness: BotHarness, request: int = -1) -> list[str]:
    return [content for *_, content in harness.history(request)]


async def test_the_last_question_is_edited(harness: BotHarness) -> None:
    """An edited question is answered again, in the same message."""
    async with harness.running():
        root = await harness.verify_dialog(
            [(f"{harness.bot.mention} hello", "Ahoy"), ("won?", "No.")]
        )
        question, before = harness.workspace.thread(harness.general, root.ts)[2:]
        harness.model.enqueue("Two.")
        await harness.workspace.edit(harness.ana, question, "one and one?")
        (_, after) = await harness.answered(root, "Ahoy", "Two.")
        assert after.ts == before.ts
    assert said(harness) == ["hello", "Ahoy", "one and one?"]


async def test_the_last_question_is_edited_after_people_talked(harness: BotHarness) -> None:
    """Messages between people, and deleted questions, don't count as later questions."""
    async with harness.running():
        root = await harness.verify_dialog(
            [(f"{harness.bot.mention} hello", "Ahoy"), ("won?", "No.")]
        )
        gone = harness.workspace.thread(harness.general, root.ts)[2]
        await harness.workspace.say(
            harness.ben, harness.general, f"<@{harness.ana.id}> funny", thread=root.ts
        )
        await harness.service.bot.idle()
        await harness.workspace.delete(harness.ana, gone)
        harness.model.enqueue("Salut")
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} bonjour")
        await harness.answered(root, "Salut", "No.")
    assert said(harness) == ["bonjour"]


async def test_an_earlier_question_is_edited(harness: BotHarness) -> None:
    """An earlier question changes in the history; its answer stays as it is."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy"), ("b", "two")])
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} bonjour")
        await harness.all_acknowledged()
        harness.model.enqueue("three")
        await harness.mention("c", thread=root.ts)
        await harness.answered(root, "Ahoy", "two", "three")
    assert said(harness) == ["bonjour", "Ahoy", "b", "two", "c"]
    assert len(harness.model.requests) == 3


async def test_a_question_is_edited_while_it_is_answered(harness: BotHarness) -> None:
    """A running answer starts again in its message, from the edited question."""
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1), "uno due")
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} in Italian")
        (after,) = await harness.answered(question, "uno due")
        assert after.ts == before.ts
        assert harness.model.streams[0].cancelled
    assert said(harness) == ["in Italian"]


async def test_a_waiting_question_is_edited(harness: BotHarness) -> None:
    """A question that waits for its turn is asked as it reads by then."""
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1), "both")
        root = await harness.mention("count")
        await harness.answered(root, "one")
        waiting = await harness.workspace.say(harness.ben, harness.general, "and?", thread=root.ts)
        await harness.workspace.edit(harness.ben, waiting, "and in Italian?")
        harness.model.release()
        await harness.answered(root, "one two", "both")
    assert said(harness) == ["count", "one two", "and in Italian?"]


async def test_an_edit_takes_the_question_to_somebody_else(harness: BotHarness) -> None:
    """A running answer that nobody wants any more is taken away."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.workspace.say(harness.ana, harness.general, "why?", thread=root.ts)
        await harness.answered(root, "Ahoy", "one")
        await harness.workspace.edit(harness.ana, question, f"{harness.ben.mention} why?")
        await harness.answered(root, "Ahoy")
        harness.model.enqueue("Aye.")
        await harness.mention("and you?", thread=root.ts)
        await harness.answered(root, "Ahoy", "Aye.")
    assert said(harness)[2:] == ["@Ben why?", "and you?"]


async def test_a_mention_is_added(harness: BotHarness) -> None:
    """A mention can be added by an edit, and is answered once."""
    async with harness.running():
        question = await harness.workspace.say(harness.ana, harness.general, "hello")
        harness.model.enqueue("Ahoy")
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} hello")
        await harness.answered(question, "Ahoy")
    assert len(harness.model.requests) == 1


async def test_other_changes_of_a_message_cost_nothing(harness: BotHarness) -> None:
    """An unfurled link, and the bot's own edits, start nothing."""
    async with harness.running():
        root = await harness.verify_dialog(
            [(f"{harness.bot.mention} see https://a.b", "Ahoy there")]
        )
        before = len(harness.workspace.calls)
        await harness.workspace.unfurl(root, "https://a.b")
        await harness.workspace.unfurl(harness.answers(root)[0], "https://a.b")
        await harness.all_acknowledged()
        assert len(harness.workspace.calls) == before
    assert len(harness.model.requests) == 1


async def test_chatter_is_edited(harness: BotHarness) -> None:
    """Edits and deletions outside the bot's threads cost the bot nothing."""
    async with harness.running():
        message = await harness.workspace.say(harness.ana, harness.general, "lunch?")
        before = len(harness.workspace.calls)
        await harness.workspace.edit(harness.ana, message, f"{harness.ben.mention} lunch?")
        await harness.workspace.delete(harness.ana, message)
        await harness.all_acknowledged()
        assert len(harness.workspace.calls) == before


async def test_a_question_is_deleted(harness: BotHarness) -> None:
    """A deleted question leaves the history with its answer, whose message stays."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy"), ("b", "two")])
        question = harness.workspace.thread(harness.general, root.ts)[2]
        await harness.workspace.delete(harness.ana, question)
        harness.model.enqueue("three")
        await harness.mention("c", thread=root.ts)
        await harness.answered(root, "Ahoy", "two", "three")
    assert said(harness) == ["hello", "Ahoy", "c"]


async def test_the_first_question_is_deleted(harness: BotHarness) -> None:
    """The same for the message that began the thread, of which Slack leaves a tombstone."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        await harness.workspace.delete(harness.ana, root)
        harness.model.enqueue("three")
        await harness.mention("c", thread=root.ts)
        await harness.workspace.until(lambda: len(harness.model.requests) == 2)
    assert said(harness) == ["c"]


async def test_a_question_is_deleted_while_it_is_answered(harness: BotHarness) -> None:
    """A running answer stops, and what there was of it is removed."""
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await harness.workspace.delete(harness.ana, question)
        await harness.answered(question)
        await harness.model.until(lambda: harness.model.streams[0].cancelled)
    async with harness.running():
        pass
    assert len(harness.model.requests) == 1


async def test_one_of_two_waiting_questions_is_deleted(harness: BotHarness) -> None:
    """Of what waits together, the rest is answered."""
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1), "B.")
        root = await harness.mention("count")
        await harness.answered(root, "one")
        first = await harness.workspace.say(harness.ana, harness.general, "a?", thread=root.ts)
        await harness.workspace.say(harness.ben, harness.general, "b?", thread=root.ts)
        await harness.workspace.delete(harness.ana, first)
        harness.model.release()
        await harness.answered(root, "one two", "B.")
    assert said(harness) == ["count", "one two", "b?"]


async def test_a_question_is_deleted_while_it_is_regenerated(harness: BotHarness) -> None:
    """An answer that is being regenerated goes with its question, too."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy"), ("b", "two")])
        question = harness.workspace.thread(harness.general, root.ts)[2]
        harness.model.enqueue(says("zwei drei").held(after=1), "three")
        await harness.press(harness.ana, root, "again")
        await harness.answered(root, "Ahoy", "zwei")
        await harness.workspace.delete(harness.ana, question)
        await harness.answered(root, "Ahoy")
        await harness.mention("c", thread=root.ts)
        await harness.answered(root, "Ahoy", "three")
    assert said(harness) == ["hello", "Ahoy", "c"]


async def test_an_answer_is_deleted(harness: BotHarness) -> None:
    """A deleted answer leaves the history; the question stays."""
    workspace = harness.workspace
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        admin = workspace.add_person("Olga", admin=True)
        await workspace.delete(admin, harness.answers(root)[0])
        harness.model.enqueue("three")
        await harness.mention("c", thread=root.ts)
        await harness.answered(root, "three")
    assert said(harness) == ["hello", "c"]


async def test_an_edit_while_the_bot_is_down_is_not_lost(harness: BotHarness) -> None:
    """Edits and deletions from while the bot was down are delivered later, and count."""
    async with harness.running(grace=0.0):
        harness.model.enqueue(says("one two").held(after=1), "uno due")
        question = await harness.mention("count")
        await harness.answered(question, "one")
        harness.workspace.feed.ack_timeout = 0.2
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} in Italian")
        await harness.answered(question, "uno due")
        await harness.service.bot.idle()
    async with harness.running():
        pass
    assert len(harness.model.requests) == 2


async def test_a_question_that_failed_is_edited(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where something unexpected went wrong an edit is another try, in the same message."""
    root = await harness.said_before(harness.ben, "before")
    harness.break_library(monkeypatch)
    async with harness.running():
        question = await harness.mention("hello", thread=root.ts)
        await harness.workspace.until(
            lambda: harness.answers(root) and UNEXPECTED in harness.answers(root)[0].shown
        )
        harness.model.enqueue("Ahoy")
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} hello again")
        await harness.answered(root, "Ahoy")
    assert said(harness) == ["before", "hello again"]


async def test_questions_in_line_are_edited_and_deleted_at_once(harness: BotHarness) -> None:
    """A change that comes while the one before it is being looked up is not missed: nobody asks
    the model what was taken back.
    """
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        harness.model.enqueue(says("one two").held(after=1), "three")
        first = await harness.mention("count")
        await harness.answered(first, "one")
        for _ in range(12):
            question = await harness.mention("no")
            await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} never mind")
            await harness.workspace.delete(harness.ana, question)
        last = await harness.mention("and then?")
        harness.model.release()
        await harness.answered(first, "one two")
        await harness.answered(last, "three")
        await harness.service.bot.idle()
    assert [said(harness, number)[-1] for number in range(len(harness.model.requests))] == [
        "count",
        "and then?",
    ]


async def test_the_threads_first_question_is_deleted_before_the_next(harness: BotHarness) -> None:
    """A deleted question's unfinished answer is not part of the next question's conversation."""
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1), "Aye.")
        root = await harness.mention("count")
        await harness.answered(root, "one")
        await harness.mention("won?", thread=root.ts)
        await harness.all_acknowledged()
        await harness.workspace.delete(harness.ana, root)
        await harness.answered(root, "Aye.")
    assert said(harness) == ["won?"]


async def test_a_question_is_edited_after_its_growing_answer_was_deleted(
    harness: BotHarness,
) -> None:
    """It is answered again, in a new message."""
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1), "uno due")
        question = await harness.mention("count")
        (growing,) = await harness.answered(question, "one")
        await harness.workspace.delete(harness.bot, growing)
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} in Italian")
        await harness.answered(question, "uno due")
