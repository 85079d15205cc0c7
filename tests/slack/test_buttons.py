"""The buttons under a reply: Stop, Try again, Regenerate, thumbs. All over the real wire."""

import logging
from collections.abc import Sequence

import pytest

from slackbot.conversation.ids import TeamId
from slackbot.playground.fake_openai.script import fails, says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.buttons import FEEDBACK, PREFIX
from slackbot.store import open_store
from slackbot.turns.texts import ALREADY_FINISHED, THANKS, UNKNOWN_ANSWER
from tests.harness import BotHarness, buttons

STOP, AGAIN = f"{PREFIX}stop", f"{PREFIX}again"
STOPPED = "one\n\n⚠️ _Stopped here._"


async def whispered(harness: BotHarness, sentence: str) -> None:
    """Until somebody was told this, and nobody anything else."""
    await harness.workspace.until(
        lambda: [each.text for each in harness.workspace.ephemerals] == [sentence]
    )


async def shows(
    harness: BotHarness, question: PostedMessage, buttons_wanted: Sequence[str]
) -> None:
    await harness.workspace.until(
        lambda: (
            harness.answers(question)
            and list(buttons(harness.answers(question)[-1])) == [*buttons_wanted]
        )
    )


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_buttons_come_and_go(harness: BotHarness, streaming: str) -> None:
    """A growing answer can be stopped; a finished one has thumbs and Regenerate instead."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await harness.workspace.until(lambda: harness.can_stop(question))
        harness.model.release()
        await harness.answered(question, "one two")
        await shows(harness, question, ["feedback", "again"])
        assert not harness.can_stop(question)


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_only_the_last_message_has_buttons(harness: BotHarness, streaming: str) -> None:
    """Where an answer takes two messages, the first has no buttons once it is full."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("word " * 4_000 + "end").held(after=3_900))
        question = await harness.mention("write a lot")
        await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
        await harness.workspace.until(lambda: harness.can_stop(question))
        harness.model.release()
        await shows(harness, question, ["feedback", "again"])
        await harness.workspace.until(lambda: not buttons(harness.answers(question)[0]))


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_stop(harness: BotHarness, streaming: str) -> None:
    """Anyone may stop a reply: the model is left, what was written stays, marked as cut short."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1), "four")
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await harness.stop(harness.ben, question)
        await harness.model.until(lambda: harness.model.streams[0].cancelled)
        await harness.answered(question, STOPPED)
        await shows(harness, question, ["feedback", "again"])
        await harness.mention("go on", thread=question.ts)
        await harness.answered(question, STOPPED, "four")
    assert harness.history()[1] == ("assistant", "", "one")


async def test_stop_before_the_first_word(harness: BotHarness) -> None:
    """Where nothing was written yet the message says that it was stopped."""
    async with harness.running():
        harness.model.enqueue(says("one").held(after=0))
        question = await harness.mention("count")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        await harness.slacks_stop(harness.ana, question)
        await harness.answered(question, "⚠️ _Stopped here._")


async def test_a_stop_that_only_a_refused_call_tells_of(harness: BotHarness) -> None:
    """Where the event is missing, the refusal of the next piece ends the reply too."""
    async with harness.running({"SLACKBOT_STREAMING": "native"}):
        harness.model.enqueue(says("one two three four").held(after=2))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: harness.answers(question))
        harness.workspace.streams.stop_by_user(harness.answers(question)[0])
        harness.model.release()
        await harness.workspace.until(
            lambda: (
                "Stopped" in harness.answers(question)[0].shown
                or buttons(harness.answers(question)[0])
            )
        )
        await shows(harness, question, ["feedback", "again"])


async def test_stop_comes_too_late(harness: BotHarness) -> None:
    """Who presses Stop on an answer that has ended is told so."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        (answer,) = harness.answers(root)
        await harness.workspace.forge_click(harness.ben, answer, STOP)
        await whispered(harness, ALREADY_FINISHED)


