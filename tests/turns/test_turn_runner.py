"""More questions than can be answered at once, over the real wire."""

import pytest

from slackbot.delivery.texts import NEXT_STATUS, QUEUED_STATUS
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, echo

STOPPED = "⚠️ _Stopped here._"
TWO = {"SLACKBOT_MAX_REPLIES": "2"}


async def told(harness: BotHarness, question: PostedMessage, sentence: str) -> None:
    """Until the question's thread says this."""
    thread = (question.channel, question.ts)
    await harness.workspace.until(lambda: harness.workspace.statuses.get(thread) == sentence)


async def test_those_who_wait_are_told_so(harness: BotHarness) -> None:
    """A question for which there is no slot yet says how many are before it, and is answered."""
    async with harness.running(TWO):
        harness.model.answer = lambda _: says("one two").held(after=1)
        questions = [await harness.mention("count") for _ in range(4)]
        first, second, third, fourth = questions
        await harness.answered(first, "one")
        await told(harness, second, NEXT_STATUS)  # half of the slots at most are one person's
        await told(harness, third, QUEUED_STATUS.format(ahead=1))
        await told(harness, fourth, QUEUED_STATUS.format(ahead=2))
        assert len(harness.model.requests) == 1
        for number, question in enumerate(questions, 1):
            await harness.answered(question, "one")
            harness.model.release()
            await harness.answered(question, "one two")
            assert len(harness.model.requests) >= number


async def test_stop_in_line(harness: BotHarness) -> None:
    """A waiting person who presses Slack's own stop button delays nobody, and costs no request."""
    async with harness.running(TWO, grace=0.0):
        harness.model.answer = lambda _: says("one two").held(after=1)
        first, second, third = [await harness.mention("count") for _ in range(3)]
        await harness.answered(first, "one")
        await told(harness, third, QUEUED_STATUS.format(ahead=1))
        await harness.slacks_stop(harness.ana, second)
        await harness.answered(second, STOPPED)
        await harness.mention("and?", thread=second.ts)
        harness.model.release()
        await harness.answered(third, "one")
        harness.model.release()
        await harness.answered(second, STOPPED, "one")
    assert len(harness.model.requests) == 3


async def test_stop_of_a_regenerate_in_line(harness: BotHarness) -> None:
    """Later questions in the thread come first, and the stop still counts."""
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        harness.model.enqueue("Aye.", says("one two").held(after=1), "More.")
        first, _ = await harness.ask("won?")
        await harness.service.bot.idle()
        other = await harness.mention("count")
        await harness.answered(other, "one")
        await harness.press(harness.ana, first, "again")
        await harness.mention("and more?", thread=first.ts)
        await harness.all_acknowledged()
        await told(harness, first, NEXT_STATUS)
        harness.workspace.statuses.clear()
        await harness.slacks_stop(harness.ana, first)
        await told(harness, first, NEXT_STATUS)  # of the question that comes first now
        harness.model.release()
        await harness.workspace.until(
            lambda: any(each.shown == "More." for each in harness.answers(first))
        )
        await harness.service.bot.idle()
    assert len(harness.model.requests) == 3


@pytest.mark.parametrize(
    ("streaming", "recorded"), [("edit", True), ("edit", False), ("native", True)]
)
async def test_stop_under_what_an_earlier_run_left(
    harness: BotHarness, streaming: str, *, recorded: bool
) -> None:
    """A message that waits to be finished can still be stopped."""
    harness.model.answer = lambda _: says("one two three").paced(0.3).held(after=2)
    if not recorded:
        harness.workspace.faults.add("chat.postMessage", Fault.hang(30.0), times=2)
    async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
        first, second = [await harness.mention("count") for _ in range(2)]
        for question in (first, second):
            await harness.answered(question, "one two" if recorded else "one")
    async with harness.running(TWO):
        await told(harness, second, NEXT_STATUS)
        await harness.stop(harness.ben, second)
        await harness.answered(second, STOPPED)
        assert not harness.workspace.ephemerals
        await harness.model.until(lambda: harness.model.open_streams == 1)
        harness.model.release()
        await harness.answered(first, "one two three")
    assert len(harness.model.requests) == 3


