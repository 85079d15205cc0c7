"""Questions that events come too late or too early for, and that people want answered all the same.
All over the real wire.
"""

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.turns import transcript
from tests.harness import BotHarness


async def test_a_question_is_edited_before_the_next_is_deleted(harness: BotHarness) -> None:
    """The edited question is the last one again, and is answered again."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two").held(after=1), "Salut")
        later = await harness.mention("count", thread=root.ts)
        await harness.answered(root, "Ahoy", "one")
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} bonjour")
        await harness.all_acknowledged()
        await harness.workspace.delete(harness.ana, later)
        await harness.answered(root, "Salut")
        await harness.service.bot.idle()
    assert [content for *_, content in harness.history()] == ["bonjour"]


async def test_a_question_is_edited_while_the_next_is_answered(harness: BotHarness) -> None:
    """The next answer makes it an earlier question, whose answer stays as it is."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two").held(after=1))
        await harness.mention("count", thread=root.ts)
        await harness.answered(root, "Ahoy", "one")
        await harness.workspace.edit(harness.ana, root, f"{harness.bot.mention} bonjour")
        await harness.all_acknowledged()
        harness.model.release()
        await harness.answered(root, "Ahoy", "one two")
        await harness.service.bot.idle()
    assert len(harness.model.requests) == 2


@pytest.mark.parametrize("is_edited", [False, True])
async def test_a_question_that_was_read_is_delivered(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, *, is_edited: bool
) -> None:
    """Slack delivers a question, and its edit, so late that the bot has read it in the thread of a
    later one.
    """
    monkeypatch.setattr(transcript, "REORDERING_SECONDS", 0.0)
    harness.model.enqueue("B.", "A.")
    async with harness.running(), harness.workspace.hold_events() as held:
        root = await harness.workspace.say(harness.ben, harness.general, "lunch?")
        early = await harness.mention("a?", thread=root.ts)
        if is_edited:
            await harness.workspace.edit(harness.ana, early, f"{harness.bot.mention} a!")
        late = list(held)
        await harness.mention("b?", thread=root.ts)
        for delivery in held[len(late) :]:
            await harness.workspace.release(delivery)
        await harness.answered(root, "B.")
        await harness.service.bot.idle()
        for delivery in [*late, *late]:
            await harness.workspace.deliver(delivery.event)
        await harness.answered(root, "B.", "A.")
        await harness.service.bot.idle()
    question = "a!" if is_edited else "a?"
    assert [content for *_, content in harness.history()] == ["lunch?", "b?", "B.", question]
    assert len(harness.model.requests) == 2


async def test_an_edit_of_what_was_read_asks_the_bot(harness: BotHarness) -> None:
    """A mention that is added to an earlier message is answered, also after others were."""
    root = await harness.said_before(harness.ben, "lunch?")
    harness.model.enqueue("B.", "A.")
    async with harness.running():
        await harness.mention("b?", thread=root.ts)
        await harness.answered(root, "B.")
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ben, root, "dinner?")
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ben, root, f"{harness.bot.mention} supper?")
        await harness.answered(root, "B.", "A.")
        await harness.service.bot.idle()
    assert [content for *_, content in harness.history()] == ["b?", "B.", "supper?"]
    assert len(harness.model.requests) == 2


async def test_the_first_version_of_a_remark_comes_again(harness: BotHarness) -> None:
    """An edit took the question to somebody else: its second delivery does not bring it back."""
    async with harness.running():
        root = await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("why?", thread=root.ts)
        first = harness.workspace.deliveries[-1]
        await harness.answered(root, "Ahoy", "one")
        await harness.workspace.edit(harness.ana, question, f"{harness.ben.mention} why?")
        await harness.answered(root, "Ahoy")
        await harness.service.bot.idle()
        await harness.workspace.redeliver(first)
        await harness.all_acknowledged()
        await harness.service.bot.idle()
        await harness.answered(root, "Ahoy")
    assert len(harness.model.requests) == 2