async def test_try_again(harness: BotHarness) -> None:
    """A failed message carries a button that asks anew and writes into the same message."""
    async with harness.running():
        harness.model.enqueue(fails(401), "Now it works.")
        question = await harness.mention("hello")
        failed = await harness.press(harness.ben, question, "again")
        assert "API key" in failed.versions[0].shown
        (answer,) = await harness.answered(question, "Now it works.")
        assert answer.ts == failed.ts
        await shows(harness, question, ["feedback", "again"])
    assert harness.history() == [("user", "Ana", "hello")]


async def test_a_broken_answer_is_asked_for_once_more(harness: BotHarness) -> None:
    """An answer that breaks off in the middle is asked for again, and replaces what stood there."""
    async with harness.running():
        harness.model.enqueue(says("one two three four").dropped(after=3), "one two three!")
        question = await harness.mention("count")
        (answer,) = await harness.answered(question, "one two three!")
    assert len(harness.model.requests) == 2
    assert "⚠️" not in "".join(version.shown for version in answer.versions)


async def test_an_answer_that_breaks_twice(harness: BotHarness) -> None:
    """After a second break the message says so; the button begins from the start."""
    async with harness.running():
        broken = says("one two three four").dropped(after=3)
        harness.model.enqueue(broken, broken, "one two three four")
        question = await harness.mention("count")
        await shows(harness, question, ["again"])
        assert harness.answers(question)[0].shown.startswith("one two three\n\n⚠️")
        await harness.press(harness.ana, question, "again")
        await harness.answered(question, "one two three four")
    assert len(harness.model.requests) == 3


async def test_regenerate(harness: BotHarness) -> None:
    """A regenerated answer replaces the old one in its message and in the history."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("Avast ye").held(after=1), "Aye.")
        await harness.press(harness.ben, root, "again")
        await harness.answered(root, "Avast")
        harness.model.release()
        await harness.answered(root, "Avast ye")
        await shows(harness, root, ["feedback", "again"])
        assert harness.history() == [("user", "Ana", "hello")]
        await harness.mention("and now?", thread=root.ts)
        await harness.answered(root, "Avast ye", "Aye.")
    assert [content for *_, content in harness.history()] == ["hello", "Avast ye", "and now?"]


async def test_regenerate_an_earlier_answer(harness: BotHarness) -> None:
    """An earlier answer is written anew from what was said until then; later ones stay."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} a", "one"), ("b", "two")])
        harness.model.enqueue("ONE", "three")
        await harness.workspace.click(harness.ana, harness.answers(root)[0], AGAIN)
        await harness.answered(root, "ONE", "two")
        assert harness.history() == [("user", "Ana", "a")]
        await harness.mention("c", thread=root.ts)
        await harness.answered(root, "ONE", "two", "three")
    assert [content for *_, content in harness.history()] == ["a", "ONE", "b", "two", "c"]


async def test_regenerate_what_is_no_longer_sent(harness: BotHarness) -> None:
    """An answer that requests have left behind is written anew, also where the bot joined a thread
    of which it could only read the end; nothing of the history is lost by that.
    """
    root = await harness.said_before(harness.ben, "begin")
    for number in range(20):
        await harness.said_before(harness.ben, f"{number} " + "word " * 100, thread=root.ts)
    answers = [f"Answer {number}." for number in range(6)]
    async with harness.running({"OPENAI_CONTEXT_TOKENS": "2000"}):
        for number, answer in enumerate(answers):
            harness.model.enqueue(answer)
            await harness.mention(f"question {number} " + "word " * 250, thread=root.ts)
            await harness.answered(root, *answers[: number + 1])
            await harness.service.bot.idle()
        harness.model.enqueue("Anew.", "The last.")
        await harness.workspace.click(harness.ana, harness.answers(root)[0], AGAIN)
        await harness.answered(root, "Anew.", *answers[1:])
        assert harness.history()[-1][2].startswith("question 0 ")
        await harness.mention("and?", thread=root.ts)
        await harness.answered(root, "Anew.", *answers[1:], "The last.")
    assert "Answer 5." in [content for *_, content in harness.history()]