async def test_nobody_starves(harness: BotHarness) -> None:
    """One person's many questions don't keep another's from being answered first."""
    async with harness.running(TWO):
        harness.model.answer = lambda _: says("one two").held(after=1)
        anas = [await harness.mention("count") for _ in range(5)]
        bens = await harness.workspace.say(
            harness.ben, harness.general, f"{harness.bot.mention} and me?"
        )
        await harness.answered(bens, "one")
        assert not any(harness.answers(question) for question in anas[1:])
        harness.model.answer = lambda _: "done"
        harness.model.release()
        for question in anas[1:]:
            await harness.answered(question, "done")


async def begun_by_another(harness: BotHarness) -> None:
    """Cara's answer stands still until the model is released."""
    cara = harness.workspace.add_person("Cara")
    harness.general.members.add(cara.id)
    harness.model.enqueue(says("one two").held(after=1))
    harness.model.answer = echo
    question = await harness.workspace.say(cara, harness.general, f"{harness.bot.mention} count")
    await harness.answered(question, "one")


async def test_an_edit_in_line_keeps_ones_turn(harness: BotHarness) -> None:
    """Who edits a waiting question three times, and adds to it, is answered before what others
    asked after it.
    """
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        await begun_by_another(harness)
        anas = await harness.mention("a?")
        await told(harness, anas, NEXT_STATUS)
        mention = harness.bot.mention
        bens = [
            await harness.workspace.say(harness.ben, harness.general, f"{mention} b{number}?")
            for number in range(3)
        ]
        for ahead, question in enumerate(bens, 1):
            await told(harness, question, QUEUED_STATUS.format(ahead=ahead))
        for number in range(3):
            await harness.workspace.edit(harness.ana, anas, f"{mention} a{number}?")
            await harness.all_acknowledged()
        await harness.mention("and?", thread=anas.ts)
        await harness.workspace.edit(harness.ana, anas, f"{mention} a!")
        await harness.all_acknowledged()
        harness.model.release()
        await harness.answered(anas, "To: a! + and?.")
        for number, question in enumerate(bens):
            await harness.answered(question, f"To: b{number}?.")
    asked = [request["messages"][-1]["content"] for request in harness.model.requests]
    assert asked == ["count", "and?", "b0?", "b1?", "b2?"]


async def test_a_deleted_question_leaves_the_line(harness: BotHarness) -> None:
    """Who deletes a waiting question asks the next one as if it had never been asked."""
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        await begun_by_another(harness)
        gone, anas = [await harness.mention(text) for text in ("oh", "a?")]
        await told(harness, gone, NEXT_STATUS)
        await told(harness, anas, QUEUED_STATUS.format(ahead=1))
        await harness.workspace.delete(harness.ana, gone)
        await harness.all_acknowledged()
        bens = [
            await harness.workspace.say(harness.ben, harness.general, f"{harness.bot.mention} {b}")
            for b in ("b0?", "b1?")
        ]
        await told(harness, bens[1], QUEUED_STATUS.format(ahead=2))
        harness.model.release()
        for question in (anas, *bens):
            await harness.finished(question)
    asked = [request["messages"][-1]["content"] for request in harness.model.requests]
    assert asked == ["count", "a?", "b0?", "b1?"]


async def test_waiting_outlives_a_restart(harness: BotHarness) -> None:
    """People who waited when the process ended are answered by the next one."""
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}, grace=0.0):
        harness.model.enqueue(says("one two").held(after=1), "two", "three")
        first = await harness.mention("a")
        await harness.answered(first, "one")
        second = await harness.mention("b")
        await told(harness, second, NEXT_STATUS)
    async with harness.running():
        await harness.answered(first, "two")
        await harness.answered(second, "three")
