"""The buttons under a reply: Stop, Try again, Regenerate, thumbs. All over the real wire."""

import logging
from collections.abc import Sequence

import pytest

from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage, elements
from slackbot.slack.buttons import FEEDBACK, PREFIX
from slackbot.store import open_store
from slackbot.turns.bot import THANKS, TOO_LATE, UNKNOWN
from tests.harness import Stage

STOP, AGAIN = f"{PREFIX}stop", f"{PREFIX}again"
STOPPED = "one\n\n⚠️ _Stopped here._"


def buttons(message: PostedMessage) -> list[str]:
    return [element["action_id"] for _, element in elements(message.blocks)]


async def whispered(stage: Stage, sentence: str) -> None:
    """Until somebody was told this, and nobody anything else."""
    await stage.workspace.until(
        lambda: [each.text for each in stage.workspace.ephemerals] == [sentence]
    )


async def shows(stage: Stage, question: PostedMessage, buttons_wanted: Sequence[str]) -> None:
    await stage.workspace.until(
        lambda: (
            stage.answers(question) and buttons(stage.answers(question)[-1]) == [*buttons_wanted]
        )
    )


async def test_buttons_come_and_go(stage: Stage) -> None:
    """A growing message has a Stop button; a finished one thumbs and Regenerate instead."""
    async with stage.playing():
        stage.model.enqueue(says("one two").held(after=1))
        question = await stage.mention("count")
        await stage.answered(question, "one")
        await shows(stage, question, [STOP])
        stage.model.release()
        await stage.answered(question, "one two")
        await shows(stage, question, [FEEDBACK, AGAIN])


async def test_only_the_last_message_has_buttons(stage: Stage) -> None:
    """Where an answer takes two messages, the first has no buttons once it is full."""
    async with stage.playing():
        stage.model.enqueue(says("word " * 4_000 + "end").held(after=3_900))
        question = await stage.mention("write a lot")
        await stage.workspace.until(lambda: len(stage.answers(question)) == 2)
        await shows(stage, question, [STOP])
        stage.model.release()
        await shows(stage, question, [FEEDBACK, AGAIN])
        await stage.workspace.until(lambda: not buttons(stage.answers(question)[0]))


async def test_stop(stage: Stage) -> None:
    """Anyone may stop a reply: the model is left, what was written stays, marked as cut short."""
    async with stage.playing():
        stage.model.enqueue(says("one two three").held(after=1), "four")
        question = await stage.mention("count")
        await stage.answered(question, "one")
        await stage.press(stage.ben, question, "stop")
        await stage.model.until(lambda: stage.model.streams[0].cancelled)
        await stage.answered(question, STOPPED)
        await shows(stage, question, [FEEDBACK, AGAIN])
        await stage.mention("go on", thread=question.ts)
        await stage.answered(question, STOPPED, "four")
    assert stage.history()[1] == ("assistant", "", "one")


async def test_stop_before_the_first_word(stage: Stage) -> None:
    """Where nothing was written yet the message says that it was stopped."""
    async with stage.playing({"SLACKBOT_STREAMING": "native"}):
        stage.model.enqueue(says("one").held(after=0))
        question = await stage.mention("count")
        await stage.model.until(lambda: stage.model.open_streams == 1)
        await stage.workspace.stop(stage.ana, stage.general, question.ts)
        await stage.answered(question, "⚠️ _Stopped here._")


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_slacks_own_stop(stage: Stage, streaming: str) -> None:
    """Slack's own stop button ends the reply of its thread, whichever way that grows."""
    async with stage.playing({"SLACKBOT_STREAMING": streaming}):
        stage.model.enqueue(says("one two three").held(after=2))
        question = await stage.mention("count")
        await stage.workspace.until(lambda: stage.answers(question))
        await stage.workspace.stop(stage.ben, stage.general, question.ts)
        await stage.model.until(lambda: stage.model.streams[0].cancelled)
        await stage.answered(question, "one two\n\n⚠️ _Stopped here._")
        await shows(stage, question, [FEEDBACK, AGAIN])


async def test_a_stop_that_only_a_refused_call_tells_of(stage: Stage) -> None:
    """Where the event is missing, the refusal of the next piece ends the reply too."""
    async with stage.playing({"SLACKBOT_STREAMING": "native"}):
        stage.model.enqueue(says("one two three four").held(after=2))
        question = await stage.mention("count")
        await stage.workspace.until(lambda: stage.answers(question))
        stage.workspace.streams.stop_by_user(stage.answers(question)[0])
        stage.model.release()
        await stage.workspace.until(
            lambda: (
                "Stopped" in stage.answers(question)[0].shown or buttons(stage.answers(question)[0])
            )
        )
        await shows(stage, question, [FEEDBACK, AGAIN])


