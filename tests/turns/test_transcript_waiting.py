"""The bot reads a thread for the first time while other questions in it still wait."""

import pytest

from slackbot.errors import UNEXPECTED
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.turns import transcript
from tests.harness import BotHarness, Request, buttons


@pytest.fixture(autouse=True)
def anything_was_said_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """No question is so new that Slack might still deliver it."""
    monkeypatch.setattr(transcript, "REORDERING_SECONDS", 0.0)


def echo(request: Request) -> str:
    return f"To: {request['messages'][-1]['content']}."


async def edit(harness: BotHarness, question: PostedMessage, text: str) -> None:
    await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} {text}")


async def ask_ben(harness: BotHarness, root: PostedMessage, text: str) -> None:
    """Ben asks in the thread, and is answered."""
    harness.model.answer = echo
    await harness.workspace.say(
        harness.ben, harness.general, f"{harness.bot.mention} {text}", thread=root.ts
    )
    await harness.workspace.until(
        lambda: any(each.shown == f"To: {text}." for each in harness.answers(root))
    )


async def verify_each_once(harness: BotHarness, root: PostedMessage, *said: str) -> None:
    """Both answers have ended, and the next request holds each question and each answer once."""
    await harness.service.bot.idle()
    assert [[*buttons(each)] for each in harness.answers(root)] == [["feedback", "again"]] * 2
    harness.model.enqueue("Aye.")
    await harness.mention("and?", thread=root.ts)
    await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Aye.")
    contents = [content for *_, content in harness.history()]
    assert sorted(contents) == sorted([*said, *(f"To: {each}." for each in said), "and?"])


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_an_unfinished_answer_is_no_earlier_one(harness: BotHarness, streaming: str) -> None:
    """Somebody asks while an earlier question is paused, as it was edited again and again. What is
    shown of its answer is not taken for something that the bot has said, and is finished.
    """
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.answer = lambda _: says("one two").held(after=1)
        root = await harness.mention("a?")
        await harness.answered(root, "one")
        await edit(harness, root, "aa?")
        await harness.model.until(lambda: len(harness.model.requests) == 2)
        await edit(harness, root, "aaa?")
        await ask_ben(harness, root, "b?")
        await harness.answered(root, "To: aaa?.", "To: b?.")
        await verify_each_once(harness, root, "aaa?", "b?")
    assert not any("one" in str(each["messages"][1:]) for each in harness.model.requests)


async def test_an_answer_whose_post_is_not_known(harness: BotHarness) -> None:
    """The same where Slack has not confirmed the message that the unfinished answer began with."""
    harness.workspace.faults.add("chat.postMessage", Fault.reset_after())
    harness.workspace.faults.add("conversations.replies", Fault.delay(), times=2)
    async with harness.running({"SLACKBOT_STREAMING": "edit"}):
        harness.model.answer = lambda _: says("one two").held(after=1)
        root = await harness.mention("a?")
        await harness.workspace.until(lambda: len(harness.workspace.held_calls) == 1)
        await edit(harness, root, "aa?")
        await harness.workspace.until(lambda: len(harness.workspace.held_calls) == 2)
        await edit(harness, root, "aaa?")
        await ask_ben(harness, root, "b?")
        harness.workspace.release_calls()
        await harness.answered(root, "To: aaa?.", "To: b?.")
        await verify_each_once(harness, root, "aaa?", "b?")


async def test_a_question_that_failed(harness: BotHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that waits until somebody tries again becomes a turn of its own then, and no part
    of another one.
    """
    root = await harness.said_before(harness.ben, "before")
    harness.break_library(monkeypatch)
    async with harness.running():
        await harness.mention("a?", thread=root.ts)
        await harness.workspace.until(
            lambda: harness.answers(root) and UNEXPECTED in harness.answers(root)[0].shown
        )
        failed = harness.answers(root)[0]
        await harness.service.bot.idle()
        await ask_ben(harness, root, "b?")
        await harness.service.bot.idle()
        await harness.workspace.click(harness.ana, failed, "slackbot_again")
        await harness.answered(root, "To: a?.", "To: b?.")
        await harness.service.bot.idle()
        harness.model.enqueue("Aye.")
        await harness.mention("and?", thread=root.ts)
        await harness.workspace.until(lambda: harness.answers(root)[-1].shown == "Aye.")
    contents = [content for *_, content in harness.history()]
    assert contents == ["before", "b?", "To: b?.", "a?", "To: a?.", "and?"]
