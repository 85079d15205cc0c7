"""Edits in a thread while an answer is being written, of messages that it does not answer."""

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.members import Person
from tests.harness import BotHarness


@pytest.fixture
def clock(harness: BotHarness) -> Person:
    """The bot of another app."""
    return harness.workspace.add_person("clock", bot=True)


async def test_a_progress_bar_in_the_thread(harness: BotHarness, clock: Person) -> None:
    """A bot that edits its message again and again does not interrupt the answer to a person, and
    the next answer knows the last version.
    """
    workspace, general, model = harness.workspace, harness.general, harness.model
    async with harness.running():
        model.enqueue(says("Ahoy").held(after=0), says("Half way").held(after=1), "Done.")
        question = await harness.mention("hi")
        await model.until(lambda: len(model.streams) == 1)
        bar = await workspace.say(clock, general, "build at 1%", thread=question.ts)
        await workspace.say(harness.ana, general, "well?", thread=question.ts)
        await harness.all_acknowledged()
        model.release()
        await model.until(lambda: len(model.streams) == 2)
        for percent in (2, 3, 4):
            await workspace.edit(clock, bar, f"build at {percent}%")
        await harness.all_received()
        model.release()
        await harness.answered(question, "Ahoy", "Half way")
        assert len(model.requests) == 2
        await workspace.say(harness.ana, general, "and now?", thread=question.ts)
        await harness.answered(question, "Ahoy", "Half way", "Done.")
    assert "build at 4%" in str(model.requests[-1]["messages"])


@pytest.mark.parametrize("by_bot", [False, True])
async def test_an_earlier_message_that_is_edited_meanwhile(
    harness: BotHarness, clock: Person, *, by_bot: bool
) -> None:
    """An edit of what was said before the bot came is no question, also while the first answer is
    being written. The next answer knows it.
    """
    workspace, model = harness.workspace, harness.model
    author = clock if by_bot else harness.ben
    root = await harness.said_before(author, "FIRING")
    remark = await harness.said_before(author, "oh dear", thread=root.ts)
    async with harness.running():
        model.enqueue(says("Aye.").held(after=0), "And that is all.", "No more.")
        await harness.mention("look", thread=root.ts)
        await model.until(lambda: len(model.streams) == 1)
        await workspace.edit(author, root, "RESOLVED")
        await workspace.edit(author, remark, "oh well")
        await harness.all_received()
        model.release()
        await harness.answered(root, "Aye.")
        await harness.service.bot.idle()
        await harness.answered(root, "Aye.")
        await workspace.say(harness.ana, harness.general, "and?", thread=root.ts)
        await harness.answered(root, "Aye.", "And that is all.")
    assert [each[2] for each in harness.history()] == [
        *("RESOLVED", "oh well", "look", "Aye.", "and?")
    ]
