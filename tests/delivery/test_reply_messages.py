"""The messages of a reply that an earlier run began."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks import virtual_clock
from benchmarks.simulation import SimulatedSlack
from slackbot.conversation.deltas import FinishDelta, TextDelta
from slackbot.conversation.draft import Draft
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.active_replies import ActiveReplies
from slackbot.delivery.ephemeral import EphemeralMessages
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.streaming_mode import EDITS
from slackbot.errors import StoreError
from slackbot.playground.fake_openai.script import calls, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage, new_version
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from tests.delivery.transports import IN_BOTH, NATIVE, OPENING
from tests.harness import BotHarness, buttons


async def test_restart_over_an_open_stream(harness: BotHarness) -> None:
    """A stream that an earlier run left open is ended, and its message goes on by edits."""
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
    async with harness.running(NATIVE):
        (after,) = await harness.answered(question, "one two three four")
    assert before is after


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_restart_over_a_stream_that_nobody_knows_of(
    harness: BotHarness, streaming: str
) -> None:
    """A stream that a run began and did not come to record is found, whichever way the next goes:
    with SLACKBOT_STREAMING=auto that is not always the same.
    """
    harness.workspace.faults.add("chat.startStream", Fault.hang(30.0))
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        (after,) = await harness.answered(question, "one two three four")
        await harness.service.bot.idle()
    assert before is after
    assert len(harness.answers(question)) == 1


@IN_BOTH
async def test_a_shorter_answer_after_a_crash(tmp_path: Path, streaming: str) -> None:
    """The messages of an earlier, longer answer are deleted."""
    async with Workspace(latency=0.1) as workspace, ModelServer() as model:
        harness = BotHarness(workspace, model, tmp_path)
        model.enqueue(says("word " * 8000).held(after=7900), "Short.", "Still here.")
        async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
            question = await harness.mention("write")
            await workspace.until(lambda: len(harness.answers(question)) == 4)
        async with harness.running({"SLACKBOT_STREAMING": streaming}):
            await harness.answered(question, "Short.")
            await harness.mention("and now?", thread=question.ts)
            await harness.answered(question, "Short.", "Still here.")
    assert ("assistant", "", "Short.") in harness.history()


LOOK = "conversations.replies"


def looks(harness: BotHarness) -> list[Mapping[str, Any]]:
    """The arguments of each look in a thread."""
    return [call.args for call in harness.workspace.calls if call.method == LOOK]


def long_thread(harness: BotHarness, length: int) -> PostedMessage:
    """A thread of Ben's in which the bot was not mentioned."""
    root = harness.workspace.post(harness.ben, harness.general, new_version("begin"))
    for number in range(length):
        version = new_version(f"line {number}")
        harness.workspace.post(harness.ben, harness.general, version, thread_ts=root.ts)
    return root


def test_nothing_is_posted_that_is_not_recorded() -> None:
    """While the database fails, a post waits; then it is recorded before it is made, and after."""
    slack = SimulatedSlack(RateLimits(), latency=0.1)
    thread = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.0"))
    posts: list[tuple[int, tuple[Ts, ...], PostIntent | None]] = []
    failures = iter([StoreError("The disk is full.")] * 3)

    async def record(messages: tuple[Ts, ...], posting: PostIntent | None) -> tuple[Ts, ...]:
        for failure in failures:
            raise failure
        posts.append((len(slack.messages), messages, posting))
        return messages

    async def drafts() -> AsyncIterator[Draft]:
        draft = Draft()
        draft.add(TextDelta("Ahoy"))
        draft.add(FinishDelta("stop"))
        yield draft

    async def play() -> None:
        replies = ActiveReplies(slack, RateLimiter(EDITS), EphemeralMessages(slack))
        location = ReplyLocation(thread, "1.0", UserId("U1"), record, since=thread.ts)
        with replies.writing(location) as reply:
            await reply.write(drafts())

    virtual_clock.run(play())
    (ts,) = slack.messages
    assert posts == [(0, (), PostIntent("1.0", 0, since=Ts("1.0"))), (1, (ts,), None)]


@IN_BOTH
async def test_a_restart_with_pending_questions(harness: BotHarness, streaming: str) -> None:
    """Where nothing was about to be posted, a restart needs no look in Slack, nor after a kill."""
    mode = {"SLACKBOT_STREAMING": streaming}
    harness.model.answer = lambda _: says("one").held(after=0)
    async with harness.running(mode, grace=0.0):
        questions = [await harness.mention(f"question {number}") for number in range(6)]
        await harness.model.until(lambda: harness.model.open_streams == 6)
    harness.model.answer = lambda _: "two"
    async with harness.running(mode):
        for question in questions:
            await harness.answered(question, "two")
    assert looks(harness) == []


