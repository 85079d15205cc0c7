"""More questions than can be answered at once, over the real wire."""

import pytest

from slackbot.delivery.status import LATER, NEXT
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import Stage

STOPPED = "⚠️ _Stopped here._"
TWO = {"SLACKBOT_MAX_REPLIES": "2"}


async def told(stage: Stage, question: PostedMessage, sentence: str) -> None:
    """Until the question's thread says this."""
    thread = (question.channel, question.ts)
    await stage.workspace.until(lambda: stage.workspace.statuses.get(thread) == sentence)


async def test_those_who_wait_are_told_so(stage: Stage) -> None:
    """A question for which there is no slot yet says how many are before it, and is answered."""
    async with stage.playing(TWO):
        stage.model.answer = lambda _: says("one two").held(after=1)
        questions = [await stage.mention("count") for _ in range(4)]
        first, second, third, fourth = questions
        await stage.answered(first, "one")
        await told(stage, second, NEXT)  # half of the slots at most are one person's
        await told(stage, third, LATER.format(ahead=1))
        await told(stage, fourth, LATER.format(ahead=2))
        assert len(stage.model.requests) == 1
        for number, question in enumerate(questions, 1):
            await stage.answered(question, "one")
            stage.model.release()
            await stage.answered(question, "one two")
            assert len(stage.model.requests) >= number


async def test_stop_in_line(stage: Stage) -> None:
    """Who waits and presses Slack's own stop button is asked for nothing, and holds up nobody."""
    async with stage.playing(TWO, grace=0.0):
        stage.model.answer = lambda _: says("one two").held(after=1)
        first, second, third = [await stage.mention("count") for _ in range(3)]
        await stage.answered(first, "one")
        await told(stage, third, LATER.format(ahead=1))
        await stage.workspace.stop(stage.ana, stage.general, second.ts)
        await stage.answered(second, STOPPED)
        await stage.mention("and?", thread=second.ts)
        stage.model.release()
        await stage.answered(third, "one")
        stage.model.release()
        await stage.answered(second, STOPPED, "one")
    assert len(stage.model.requests) == 3


async def test_stop_of_a_regenerate_in_line(stage: Stage) -> None:
    """What is asked meanwhile in the thread comes first, and takes nothing from the stop."""
    async with stage.playing({"SLACKBOT_MAX_REPLIES": "1"}):
        stage.model.enqueue("Aye.", says("one two").held(after=1), "More.")
        first, _ = await stage.ask("won?")
        await stage.service.bot.idle()
        other = await stage.mention("count")
        await stage.answered(other, "one")
        await stage.press(stage.ana, first, "again")
        await stage.mention("and more?", thread=first.ts)
        await stage.all_acknowledged()
        await stage.workspace.stop(stage.ana, stage.general, first.ts)
        stage.model.release()
        await stage.workspace.until(
            lambda: any(each.shown == "More." for each in stage.answers(first))
        )
        await stage.service.bot.idle()
    assert len(stage.model.requests) == 3


@pytest.mark.parametrize("recorded", [True, False])
async def test_stop_under_what_an_earlier_run_left(stage: Stage, *, recorded: bool) -> None:
    """A message that waits to be finished has its Stop button still, and that works."""
    stage.model.answer = lambda _: says("one two three").paced(0.3).held(after=2)
    if not recorded:
        stage.workspace.faults.add("chat.postMessage", Fault.hang(30.0), times=2)
    async with stage.playing(grace=0.0):
        first, second = [await stage.mention("count") for _ in range(2)]
        for question in (first, second):
            await stage.answered(question, "one two" if recorded else "one")
    async with stage.playing(TWO):
        await told(stage, second, NEXT)
        await stage.press(stage.ben, second, "stop")
        await stage.answered(second, STOPPED)
        assert not stage.workspace.ephemerals
        await stage.model.until(lambda: stage.model.open_streams == 1)
        stage.model.release()
        await stage.answered(first, "one two three")
    assert len(stage.model.requests) == 3


async def test_nobody_starves(stage: Stage) -> None:
    """One person's many questions don't keep another's from being answered first."""
    async with stage.playing(TWO):
        stage.model.answer = lambda _: says("one two").held(after=1)
        anas = [await stage.mention("count") for _ in range(5)]
        bens = await stage.workspace.say(stage.ben, stage.general, f"{stage.bot.mention} and me?")
        await stage.answered(bens, "one")
        assert not any(stage.answers(question) for question in anas[1:])
        stage.model.answer = lambda _: "done"
        stage.model.release()
        for question in anas[1:]:
            await stage.answered(question, "done")


async def test_waiting_outlives_a_restart(stage: Stage) -> None:
    """Who waited when the bot was stopped is answered by the next run."""
    async with stage.playing({"SLACKBOT_MAX_REPLIES": "1"}, grace=0.0):
        stage.model.enqueue(says("one two").held(after=1), "two", "three")
        first = await stage.mention("a")
        await stage.answered(first, "one")
        second = await stage.mention("b")
        await told(stage, second, NEXT)
    async with stage.playing():
        await stage.answered(first, "two")
        await stage.answered(second, "three")