async def test_stop_comes_too_late(stage: Stage) -> None:
    """Who presses Stop on an answer that has ended is told so."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        (answer,) = stage.answers(root)
        await stage.workspace.forge_click(stage.ben, answer, STOP)
        await whispered(stage, TOO_LATE)


async def test_try_again(stage: Stage) -> None:
    """A failed message carries a button that asks anew and writes into the same message."""
    async with stage.playing():
        stage.model.enqueue(fails(401), "Now it works.")
        question = await stage.mention("hello")
        failed = await stage.press(stage.ben, question, "again")
        assert "API key" in failed.states[0].shown
        (answer,) = await stage.answered(question, "Now it works.")
        assert answer.ts == failed.ts
        await shows(stage, question, [FEEDBACK, AGAIN])
    assert stage.history() == [("user", "Ana", "hello")]


async def test_a_broken_answer_is_asked_for_once_more(stage: Stage) -> None:
    """An answer that breaks off in the middle is asked for again, and replaces what stood there."""
    async with stage.playing():
        stage.model.enqueue(says("one two three four").dropped(after=3), "one two three!")
        question = await stage.mention("count")
        (answer,) = await stage.answered(question, "one two three!")
    assert len(stage.model.requests) == 2
    assert "⚠️" not in "".join(state.shown for state in answer.states)


async def test_an_answer_that_breaks_twice(stage: Stage) -> None:
    """After a second break the message says so; the button begins from the start."""
    async with stage.playing():
        broken = says("one two three four").dropped(after=3)
        stage.model.enqueue(broken, broken, "one two three four")
        question = await stage.mention("count")
        await shows(stage, question, [AGAIN])
        assert stage.answers(question)[0].shown.startswith("one two three\n\n⚠️")
        await stage.press(stage.ana, question, "again")
        await stage.answered(question, "one two three four")
    assert len(stage.model.requests) == 3


async def test_regenerate(stage: Stage) -> None:
    """A regenerated answer replaces the old one in its message and in the history."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        stage.model.enqueue(says("Avast ye").held(after=1), "Aye.")
        await stage.press(stage.ben, root, "again")
        await stage.answered(root, "Avast")
        stage.model.release()
        await stage.answered(root, "Avast ye")
        await shows(stage, root, [FEEDBACK, AGAIN])
        assert stage.history() == [("user", "Ana", "hello")]
        await stage.mention("and now?", thread=root.ts)
        await stage.answered(root, "Avast ye", "Aye.")
    assert [content for *_, content in stage.history()] == ["hello", "Avast ye", "and now?"]