@IN_BOTH
async def test_edits_in_a_long_thread(harness: BotHarness, streaming: str) -> None:
    """Neither an edit of a question that is being answered nor one of an answered question reads
    the thread.
    """
    root = long_thread(harness, 300)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two").held(after=1), "three", "four")
        question = await harness.mention("count", thread=root.ts)
        await harness.answered(root, "one")
        harness.workspace.calls.clear()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} go on")
        await harness.answered(root, "three")
        await harness.service.bot.idle()
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} go further")
        await harness.answered(root, "four")
        await harness.service.bot.idle()
    assert looks(harness) == []


@OPENING
async def test_a_look_in_a_long_thread(harness: BotHarness, streaming: str, method: str) -> None:
    """A post without an answer is looked for once, in what is newer than its question."""
    root = long_thread(harness, 300)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue("one")
        await harness.mention("count", thread=root.ts)
        await harness.answered(root, "one")
        await harness.service.bot.idle()
        harness.workspace.calls.clear()
        harness.workspace.faults.add(method, Fault.reset_after())
        harness.model.enqueue(says("two three").held(after=1))
        question = await harness.mention("go on", thread=root.ts)
        await harness.workspace.until(lambda: len(looks(harness)) == 1)
        harness.model.release()
        await harness.answered(root, "one", "two three")
        await harness.service.bot.idle()
    (look,) = looks(harness)
    assert look["oldest"] == question.ts


@OPENING
async def test_a_look_that_slack_refuses_for_a_while(
    harness: BotHarness, streaming: str, method: str
) -> None:
    """An unknown refusal may pass: the bot looks again before it posts again."""
    harness.workspace.faults.add(method, Fault.reset_after())
    harness.workspace.faults.add(LOOK, Fault.error("odd_code"), times=5)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: not harness.workspace.faults.pending)
        harness.model.release()
        await harness.finished(question)
        await harness.service.bot.idle()
        await harness.answered(question, "one two")


@OPENING
async def test_a_look_after_a_restart(harness: BotHarness, streaming: str, method: str) -> None:
    """A post that was made and not recorded is looked for once, also for messages that joined the
    turn meanwhile.
    """
    harness.workspace.faults.add(method, Fault.hang(30.0))
    harness.model.enqueue(says("one two three").held(after=1))
    async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        await harness.mention("to four", thread=question.ts)
        await harness.all_acknowledged()
    harness.model.enqueue("one two three four")
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        (after,) = await harness.answered(question, "one two three four")
        await harness.service.bot.idle()
    assert before is after
    (look,) = looks(harness)
    assert look["oldest"] == question.ts


@pytest.mark.parametrize("marked", [False, True])
@OPENING
async def test_what_a_tool_posts(
    harness: BotHarness, streaming: str, method: str, *, marked: bool
) -> None:
    """What another program posts with the bot's token during an answer is no part of the answer,
    whether or not Slack says which messages are streams.
    """
    harness.workspace.streams.are_marked = marked
    harness.workspace.faults.add(method, Fault.hang(30.0))
    harness.model.enqueue(says("one two three").held(after=1), "one two three four")
    async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        for text in ("o", "one", "One more thing"):
            version = new_version(text)
            harness.workspace.post(harness.bot, harness.general, version, thread_ts=question.ts)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        await harness.workspace.until(lambda: "again" in buttons(before))
        await harness.service.bot.idle()
    assert [each.shown for each in harness.answers(question)] == [
        "one two three four",
        "o",
        "one",
        "One more thing",
    ]
    assert before is harness.answers(question)[0]


@pytest.mark.parametrize("marked", [False, True])
async def test_a_stream_of_tasks_alone(harness: BotHarness, *, marked: bool) -> None:
    """A stream is found although it shows no text yet."""
    harness.workspace.streams.are_marked = marked
    harness.workspace.faults.add("chat.startStream", Fault.hang(30.0))
    harness.model.enqueue(
        calls("current_time", "{}"), says("It is late.").held(after=0), "It is very late."
    )
    async with harness.running(NATIVE, grace=0.0):
        question = await harness.mention("what time is it?")
        await harness.workspace.until(lambda: harness.answers(question))
        (before,) = harness.answers(question)
        await harness.model.until(lambda: len(harness.model.requests) == 2)
    async with harness.running(NATIVE):
        (after,) = await harness.answered(question, "It is very late.\n\n🔧 _Used `current_time`_")
    assert before is after
