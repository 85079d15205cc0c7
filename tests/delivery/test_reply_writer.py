"""How an answer appears in Slack: growing, whole, harmless. All over the real wire."""

from pathlib import Path

import pytest

from slackbot.markdown.splitting import MAX_PAGE_CHARACTERS
from slackbot.playground.fake_openai.script import Refusal, Script, calls, declines, fails, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from tests.delivery.transports import EDIT, ENDING, IN_BOTH, OPENING
from tests.harness import BotHarness, buttons


def states(message: PostedMessage) -> list[str]:
    return [version.shown for version in message.versions]


@IN_BOTH
async def test_grows_in_place(harness: BotHarness, streaming: str) -> None:
    """One message grows while the model writes; each state continues the one before."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        harness.model.release()
        (answer,) = await harness.answered(question, "one two three")
    assert states(answer)[0] == "one"
    assert answer.edited is None


async def test_markdown_block_and_notification(harness: BotHarness) -> None:
    """The text stands in a markdown block; a phone shows its beginning as plain text, which Slack
    itself sees to for a stream.
    """
    async with harness.running(EDIT):
        harness.model.enqueue("**Aye** <matey> & co")
        question = await harness.mention("hello")
        (answer,) = await harness.answered(question, "**Aye** <matey> & co")
    assert answer.blocks[0]["type"] == "markdown"
    assert answer.text == "Aye &lt;matey&gt; &amp; co"


@OPENING
async def test_model_is_never_held_up(harness: BotHarness, streaming: str, method: str) -> None:
    """While Slack takes its time for one call, the model is read to its end."""
    harness.workspace.faults.add(method, Fault.hang(60.0))
    async with harness.running({"SLACKBOT_STREAMING": streaming}, grace=0.0):
        harness.model.enqueue(says("word " * 500))
        await harness.mention("write")
        await harness.model.until(
            lambda: bool(harness.model.streams) and not harness.model.open_streams
        )
        assert harness.model.streams[0].finished


@IN_BOTH
async def test_long_answer_goes_on_in_a_further_message(
    harness: BotHarness, streaming: str
) -> None:
    """An answer over one message's limit goes on in the next, with its code fence reopened."""
    paragraphs = "\n\n".join(f"Paragraph {n}: " + "word " * 100 for n in range(20))
    code = "\n".join(f"line_{n} = {n}" for n in range(500))
    text = f"{paragraphs}\n\n```python\n{code}\n```\n\nThe end."
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(text)
        question = await harness.mention("write a lot")
        await harness.workspace.until(
            lambda: (
                harness.answers(question) and harness.answers(question)[-1].shown.endswith("end.")
            )
        )
        shown = [message.shown for message in harness.answers(question)]
    assert len(shown) == 2
    assert all(len(page) <= MAX_PAGE_CHARACTERS for page in shown)
    assert all(page.count("```") % 2 == 0 for page in shown)
    words = "".join(shown).replace("```python", "").replace("```", "").split()
    assert words == text.replace("```python", "").replace("```", "").split()


@pytest.mark.parametrize(
    "ping",
    ["<!channel>", "<!here>", "<!everyone>", "<!subteam^S1>", "<@U123ABC>", "@channel", "@here"],
)
async def test_nothing_pings(harness: BotHarness, ping: str) -> None:
    """The model's text never pings anybody, in any state of the message, at any chunk boundary."""
    async with harness.running():
        pieces = tuple({"content": letter} for letter in f"Hey {ping} you")
        harness.model.enqueue(Script(pieces, cadence=0.01))
        question = await harness.mention("ping them")
        await harness.workspace.until(
            lambda: harness.answers(question) and harness.answers(question)[0].shown.endswith("you")
        )
        (answer,) = harness.answers(question)
    for version in answer.versions:
        assert ping not in version.shown
        assert ping not in version.text
    assert answer.shown.replace("\u2060", "") == f"Hey {ping} you"


