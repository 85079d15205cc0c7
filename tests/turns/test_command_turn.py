"""Commands in a thread, and questions that become commands."""

import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, echo

SHOW = "instructions show"


@pytest.fixture
def harness(harness: BotHarness) -> BotHarness:
    harness.model.answer = echo
    return harness


def said(harness: BotHarness) -> list[str]:
    """Returns the messages of the last request after the developer message."""
    return [content for *_, content in harness.history()]


async def edit(harness: BotHarness, message: PostedMessage, text: str) -> None:
    """Ana edits what she said to the bot."""
    await harness.workspace.edit(harness.ana, message, f"{harness.bot.mention} {text}")


async def begin(harness: BotHarness) -> PostedMessage:
    """Ana's question whose answer stands still until the model is released."""
    harness.model.enqueue(says("one two.").held(after=1))
    root = await harness.mention("count")
    await harness.answered(root, "one")
    return root


async def test_the_first_of_two_waiting_questions_becomes_a_command(harness: BotHarness) -> None:
    """The command is carried out, and the other question that waits is answered."""
    async with harness.running():
        root = await begin(harness)
        first = await harness.mention("a", thread=root.ts)
        await harness.mention("b", thread=root.ts)
        await edit(harness, first, SHOW)
        harness.model.release()
        await harness.answered(root, "one two.", "To: b.")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert said(harness) == ["count", "one two.", "b"]


async def test_the_first_of_two_questions_becomes_a_command_while_they_are_answered(
    harness: BotHarness,
) -> None:
    """The command is carried out, and the other question is answered although its answer had begun
    to be written together with the first one's.
    """
    async with harness.running():
        root = await begin(harness)
        first = await harness.mention("a", thread=root.ts)
        await harness.mention("b", thread=root.ts)
        harness.model.enqueue(says("both now.").held(after=1))
        harness.model.release()
        await harness.answered(root, "one two.", "both")
        await edit(harness, first, SHOW)
        await harness.answered(root, "one two.", "To: b.")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
    assert said(harness) == ["count", "one two.", "b"]


async def test_a_waiting_command_becomes_a_question(harness: BotHarness) -> None:
    """A command that is edited into a question while it waits is answered, and not carried out."""
    async with harness.running():
        root = await begin(harness)
        command = await harness.mention(SHOW, thread=root.ts)
        await edit(harness, command, "a")
        harness.model.release()
        await harness.answered(root, "one two.", "To: a.")
    assert not harness.workspace.ephemerals


@pytest.mark.parametrize("in_thread", [True, False])
async def test_a_command_becomes_a_question(harness: BotHarness, *, in_thread: bool) -> None:
    """A command that was carried out is answered once it is edited into a question."""
    async with harness.running():
        root = await harness.mention("hello") if in_thread else None
        if root is not None:
            await harness.answered(root, "To: hello.")
        command = await harness.mention(SHOW, thread=root.ts if root else None)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
        await edit(harness, command, "a")
        await harness.answered(command, *["To: hello."] * in_thread, "To: a.")
    assert len(harness.workspace.ephemerals) == 1
