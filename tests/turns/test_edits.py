"""People edit and delete what they asked, and what was answered. All over the real wire."""

from slackbot.errors import UNEXPECTED
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault, FaultAnswer
from tests.harness import Stage


def said(stage: Stage, request: int = -1) -> list[str]:
    return [content for *_, content in stage.history(request)]


async def test_the_last_question_is_edited(stage: Stage) -> None:
    """The answer to an edited question is written anew, in the same place."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("won?", "No.")])
        question, before = stage.workspace.thread(stage.general, root.ts)[2:]
        stage.model.enqueue("Two.")
        await stage.workspace.edit(stage.ana, question, "one and one?")
        (_, after) = await stage.answered(root, "Ahoy", "Two.")
        assert after.ts == before.ts
    assert said(stage) == ["hello", "Ahoy", "one and one?"]


async def test_the_last_question_is_edited_after_people_talked(stage: Stage) -> None:
    """What people say to each other, and a question that is gone, don't come after a question."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("won?", "No.")])
        gone = stage.workspace.thread(stage.general, root.ts)[2]
        await stage.workspace.say(
            stage.ben, stage.general, f"<@{stage.ana.id}> funny", thread=root.ts
        )
        await stage.service.bot.idle()
        await stage.workspace.delete(stage.ana, gone)
        stage.model.enqueue("Salut")
        await stage.workspace.edit(stage.ana, root, f"{stage.bot.mention} bonjour")
        await stage.answered(root, "Salut", "No.")
    assert said(stage) == ["bonjour"]


async def test_an_earlier_question_is_edited(stage: Stage) -> None:
    """An earlier question changes in the history; its answer stays as it is."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("b", "two")])
        await stage.workspace.edit(stage.ana, root, f"{stage.bot.mention} bonjour")
        await stage.all_acknowledged()
        stage.model.enqueue("three")
        await stage.mention("c", thread=root.ts)
        await stage.answered(root, "Ahoy", "two", "three")
    assert said(stage) == ["bonjour", "Ahoy", "b", "two", "c"]
    assert len(stage.model.requests) == 3


async def test_a_question_is_edited_while_it_is_answered(stage: Stage) -> None:
    """A running answer is begun anew in its message, from what the question says now."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1), "uno due")
        question = await stage.mention("count")
        (before,) = await stage.answered(question, "one")
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} in Italian")
        (after,) = await stage.answered(question, "uno due")
        assert after.ts == before.ts
        assert stage.model.streams[0].cancelled
    assert said(stage) == ["in Italian"]


async def test_a_waiting_question_is_edited(stage: Stage) -> None:
    """A question that waits for its turn is asked as it reads by then."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1), "both")
        root = await stage.mention("count")
        await stage.answered(root, "one")
        waiting = await stage.workspace.say(stage.ben, stage.general, "and?", thread=root.ts)
        await stage.workspace.edit(stage.ben, waiting, "and in Italian?")
        stage.model.release()
        await stage.answered(root, "one two", "both")
    assert said(stage) == ["count", "one two", "and in Italian?"]


async def test_an_edit_takes_the_question_to_somebody_else(stage: Stage) -> None:
    """A running answer that nobody wants any more is taken away."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        stage.model.enqueue(says("one two").held(after=1))
        question = await stage.workspace.say(stage.ana, stage.general, "why?", thread=root.ts)
        await stage.answered(root, "Ahoy", "one")
        await stage.workspace.edit(stage.ana, question, f"{stage.ben.mention} why?")
        await stage.answered(root, "Ahoy")
        stage.model.enqueue("Aye.")
        await stage.mention("and you?", thread=root.ts)
        await stage.answered(root, "Ahoy", "Aye.")
    assert said(stage)[2:] == ["@Ben why?", "and you?"]


async def test_a_mention_is_added(stage: Stage) -> None:
    """Who forgot to mention the bot may do so by an edit, once."""
    async with stage.playing():
        question = await stage.workspace.say(stage.ana, stage.general, "hello")
        stage.model.enqueue("Ahoy")
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} hello")
        await stage.answered(question, "Ahoy")
    assert len(stage.model.requests) == 1


async def test_what_is_no_edit_costs_nothing(stage: Stage) -> None:
    """An unfurled link, and the bot's own edits, start nothing."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} see https://a.b", "Ahoy there")])
        before = len(stage.workspace.calls)
        await stage.workspace.unfurl(root, "https://a.b")
        await stage.workspace.unfurl(stage.answers(root)[0], "https://a.b")
        await stage.all_acknowledged()
        assert len(stage.workspace.calls) == before
    assert len(stage.model.requests) == 1


async def test_chatter_is_edited(stage: Stage) -> None:
    """What people write elsewhere may be edited and deleted: the bot does not even look."""
    async with stage.playing():
        message = await stage.workspace.say(stage.ana, stage.general, "lunch?")
        before = len(stage.workspace.calls)
        await stage.workspace.edit(stage.ana, message, f"{stage.ben.mention} lunch?")
        await stage.workspace.delete(stage.ana, message)
        await stage.all_acknowledged()
        assert len(stage.workspace.calls) == before


async def test_a_question_is_deleted(stage: Stage) -> None:
    """A deleted question leaves the history with its answer, whose message stays."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("b", "two")])
        question = stage.workspace.thread(stage.general, root.ts)[2]
        await stage.workspace.delete(stage.ana, question)
        stage.model.enqueue("three")
        await stage.mention("c", thread=root.ts)
        await stage.answered(root, "Ahoy", "two", "three")
    assert said(stage) == ["hello", "Ahoy", "c"]