@ENDING
async def test_429_on_the_last_call(tmp_path: Path, streaming: str, method: str) -> None:
    """A 429 is waited out and the end is written all the same."""
    async with Workspace() as workspace, ModelServer() as model:
        harness = BotHarness(workspace, model, tmp_path)
        async with harness.running({"SLACKBOT_STREAMING": streaming}):
            model.enqueue(says("one two three").held(after=1))
            question = await harness.mention("count")
            await harness.answered(question, "one")
            workspace.faults.add(method, Fault.rate_limited(1), times=2)
            model.release()
            await harness.answered(question, "one two three")
        refused = [call for call in workspace.calls if call.status == 429]
        assert len(refused) == 2
        after = [call for call in workspace.calls if call.method == method]
        for refusal in refused:
            later = [call.started for call in after if call.started > refusal.started]
            assert min(later) - refusal.ended >= 1.0


@pytest.mark.parametrize("streaming", ["edit", "native", "auto"])
async def test_under_slacks_limits(tmp_path: Path, streaming: str) -> None:
    """Thirty answers at once under Slack's documented limits are all whole, without one 429."""
    async with Workspace(limits=RateLimits()) as workspace, ModelServer() as model:
        harness = BotHarness(workspace, model, tmp_path)
        model.answer = lambda _: says("word " * 60 + "end").paced(0.01)
        async with harness.running({"SLACKBOT_STREAMING": streaming}):
            channels = [workspace.add_channel(f"c{n}", members=[harness.ana]) for n in range(10)]
            questions = [
                await workspace.say(harness.ana, channel, f"{harness.bot.mention} write")
                for channel in channels * 3
            ]
            for question in questions:
                await harness.answered(question, "word " * 60 + "end")
        assert not [call for call in workspace.calls if call.status == 429]


async def test_an_approval_waits_for_no_budget_of_texts(tmp_path: Path) -> None:
    """While so many streams are open that no other may begin, the buttons of an approval still
    appear: nobody could press them otherwise.
    """
    streams = RateLimits().stop_stream
    async with Workspace(limits=RateLimits()) as workspace, ModelServer() as model:
        harness = BotHarness(workspace, model, tmp_path)
        environment = {"SLACKBOT_TOOLS": "tests.tools.sample_tools"}
        async with harness.running({**environment, "SLACKBOT_STREAMING": "native"}):
            channels = [workspace.add_channel(f"c{n}", members=[harness.ana]) for n in range(7)]
            model.answer = lambda _: says("one two three").held(after=2)
            for number in range(streams):
                question = await workspace.say(
                    harness.ana, channels[number // 4], f"{harness.bot.mention} count"
                )
                await harness.answered(question, "one two")
            sink = calls("sink", '{"ship": "Ann"}')
            model.answer = lambda _: says("Well, let me see.").then(sink)
            question = await workspace.say(
                harness.ana, channels[-1], f"{harness.bot.mention} sink the Ann"
            )
            (answer,) = await workspace.until(lambda: harness.answers(question))
            await workspace.until(lambda: "confirm" in buttons(answer))
            model.release()
        assert not [call for call in workspace.calls if call.status == 429]


@pytest.mark.parametrize(
    "fault",
    [Fault.status(500), Fault.status(503), Fault.error("fatal_error"), Fault.reset_before()],
)
@OPENING
async def test_slack_falters(
    harness: BotHarness, fault: Fault, streaming: str, method: str
) -> None:
    """A call that Slack failed is made again until the end stands there."""
    harness.workspace.faults.add(method, fault)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.answered(question, "Ahoy")


@pytest.mark.parametrize("then", [None, Fault.reset_before()], ids=["", "and a failing edit"])
async def test_a_lost_confirmation_posts_no_second_message(
    harness: BotHarness, then: Fault | None
) -> None:
    """A post that took effect though its answer was lost is found again and edited until that
    succeeds; it is not repeated.
    """
    harness.workspace.faults.add("chat.postMessage", Fault.reset_after())
    if then is not None:
        harness.workspace.faults.add("chat.update", then)
    async with harness.running(EDIT):
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: harness.answers(question))
        harness.model.release()
        await harness.answered(question, "one two")
    assert not harness.workspace.faults.pending