@pytest.mark.parametrize("fault", [None, Fault.reset_after(), Fault.reset_before()])
async def test_a_shorter_answer_takes_the_rest_of_a_longer_one_away(
    harness: BotHarness, fault: Fault | None
) -> None:
    """A regenerated answer needs fewer messages: the others go, and the history knows it, also
    when Slack tells of their deletion and not that it was us.
    """
    if fault is not None:
        harness.workspace.faults.add("chat.delete", fault)
    async with harness.running():
        harness.model.enqueue("word " * 4_000 + "end", "short")
        question = await harness.mention("write a lot")
        await harness.workspace.until(lambda: len(harness.answers(question)) == 2)
        await harness.press(harness.ana, question, "again")
        await harness.answered(question, "short")
        await harness.finished(question)
        harness.model.enqueue("fine")
        await harness.mention("thanks", thread=question.ts)
        await harness.answered(question, "short", "fine")
    assert [content for *_, content in harness.history()] == ["write a lot", "short", "thanks"]


async def test_regenerate_outlives_a_restart(harness: BotHarness) -> None:
    """A wish for another answer that a run did not come to is fulfilled by the next."""
    async with harness.running(grace=0.0):
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("Avast ye").held(after=1), "Avast ye!")
        await harness.press(harness.ben, root, "again")
        await harness.answered(root, "Avast")
    async with harness.running():
        await harness.answered(root, "Avast ye!")
        await harness.finished(root)
    async with harness.running():
        pass
    assert len(harness.model.requests) == 3


async def test_feedback(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    """A thumb is stored with the turn and counted, each person's last word; the person is thanked
    once, and the log says where it stands.
    """
    caplog.set_level(logging.INFO)
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        (answer,) = harness.answers(root)
        await harness.workspace.click(harness.ana, answer, FEEDBACK, "good")
        for verdict in ("good", "good", "bad"):
            await harness.workspace.click(harness.ben, answer, FEEDBACK, verdict)
        await harness.settled()
        await harness.workspace.until(lambda: len(harness.workspace.ephemerals) == 2)
        assert {each.text for each in harness.workspace.ephemerals} == {THANKS}
        assert {each.thread_ts for each in harness.workspace.ephemerals} == {root.ts}
    store = await open_store(harness.environment["DATABASE_URL"])
    counted = await store.feedback(TeamId(harness.workspace.team.team_id))
    await store.close()
    assert counted == {"good": 1, "bad": 1}
    assert "Answers rated so far: 1 good, 1 bad" in caplog.text


async def test_an_answer_of_another_time(harness: BotHarness) -> None:
    """Buttons under an answer that nothing is known of any more say so."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    url = harness.environment["DATABASE_URL"].replace("slackbot.db", "another.db")
    async with harness.running({"DATABASE_URL": url}):
        await harness.workspace.click(harness.ana, harness.answers(root)[0], AGAIN)
        await whispered(harness, UNKNOWN_ANSWER)
    assert len(harness.model.requests) == 1


async def test_forged_presses(harness: BotHarness) -> None:
    """Presses that no button of ours sends, or for another thread, are acknowledged and no more."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        other = await harness.verify_dialog([(f"{harness.bot.mention} hi", "Hi")])
        (answer,) = harness.answers(root)
        forge = harness.workspace.forge_click
        await forge(harness.ben, answer, "slackbot_format_disk")
        await forge(harness.ben, answer, FEEDBACK, "x" * 2_000)
        await forge(harness.ben, answer, FEEDBACK, "stop")
        await forge(harness.ben, answer, AGAIN, actions=[])
        await forge(harness.ben, answer, AGAIN, container=None)
        await forge(harness.ben, answer, AGAIN, container={"channel_id": 1, "message_ts": []})
        assert not harness.workspace.ephemerals
        elsewhere = {
            "type": "message",
            "channel_id": harness.general.id,
            "message_ts": answer.ts,
            "thread_ts": other.ts,
        }
        await forge(harness.ben, answer, AGAIN, container=elsewhere)
        await whispered(harness, UNKNOWN_ANSWER)
        await harness.all_acknowledged()
    assert len(harness.model.requests) == 2