async def test_the_first_question_is_deleted(stage: Stage) -> None:
    """The same for the message that began the thread, of which Slack leaves a tombstone."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        await stage.workspace.delete(stage.ana, root)
        stage.model.enqueue("three")
        await stage.mention("c", thread=root.ts)
        await stage.workspace.until(lambda: len(stage.model.requests) == 2)
    assert said(stage) == ["c"]


async def test_a_question_is_deleted_while_it_is_answered(stage: Stage) -> None:
    """A running answer stops, and what there was of it is removed."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1))
        question = await stage.mention("count")
        await stage.answered(question, "one")
        await stage.workspace.delete(stage.ana, question)
        await stage.answered(question)
        await stage.model.until(lambda: stage.model.streams[0].cancelled)
    async with stage.playing():
        pass
    assert len(stage.model.requests) == 1


async def test_one_of_two_waiting_questions_is_deleted(stage: Stage) -> None:
    """Of what waits together, the rest is answered."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1), "B.")
        root = await stage.mention("count")
        await stage.answered(root, "one")
        first = await stage.workspace.say(stage.ana, stage.general, "a?", thread=root.ts)
        await stage.workspace.say(stage.ben, stage.general, "b?", thread=root.ts)
        await stage.workspace.delete(stage.ana, first)
        stage.model.release()
        await stage.answered(root, "one two", "B.")
    assert said(stage) == ["count", "one two", "b?"]


async def test_a_question_is_deleted_while_it_is_answered_anew(stage: Stage) -> None:
    """An answer that is being regenerated goes with its question, too."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy"), ("b", "two")])
        question = stage.workspace.thread(stage.general, root.ts)[2]
        stage.model.enqueue(says("zwei drei").held(after=1), "three")
        await stage.press(stage.ana, root, "again")
        await stage.answered(root, "Ahoy", "zwei")
        await stage.workspace.delete(stage.ana, question)
        await stage.answered(root, "Ahoy")
        await stage.mention("c", thread=root.ts)
        await stage.answered(root, "Ahoy", "three")
    assert said(stage) == ["hello", "Ahoy", "c"]


async def test_an_answer_is_deleted(stage: Stage) -> None:
    """A deleted answer leaves the history; the question stays."""
    workspace = stage.workspace
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        admin = workspace.add_person("Olga", admin=True)
        await workspace.delete(admin, stage.answers(root)[0])
        stage.model.enqueue("three")
        await stage.mention("c", thread=root.ts)
        await stage.answered(root, "three")
    assert said(stage) == ["hello", "c"]


async def test_an_edit_while_the_bot_is_down_is_not_lost(stage: Stage) -> None:
    """What Slack could not deliver it delivers later; edited and deleted questions with it."""
    async with stage.playing(grace=0.0):
        stage.model.enqueue(says("one two").held(after=1), "uno due")
        question = await stage.mention("count")
        await stage.answered(question, "one")
        stage.workspace.feed.ack_timeout = 0.2
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} in Italian")
        await stage.answered(question, "uno due")
        await stage.service.bot.idle()
    async with stage.playing():
        pass
    assert len(stage.model.requests) == 2


async def test_a_question_that_failed_is_edited(stage: Stage) -> None:
    """Where something unexpected went wrong an edit is another try, in the same message."""
    root = await stage.said_before(stage.ben, "before")
    odd = Fault("answer", FaultAnswer(200, {"ok": True, "messages": ["odd"]}, {}))
    stage.workspace.faults.add("conversations.replies", odd)
    async with stage.playing():
        question = await stage.mention("hello", thread=root.ts)
        await stage.workspace.until(
            lambda: stage.answers(root) and UNEXPECTED in stage.answers(root)[0].shown
        )
        stage.model.enqueue("Ahoy")
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} hello again")
        await stage.answered(root, "Ahoy")
    assert said(stage) == ["before", "hello again"]


async def test_questions_in_line_are_edited_and_deleted_at_once(stage: Stage) -> None:
    """A change that comes while the one before it is being looked up is not missed: nobody asks
    the model what was taken back.
    """
    async with stage.playing({"SLACKBOT_MAX_REPLIES": "1"}):
        stage.model.enqueue(says("one two").held(after=1), "three")
        first = await stage.mention("count")
        await stage.answered(first, "one")
        for _ in range(12):
            question = await stage.mention("no")
            await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} never mind")
            await stage.workspace.delete(stage.ana, question)
        last = await stage.mention("and then?")
        stage.model.release()
        await stage.answered(first, "one two")
        await stage.answered(last, "three")
        await stage.service.bot.idle()
    assert [said(stage, number)[-1] for number in range(len(stage.model.requests))] == [
        "count",
        "and then?",
    ]


async def test_the_threads_first_question_is_deleted_before_the_next(stage: Stage) -> None:
    """What the bot had begun to answer it is no part of the conversation for the next question."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1), "Aye.")
        root = await stage.mention("count")
        await stage.answered(root, "one")
        await stage.mention("won?", thread=root.ts)
        await stage.all_acknowledged()
        await stage.workspace.delete(stage.ana, root)
        await stage.answered(root, "Aye.")
    assert said(stage) == ["won?"]


async def test_a_question_is_edited_after_its_growing_answer_was_deleted(stage: Stage) -> None:
    """It is answered anew, in a message of its own."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1), "uno due")
        question = await stage.mention("count")
        (growing,) = await stage.answered(question, "one")
        await stage.workspace.delete(stage.bot, growing)
        await stage.service.bot.idle()
        await stage.workspace.edit(stage.ana, question, f"{stage.bot.mention} in Italian")
        await stage.answered(question, "uno due")