@IN_BOTH
async def test_deleted_while_it_grows(harness: BotHarness, streaming: str) -> None:
    """A message that somebody deletes while it grows stops the model; nothing replaces it."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        (answer,) = await harness.answered(question, "one")
        await harness.workspace.delete(harness.bot, answer)
        await harness.model.until(lambda: harness.model.streams[0].cancelled)
        assert harness.answers(question) == []


WRITTEN = "one two"

FAILURES = {
    "wrong key": (fails(401), ""),
    "forbidden": (fails(403), ""),
    "unknown model": (fails(404), ""),
    "quota": (fails(429, code="insufficient_quota"), ""),
    "empty": (says(""), ""),
    "blank": (says(" \n"), ""),
    "dropped": (says(WRITTEN + " three").dropped(after=2), WRITTEN),
    "error in the stream": (says(WRITTEN + " three").failed(2, Refusal(500)), WRITTEN),
    "not json": (says(WRITTEN + " three").garbled(after=2), WRITTEN),
    "no finish reason": (says(WRITTEN).ending(None), WRITTEN),
    "length": (says(WRITTEN).ending("length"), WRITTEN),
    "content filter": (says(WRITTEN).ending("content_filter"), WRITTEN),
}


@pytest.mark.parametrize(("script", "written"), FAILURES.values(), ids=FAILURES.keys())
@IN_BOTH
async def test_failures_end_in_the_same_message(
    harness: BotHarness, script: Script, written: str, streaming: str
) -> None:
    """A failure ends in one message: what was written, and one sentence on what happened."""
    harness.model.answer = lambda _: script
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        question = await harness.mention("hello")
        await harness.workspace.until(
            lambda: harness.answers(question) and "⚠️" in harness.answers(question)[0].shown
        )
        (answer,) = harness.answers(question)
    before, _, note = answer.shown.partition("⚠️")
    assert before.strip() == written
    assert note.strip(" _").endswith(".")
    assert "\n" not in note.strip()
    for leaked in ("sk-test", "127.0.0.1", "Traceback", "Error"):
        assert leaked not in note


async def test_stall(harness: BotHarness) -> None:
    """An answer of which nothing comes any more is ended with a sentence."""
    async with harness.running(stall=0.2):
        harness.model.enqueue(*[says("one two three").stalled(after=2)] * 2)
        question = await harness.mention("hello")
        await harness.workspace.until(
            lambda: harness.answers(question) and "⚠️" in harness.answers(question)[0].shown
        )
        assert harness.answers(question)[0].shown.startswith("one two\n")


@IN_BOTH
async def test_refusal_is_shown(harness: BotHarness, streaming: str) -> None:
    """The model's refusal is shown in its own words, marked, and goes back to it as one."""
    declined = "🚫 _The model declines:_\n\n> I can't help with that."
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(declines("I can't help with that."), "Fine.")
        question = await harness.mention("do evil")
        await harness.answered(question, declined)
        await harness.workspace.say(harness.ana, harness.general, "sorry", thread=question.ts)
        await harness.answered(question, declined, "Fine.")
    (refused,) = [m for m in harness.model.requests[1]["messages"] if m["role"] == "assistant"]
    assert refused["refusal"] == "I can't help with that."


async def test_unfinished_markdown_is_closed(harness: BotHarness) -> None:
    """A fence that the model has not closed yet is closed in what an edit shows meanwhile."""
    async with harness.running(EDIT):
        harness.model.enqueue(says("Look:\n\n```python\nx = 1\n```\n\nDone.").held(after=5))
        question = await harness.mention("code")
        await harness.answered(question, "Look:\n\n```python\nx = 1\n```")
        harness.model.release()
        await harness.answered(question, "Look:\n\n```python\nx = 1\n```\n\nDone.")


@IN_BOTH
async def test_a_channel_that_refuses_posts(harness: BotHarness, streaming: str) -> None:
    """Where Slack takes no message the model is stopped, and the bot lives on."""
    methods = ("chat.startStream", "chat.postMessage") if streaming == "native" else ("chat.post*",)
    for method in methods:
        harness.workspace.faults.add(method, Fault.error("is_archived"))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two").held(after=1), "Ahoy")
        await harness.mention("hello")
        await harness.model.until(
            lambda: bool(harness.model.streams) and harness.model.streams[0].cancelled
        )
        question = await harness.mention("hello again")
        await harness.answered(question, "Ahoy")
