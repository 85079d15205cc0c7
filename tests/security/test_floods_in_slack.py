"""Somebody who edits, deletes, presses and asks without a pause: what it costs is limited."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

from slackbot.playground.fake_openai.script import says
from slackbot.slack.buttons import PREFIX
from tests.harness import BotHarness, Request, buttons

MANY = 10
FEW = 4
"""Requests: the first, that of the first change, that of all others, and one that was under way."""


async def reacted(harness: BotHarness) -> None:
    """Until the model is asked once more, if that comes at once."""
    asked = len(harness.model.requests)
    with suppress(TimeoutError):
        await harness.model.until(lambda: len(harness.model.requests) > asked, timeout=0.1)


async def test_edits_while_a_question_is_answered(harness: BotHarness) -> None:
    """Ten edits in a second are not ten requests, and the last version is answered."""
    harness.model.answer = lambda request: (
        says("the last one")
        if str(MANY) in request["messages"][-1]["content"]
        else says("one two").held(after=1)
    )
    async with harness.running():
        question = await harness.mention("number 0")
        await harness.answered(question, "one")
        for number in range(1, MANY + 1):
            await harness.workspace.edit(
                harness.ana, question, f"{harness.bot.mention} number {number}"
            )
            await reacted(harness)
        await harness.answered(question, "the last one")
        await harness.service.bot.idle()
    assert len(harness.model.requests) <= FEW


async def test_edits_of_an_answered_question(harness: BotHarness) -> None:
    """Answers that are quick to write are not written again for each edit either."""
    harness.model.answer = lambda request: f"To {request['messages'][-1]['content']}"
    async with harness.running():
        question = await harness.mention("number 0")
        await harness.answered(question, "To number 0")
        for number in range(1, MANY + 1):
            await harness.workspace.edit(
                harness.ana, question, f"{harness.bot.mention} number {number}"
            )
            await reacted(harness)
        await harness.answered(question, f"To number {MANY}")
        await harness.service.bot.idle()
    assert len(harness.model.requests) <= FEW


async def test_stop_while_a_question_waits(harness: BotHarness) -> None:
    """A question that waits because it was edited so often can be stopped, and is asked no more."""
    harness.model.answer = lambda _: says("one two").held(after=1)
    async with harness.running():
        question = await harness.mention("number 0")
        await harness.answered(question, "one")
        for number in range(1, 4):
            await harness.workspace.edit(
                harness.ana, question, f"{harness.bot.mention} number {number}"
            )
            await reacted(harness)
        asked = len(harness.model.requests)
        await harness.slacks_stop(harness.ana, question)
        await harness.finished(question)
        await harness.service.bot.idle()
    assert len(harness.model.requests) <= asked + 1


async def test_questions_that_are_deleted_again(harness: BotHarness) -> None:
    """Who asks and deletes in a thread without a pause does not start an answer each time."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.answer = lambda _: says("one two").held(after=1)
        for number in range(MANY):
            message = await harness.mention(f"number {number}", thread=root.ts)
            await reacted(harness)
            await harness.workspace.delete(harness.ana, message)
            await harness.all_received()
        harness.model.answer = lambda _: "At last"
        await harness.mention("and now?", thread=root.ts)
        await harness.answered(root, "Ahoy", "At last")
        await harness.service.bot.idle()
    assert len(harness.model.requests) <= 1 + FEW


async def test_questions_of_their_own_that_are_deleted_again(harness: BotHarness) -> None:
    """The same for questions that begin a thread each, and Ben does not wait for it."""
    async with harness.running():
        harness.model.answer = lambda _: says("one two").held(after=1)
        for number in range(MANY):
            message = await harness.mention(f"number {number}")
            await reacted(harness)
            await harness.workspace.delete(harness.ana, message)
            await harness.all_received()
        asked = len(harness.model.requests)
        harness.model.answer = lambda _: "Ahoy"
        hello = await harness.workspace.say(
            harness.ben, harness.general, f"{harness.bot.mention} hello"
        )
        await harness.answered(hello, "Ahoy")
        await harness.answered(await harness.mention("and now?"), "Ahoy")
        await harness.service.bot.idle()
    assert asked <= FEW


async def test_stop_that_is_pressed_again_and_again(harness: BotHarness) -> None:
    """One private notice says that there is nothing to stop, and not one for each press."""
    async with harness.running({"SLACKBOT_STREAMING": "edit"}):
        harness.model.answer = lambda _: says("one two").held(after=1)
        question = await harness.mention("hello?")
        await harness.workspace.until(lambda: harness.can_stop(question))
        answer = harness.answers(question)[0]
        growing = replace(answer, versions=[answer.versions[-1]])  # as people still see it
        for _ in range(MANY):
            await harness.workspace.click(harness.ana, growing, f"{PREFIX}stop")
        await harness.workspace.click(harness.ben, growing, f"{PREFIX}stop")
        await harness.finished(question)
        await harness.settled()
        await harness.workspace.until(lambda: told(harness) >= {harness.ana.id, harness.ben.id})
    assert len(harness.workspace.ephemerals) == 2


def told(harness: BotHarness) -> set[str]:
    """Who was told something in private."""
    return {each.user for each in harness.workspace.ephemerals}


async def test_regenerate(harness: BotHarness) -> None:
    """Ten presses write the answer again a few times at most."""
    async with harness.running():
        harness.model.answer = lambda _: "Again"
        question, _ = await harness.ask("hello?")
        answer = harness.answers(question)[0]
        asked = len(harness.model.requests)
        for _ in range(MANY):
            await harness.workspace.click(harness.ana, answer, f"{PREFIX}again")
            await reacted(harness)
        await harness.service.bot.idle()
        await harness.workspace.until(lambda: "again" in buttons(answer))
    assert len(harness.model.requests) - asked <= FEW


async def test_others_do_not_wait_for_somebody_who_edits(harness: BotHarness) -> None:
    """A question that is edited without end is paused, and others in its thread are answered."""
    harness.model.answer = lambda request: (
        says("one two").held(after=1) if "number" in last_said(request) else "To Ben"
    )
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        question = await harness.mention("number 0", thread=root.ts)
        for number in range(1, FEW):
            await harness.model.until(partial(is_asked, harness, f"number {number - 1}"))
            await harness.workspace.edit(
                harness.ana, question, f"{harness.bot.mention} number {number}"
            )
        await harness.workspace.say(
            harness.ben, harness.general, f"{harness.bot.mention} and me?", thread=root.ts
        )
        await harness.model.until(lambda: len(harness.model.requests) > FEW)
        assert "and me?" in newest(harness)
        harness.model.answer = lambda _: "To Ana"
        await harness.workspace.until(
            lambda: {"To Ana", "To Ben"} <= {each.shown for each in harness.answers(root)}
        )
        await harness.service.bot.idle()


def last_said(request: Request) -> str:
    return str(request["messages"][-1]["content"])


def is_asked(harness: BotHarness, text: str) -> bool:
    return text in newest(harness)


def newest(harness: BotHarness) -> str:
    """What the model was asked last."""
    return last_said(harness.model.requests[-1])
