"""A question that can't be read any more: its author is told, in the place of the answer."""

from pathlib import Path

import pytest

from slackbot.markdown.notes import with_notes
from slackbot.playground.fake_openai.script import says
from slackbot.turns.texts import LOST_HISTORY, LOST_QUESTION
from tests.harness import BotHarness, buttons
from tests.store.rows import file_of, rows, sql

LOST = with_notes("", LOST_QUESTION)

UPDATE = "UPDATE store SET value = {} WHERE key LIKE ?"
EDIT = {"SLACKBOT_STREAMING": "edit"}
NO_JSON = "'no JSON'"
OTHER_VERSION = """replace(CAST(value AS TEXT), '"v":5', '"v":4')"""
NEWER_VERSION = """replace(CAST(value AS TEXT), '"v":5', '"v":6')"""


def path(harness: BotHarness) -> Path:
    return file_of(harness.environment["DATABASE_URL"])


def damage(harness: BotHarness, kind: str, value: str = NO_JSON) -> None:
    """All rows of a kind."""
    sql(path(harness), UPDATE.format(value), f"{kind}/%")


@pytest.mark.parametrize("value", [NO_JSON, OTHER_VERSION, NEWER_VERSION])
async def test_a_growing_answer_says_that_its_question_is_lost(
    harness: BotHarness, value: str
) -> None:
    """The message that grew when the process ended keeps no Stop button, and is told in place.

    A stream can't be told from what tools post, without its text: Slack ends it in five minutes.
    """
    harness.model.enqueue(says("one two").held(after=1))
    async with harness.running(EDIT, grace=0.0):
        question = await harness.mention("count")
        await harness.answered(question, "one")
    damage(harness, "open", value)
    async with harness.running(EDIT):
        (answer,) = await harness.answered(question, LOST)
        assert "stop" not in buttons(answer)
        await harness.service.bot.idle()
        assert not any(key.startswith(("open/", "lost/")) for key in rows(path(harness)))
        harness.model.enqueue("one two three")
        await harness.mention("count", thread=question.ts)
        await harness.answered(question, LOST, "one two three")
    async with harness.running():
        await harness.service.bot.idle()
        await harness.answered(question, LOST, "one two three")


@pytest.mark.parametrize("value", [NO_JSON, OTHER_VERSION])
async def test_an_event_that_is_lost(harness: BotHarness, value: str) -> None:
    """A message that was acknowledged, and not looked at before the process ended."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two").held(after=1))
        second = await harness.mention("count")
        await harness.answered(second, "one")
        harness.model.release()
        await harness.service.bot.idle()
    key = f"inbox/{harness.workspace.team.team_id}/{harness.general.id}/{root.ts}/000000000099"
    statement = "INSERT INTO store SELECT ?, value FROM store WHERE key LIKE 'meta/inbox/%'"
    sql(path(harness), statement, f"{key}/message/1800000000.000100")
    damage(harness, "inbox", value)
    async with harness.running():
        await harness.answered(root, "Ahoy", LOST)


async def test_an_answer_that_was_written_again(harness: BotHarness) -> None:
    """Its conversation can't be read after a restart: the answer does not stay unfinished."""
    async with harness.running(grace=0.0):
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two").held(after=1))
        await harness.press(harness.ana, root, "again")
        await harness.answered(root, "one")
    damage(harness, "header")
    async with harness.running():
        (answer,) = await harness.answered(root, LOST)
        assert "stop" not in buttons(answer)


@pytest.mark.parametrize("kind", ["header", "turn"])
async def test_what_was_said_before_is_lost(harness: BotHarness, kind: str) -> None:
    """It is read in Slack, and the next answer says so, once."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    damage(harness, kind, OTHER_VERSION)
    async with harness.running():
        harness.model.enqueue("Who?", "Aye")
        await harness.mention("and you?", thread=root.ts)
        await harness.workspace.until(lambda: len(harness.answers(root)) == 2)
        answer = await harness.finished(root)
        assert answer.shown.startswith("Who?")
        assert LOST_HISTORY in answer.shown
        assert ("assistant", "", "Ahoy") in harness.history()
        await harness.mention("again?", thread=root.ts)
        await harness.workspace.until(lambda: len(harness.answers(root)) == 3)
        assert (await harness.finished(root)).shown == "Aye"


async def test_the_question_of_a_lost_message_may_be_edited(harness: BotHarness) -> None:
    """Then it is answered, in the message that grew."""
    harness.model.enqueue(says("one two").held(after=1))
    async with harness.running(EDIT, grace=0.0):
        question = await harness.mention("count")
        await harness.answered(question, "one")
    damage(harness, "open")
    async with harness.running():
        await harness.answered(question, LOST)
        harness.model.enqueue("four")
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} count on")
        await harness.workspace.until(lambda: "four" in harness.answers(question)[-1].shown)
