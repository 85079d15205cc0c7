"""A stop ends the answer that is meant, and takes nobody else's along."""

from functools import partial

import pytest

from slackbot.delivery.texts import NEXT_STATUS
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.buttons import FEEDBACK, STOP
from slackbot.turns import turn_runner
from slackbot.turns.restart_pacer import RestartPacer
from tests.harness import BotHarness, buttons, echo

STOPPED = "⚠️ _Stopped here._"


@pytest.fixture
def harness(harness: BotHarness) -> BotHarness:
    harness.model.answer = echo
    return harness


async def both_wait(harness: BotHarness) -> PostedMessage:
    """Ana's first question is being answered; then Ana and Ben each ask another one."""
    harness.model.enqueue(says("one two.").held(after=1), says("three four.").held(after=1))
    root = await harness.mention("count")
    await harness.answered(root, "one")
    await harness.workspace.say(harness.ana, harness.general, "a?", thread=root.ts)
    await harness.workspace.say(harness.ben, harness.general, "b?", thread=root.ts)
    return root


@pytest.mark.parametrize("how", ["button", "slack"])
async def test_a_stop_while_another_persons_question_waits(harness: BotHarness, how: str) -> None:
    """One person's stop ends that person's answer; the other's question is answered."""
    async with harness.running():
        root = await both_wait(harness)
        harness.model.release()
        await harness.answered(root, "one two.", "three")
        if how == "button":
            await harness.stop(harness.ana, root)
        else:
            await harness.slacks_stop(harness.ana, root)
        await harness.answered(root, "one two.", f"three\n\n{STOPPED}", "To: b?.")
    assert [content for *_, content in harness.history()][-2:] == ["three", "b?"]
    assert len(harness.model.requests) == 3


async def test_a_stop_in_line_while_another_persons_question_waits(harness: BotHarness) -> None:
    """One person's stop ends that person's question that has no slot yet; the other's question is
    answered.
    """
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        harness.model.enqueue(says("one two.").held(after=1), "B.")
        elsewhere = await harness.mention("count")
        await harness.answered(elsewhere, "one")
        root = await harness.mention("a?")
        await harness.workspace.until(
            lambda: harness.workspace.statuses.get((root.channel, root.ts)) == NEXT_STATUS
        )
        await harness.workspace.say(harness.ben, harness.general, "b?", thread=root.ts)
        await harness.slacks_stop(harness.ana, root)
        await harness.answered(root, STOPPED)
        harness.model.release()
        await harness.answered(root, STOPPED, "B.")
    assert [request["messages"][-1]["content"] for request in harness.model.requests] == [
        "count",
        "b?",
    ]


async def test_two_in_line_and_one_stop(harness: BotHarness) -> None:
    """The same where both questions wait for one slot since a time before the stop: only the
    question of the person who presses Slack's own stop button goes without an answer.
    """
    async with harness.running({"SLACKBOT_MAX_REPLIES": "1"}):
        held = (says(text).held(after=1) for text in ("one two.", "three four."))
        harness.model.enqueue(*held, "B.")
        root = await harness.mention("count")
        await harness.answered(root, "one")
        elsewhere = await harness.workspace.say(
            harness.ben, harness.general, f"{harness.bot.mention} count on"
        )
        await harness.workspace.until(
            lambda: harness.workspace.statuses.get((elsewhere.channel, elsewhere.ts)) == NEXT_STATUS
        )
        await harness.workspace.say(harness.ana, harness.general, "a?", thread=root.ts)
        await harness.workspace.say(harness.ben, harness.general, "b?", thread=root.ts)
        harness.model.release()
        await harness.answered(elsewhere, "three")
        await harness.workspace.until(
            lambda: harness.workspace.statuses.get((root.channel, root.ts)) == NEXT_STATUS
        )
        await harness.slacks_stop(harness.ana, root)
        await harness.answered(root, "one two.", STOPPED)
        harness.model.release()
        await harness.answered(root, "one two.", STOPPED, "B.")


