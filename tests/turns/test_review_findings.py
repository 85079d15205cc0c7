"""Sequences that a review found to lose an answer, or to give it another person's rights."""

import pytest

from slackbot.errors import UNEXPECTED
from slackbot.playground.fake_openai.script import says
from slackbot.turns.texts import SWITCHED_OFF
from tests.harness import BotHarness, buttons, echo


async def test_a_remark_that_becomes_a_question(harness: BotHarness) -> None:
    """A remark in another person's turn that is edited into a question is answered by itself."""
    harness.model.answer = echo
    async with harness.running():
        harness.model.enqueue(says("one two").held(after=1))
        root = await harness.mention("first")
        await harness.model.until(lambda: harness.model.open_streams == 1)
        remark = await harness.workspace.say(
            harness.ben, harness.general, f"{harness.ana.mention} lunch?", thread=root.ts
        )
        await harness.mention("second", thread=root.ts)
        harness.model.release()
        await harness.answered(root, "one two", "To: @Ana lunch? + second.")
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ben, remark, f"{harness.bot.mention} mine")
        await harness.answered(root, "one two", "To: @Ana lunch? + second.", "To: mine.")
    assert harness.history()[-1] == ("user", "Ben", "mine")
    assert ("user", "Ben", "@Ana lunch?") not in harness.history()


async def test_an_apology_that_was_deleted(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question is answered also if somebody deleted what an earlier attempt left there."""
    root = await harness.said_before(harness.ben, "before")
    harness.break_library(monkeypatch)
    async with harness.running():
        await harness.mention("hello", thread=root.ts)
        await harness.workspace.until(
            lambda: harness.answers(root) and UNEXPECTED in harness.answers(root)[0].shown
        )
        await harness.service.bot.idle()
        await harness.workspace.delete(harness.bot, harness.answers(root)[0])
        await harness.service.bot.idle()
        harness.model.enqueue("Ahoy")
        await harness.mention("and now?", thread=root.ts)
        await harness.service.bot.idle()
        shown = [each.shown for each in harness.answers(root) if not each.deleted]
    assert shown == ["Ahoy"]


async def test_a_page_of_a_growing_answer_is_deleted(harness: BotHarness) -> None:
    """Who deletes a part of a growing answer is left with nothing of it, and no Stop button."""
    async with harness.running():
        long = " ".join(f"word{number}" for number in range(2_000))
        harness.model.enqueue(says(long).held(after=1_900))
        question = await harness.mention("tell me all")
        await harness.workspace.until(lambda: len(harness.answers(question)) > 1)
        await harness.workspace.delete(harness.bot, harness.answers(question)[0])
        await harness.service.bot.idle()
        left = [each for each in harness.answers(question) if not each.deleted]
    assert [buttons(each) for each in left] == []


async def test_a_stop_after_a_failure_stops_nothing_later(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack's stop button, pressed after a question has failed, does not stop its next try."""
    root = await harness.said_before(harness.ben, "before")
    harness.break_library(monkeypatch)
    async with harness.running():
        question = await harness.mention("hello", thread=root.ts)
        await harness.workspace.until(
            lambda: harness.answers(root) and UNEXPECTED in harness.answers(root)[0].shown
        )
        await harness.service.bot.idle()
        await harness.slacks_stop(harness.ana, root)
        await harness.service.bot.idle()
        harness.model.enqueue("Ahoy")
        await harness.press(harness.ana, question, "again")
        await harness.answered(root, "Ahoy")
    assert SWITCHED_OFF not in str(harness.workspace.ephemerals)


async def test_a_new_question_leaves_a_failed_one_alone(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is tried again when somebody asks for that, not with the next question."""
    root = await harness.said_before(harness.ben, "before")
    harness.break_library(monkeypatch)
    async with harness.running():
        await harness.mention("hello", thread=root.ts)
        await harness.workspace.until(
            lambda: harness.answers(root) and UNEXPECTED in harness.answers(root)[0].shown
        )
        await harness.service.bot.idle()
        harness.model.enqueue("Ahoy")
        await harness.mention("and now?", thread=root.ts)
        await harness.service.bot.idle()
        first, second = [each.shown for each in harness.answers(root)]
    assert UNEXPECTED in first
    assert second == "Ahoy"