async def test_regenerate_an_earlier_answer(stage: Stage) -> None:
    """An earlier answer is written anew from what was said until then; later ones stay."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} a", "one"), ("b", "two")])
        stage.model.enqueue("ONE", "three")
        await stage.workspace.click(stage.ana, stage.answers(root)[0], AGAIN)
        await stage.answered(root, "ONE", "two")
        assert stage.history() == [("user", "Ana", "a")]
        await stage.mention("c", thread=root.ts)
        await stage.answered(root, "ONE", "two", "three")
    assert [content for *_, content in stage.history()] == ["a", "ONE", "b", "two", "c"]


async def test_regenerate_what_is_no_longer_sent(stage: Stage) -> None:
    """An answer that requests have left behind is written anew, also where the bot joined a thread
    of which it could only read the end; nothing of the history is lost by that.
    """
    root = await stage.said_before(stage.ben, "begin")
    for number in range(20):
        await stage.said_before(stage.ben, f"{number} " + "word " * 100, thread=root.ts)
    answers = [f"Answer {number}." for number in range(6)]
    async with stage.playing({"OPENAI_CONTEXT_TOKENS": "2000"}):
        for number, answer in enumerate(answers):
            stage.model.enqueue(answer)
            await stage.mention(f"question {number} " + "word " * 250, thread=root.ts)
            await stage.answered(root, *answers[: number + 1])
            await stage.service.bot.idle()
        stage.model.enqueue("Anew.", "The last.")
        await stage.workspace.click(stage.ana, stage.answers(root)[0], AGAIN)
        await stage.answered(root, "Anew.", *answers[1:])
        assert stage.history()[-1][2].startswith("question 0 ")
        await stage.mention("and?", thread=root.ts)
        await stage.answered(root, "Anew.", *answers[1:], "The last.")
    assert "Answer 5." in [content for *_, content in stage.history()]


@pytest.mark.parametrize("fault", [None, Fault.reset_after(), Fault.reset_before()])
async def test_a_shorter_answer_takes_the_rest_of_a_longer_one_away(
    stage: Stage, fault: Fault | None
) -> None:
    """A regenerated answer needs fewer messages: the others go, and the history knows it, also
    when Slack tells of their deletion and not that it was us.
    """
    if fault is not None:
        stage.workspace.faults.add("chat.delete", fault)
    async with stage.playing():
        stage.model.enqueue("word " * 4_000 + "end", "short")
        question = await stage.mention("write a lot")
        await stage.workspace.until(lambda: len(stage.answers(question)) == 2)
        await stage.press(stage.ana, question, "again")
        await stage.answered(question, "short")
        await stage.finished(question)
        stage.model.enqueue("fine")
        await stage.mention("thanks", thread=question.ts)
        await stage.answered(question, "short", "fine")
    assert [content for *_, content in stage.history()] == ["write a lot", "short", "thanks"]


async def test_regenerate_outlives_a_restart(stage: Stage) -> None:
    """A wish for another answer that a run did not come to is fulfilled by the next."""
    async with stage.playing(grace=0.0):
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        stage.model.enqueue(says("Avast ye").held(after=1), "Avast ye!")
        await stage.press(stage.ben, root, "again")
        await stage.answered(root, "Avast")
    async with stage.playing():
        await stage.answered(root, "Avast ye!")
        await stage.finished(root)
    async with stage.playing():
        pass
    assert len(stage.model.requests) == 3


async def test_feedback(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A thumb is stored with the turn and counted, each person's last word; the person is thanked,
    and the log says where it stands.
    """
    caplog.set_level(logging.INFO)
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        (answer,) = stage.answers(root)
        await stage.workspace.click(stage.ana, answer, FEEDBACK, "good")
        for verdict in ("good", "good", "bad"):
            await stage.workspace.click(stage.ben, answer, FEEDBACK, verdict)
        await stage.workspace.until(lambda: len(stage.workspace.ephemerals) == 4)
        assert {each.text for each in stage.workspace.ephemerals} == {THANKS}
        assert {each.thread_ts for each in stage.workspace.ephemerals} == {root.ts}
    store = await open_store(stage.environment["DATABASE_URL"])
    counted = await store.feedback(stage.workspace.team.team_id)
    await store.close()
    assert counted == {"good": 1, "bad": 1}
    assert "Answers rated so far: 1 good, 1 bad" in caplog.text


async def test_an_answer_of_another_time(stage: Stage) -> None:
    """Buttons under an answer that nothing is known of any more say so."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    url = stage.environment["DATABASE_URL"].replace("slackbot.db", "another.db")
    async with stage.playing({"DATABASE_URL": url}):
        await stage.workspace.click(stage.ana, stage.answers(root)[0], AGAIN)
        await whispered(stage, UNKNOWN)
    assert len(stage.model.requests) == 1


async def test_forged_presses(stage: Stage) -> None:
    """Presses that no button of ours sends, or for another thread, are acknowledged and no more."""
    async with stage.playing():
        root = await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
        other = await stage.verify_dialog([(f"{stage.bot.mention} hi", "Hi")])
        (answer,) = stage.answers(root)
        forge = stage.workspace.forge_click
        await forge(stage.ben, answer, "slackbot_format_disk")
        await forge(stage.ben, answer, FEEDBACK, "x" * 2_000)
        await forge(stage.ben, answer, FEEDBACK, "stop")
        await forge(stage.ben, answer, AGAIN, actions=[])
        await forge(stage.ben, answer, AGAIN, container=None)
        await forge(stage.ben, answer, AGAIN, container={"channel_id": 1, "message_ts": []})
        assert not stage.workspace.ephemerals
        elsewhere = {
            "type": "message",
            "channel_id": stage.general.id,
            "message_ts": answer.ts,
            "thread_ts": other.ts,
        }
        await forge(stage.ben, answer, AGAIN, container=elsewhere)
        await whispered(stage, UNKNOWN)
        await stage.all_acknowledged()
    assert len(stage.model.requests) == 2