@pytest.mark.parametrize("how", ["button", "slack"])
async def test_a_stop_of_the_first_answer(harness: BotHarness, how: str) -> None:
    """A stop ends the answer that is being written; what waits behind it is answered in turn."""
    async with harness.running():
        harness.model.enqueue(says("one two.").held(after=1))
        root = await harness.mention("count")
        await harness.answered(root, "one")
        await harness.workspace.say(harness.ana, harness.general, "a?", thread=root.ts)
        await harness.workspace.say(harness.ben, harness.general, "b?", thread=root.ts)
        if how == "button":
            await harness.stop(harness.ben, root)
        else:
            await harness.slacks_stop(harness.ben, root)
        answers = await harness.answered(root, f"one\n\n{STOPPED}", "To: a?.", "To: b?.")
        await harness.service.bot.idle()
        assert not any("stop" in buttons(each) for each in answers)


async def paused(harness: BotHarness) -> PostedMessage:
    """Ana's question, which waits with an unfinished answer, as she has edited it twice."""
    harness.model.answer = lambda _: says("one two.").held(after=1)
    root = await harness.mention("a?")
    await harness.answered(root, "one")
    await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} aa?")
    await harness.model.until(lambda: len(harness.model.requests) == 2)
    await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} aaa?")
    return root


async def test_a_stop_of_an_answer_that_is_paused(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Stop button under an unfinished answer counts, also while somebody else is answered."""
    monkeypatch.setattr(turn_runner, "RestartPacer", partial(RestartPacer, (0.0, 60.0)))
    async with harness.running({"SLACKBOT_STREAMING": "edit"}):
        root = await paused(harness)
        await harness.workspace.say(
            harness.ben, harness.general, f"{harness.bot.mention} b?", thread=root.ts
        )
        await harness.answered(root, "one", "one")
        await harness.workspace.click(harness.ana, harness.answers(root)[0], STOP)
        harness.model.release()
        await harness.answered(root, STOPPED, "one two.")
        await harness.service.bot.idle()
        assert not harness.workspace.ephemerals
        assert not any("stop" in buttons(each) for each in harness.answers(root))
    assert len(harness.model.requests) == 3


async def test_a_stop_of_an_answer_to_be_written_again_later(harness: BotHarness) -> None:
    """The same for an answer that is written again, after a question that came meanwhile."""
    async with harness.running():
        harness.model.enqueue("Aye.", says("one two.").held(after=1))
        root, _ = await harness.ask("won?")
        await harness.press(harness.ana, root, "again")
        await harness.answered(root, "one")
        harness.model.enqueue(says("three four.").held(after=1))
        await harness.workspace.say(harness.ben, harness.general, "b?", thread=root.ts)
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} two?")
        await harness.answered(root, "one", "three")
        await harness.workspace.click(harness.ana, harness.answers(root)[0], STOP)
        harness.model.release()
        await harness.answered(root, STOPPED, "three four.")
        await harness.service.bot.idle()
        assert not harness.workspace.ephemerals
    assert len(harness.model.requests) == 3


async def test_a_stop_while_the_answer_begins_again(harness: BotHarness) -> None:
    """A question is edited, and its answer stopped before the edit has had its effect."""
    harness.workspace.faults.add("chat.update", Fault.delay())
    async with harness.running({"SLACKBOT_STREAMING": "edit"}):
        harness.model.enqueue(says("one two three").paced(0.05).held(after=2))
        root = await harness.mention("a?")
        await harness.workspace.until(lambda: harness.workspace.held_calls)
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} aa?")
        answer = harness.answers(root)[0]
        await harness.workspace.click(harness.ana, answer, STOP)
        await harness.workspace.forge_click(harness.ben, answer, FEEDBACK, "good")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)  # of what comes last
        harness.workspace.release_calls()
        await harness.answered(root, STOPPED)
        await harness.service.bot.idle()
    assert len(harness.model.requests) == 1
