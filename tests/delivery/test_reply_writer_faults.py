"""The outcome for a reply of each fault of Slack.

More faults of a post are in test_reply_writer.py, those of a stream in test_message_writer.py, and
all of them at once in benchmarks/chaos.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from slackbot.delivery.texts import NOT_SHOWN_REASONS
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import elements
from slackbot.playground.fake_slack.rate_limits import RateLimits
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.slack import client
from tests.delivery.transports import EDIT, ENDING, IN_BOTH, NATIVE, OPENING
from tests.harness import BotHarness, buttons

PASSING = {
    "500": (Fault.status(500), 2),
    "503": (Fault.status(503), 2),
    "fatal_error": (Fault.error("fatal_error"), 2),
    "reset before": (Fault.reset_before(), 2),
    "reset after": (Fault.reset_after(), 2),
    "slow": (Fault.hang(0.5), 1),
}


@pytest.mark.parametrize(("fault", "times"), PASSING.values(), ids=PASSING.keys())
@ENDING
async def test_an_ending_that_fails_for_a_while(
    harness: BotHarness, fault: Fault, times: int, streaming: str, method: str
) -> None:
    """The call is made again until the answer stands there whole, in the one message it has."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        harness.workspace.faults.add(method, fault, times=times)
        harness.model.release()
        await harness.workspace.until(lambda: not harness.workspace.faults.pending)
        await harness.finished(question)
        await harness.service.bot.idle()
        assert await harness.answered(question, "one two three") == [before]


@pytest.mark.parametrize(
    "fault",
    [Fault.rate_limited(1), Fault.reset_after(), Fault.hang(0.5)],
    ids=["429", "reset after", "slow"],
)
@OPENING
async def test_a_post_that_fails_while_the_model_goes_on(
    harness: BotHarness, fault: Fault, streaming: str, method: str
) -> None:
    """The posted message, confirmed or not, becomes the complete answer, once."""
    harness.workspace.faults.add(method, fault)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        text = "word " * 60 + "end"
        harness.model.enqueue(says(text).paced(0.01))
        question = await harness.mention("write")
        await harness.finished(question)
        await harness.service.bot.idle()
        await harness.answered(question, text)
    assert not harness.workspace.faults.pending


@pytest.mark.parametrize(
    ("streaming", "method"),
    [
        ("edit", "chat.postMessage"),
        ("edit", "chat.update"),
        ("native", "chat.startStream"),
        ("native", "chat.stopStream"),
    ],
)
async def test_a_call_that_hangs(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, streaming: str, method: str
) -> None:
    """A call that Slack carries out and never answers is given up, and its effect not doubled."""
    monkeypatch.setattr(client, "CALL_TIMEOUT_SECONDS", 1.0)
    harness.workspace.faults.add(method, Fault.hang(60.0))
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        harness.model.release()
        await harness.finished(question)
        await harness.service.bot.idle()
        await harness.answered(question, "one two three")
    assert not harness.workspace.faults.pending


async def test_a_stream_that_expires_while_it_is_appended_to(harness: BotHarness) -> None:
    """Slack ends a stream however busy it is: the rest is written by edits of the same message."""
    async with harness.running(NATIVE):
        text = "word " * 200 + "end"
        harness.model.enqueue(says(text).paced(0.01))
        question = await harness.mention("write")
        await harness.workspace.until(lambda: harness.answers(question))
        (before,) = harness.answers(question)
        harness.workspace.streams.lifetime = 0.0
        assert await harness.answered(question, text) == [before]
    expired = "message_not_in_streaming_state"
    refused = [call.method for call in harness.workspace.calls if call.error == expired]
    assert refused == ["chat.appendStream"]


@pytest.mark.parametrize(
    "error", ["channel_not_found", "is_inactive", "not_in_channel", "restricted_action"]
)
@IN_BOTH
async def test_a_place_where_nothing_can_be_said(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, error: str, streaming: str
) -> None:
    """The model is stopped, the turn goes without an answer, and the bot answers elsewhere."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.workspace.faults.add("chat.postMessage", Fault.error(error))
        if streaming == "native":
            harness.workspace.faults.add("chat.startStream", Fault.error(error))
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.model.until(
            lambda: [each.cancelled for each in harness.model.streams] == [True]
        )
        await harness.service.bot.idle()
        assert harness.answers(question) == []
        await harness.verify_dialog([(f"{harness.bot.mention} hello", "Ahoy")])
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.getMessage().rpartition(": ")[2] for each in warnings] == [error]
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.text, told.thread_ts) == (
        harness.ana.id,
        NOT_SHOWN_REASONS[error],
        None,
    )


@pytest.mark.parametrize("error", ["message_not_found", "channel_not_found", "is_archived"])
@IN_BOTH
async def test_a_message_that_is_gone(harness: BotHarness, error: str, streaming: str) -> None:
    """A reply whose message can't be found any more ends there; the thread goes on."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1), "four")
        question = await harness.mention("count")
        await harness.answered(question, "one")
        harness.workspace.faults.add("chat.*", Fault.error(error), times=99)
        harness.model.release()
        await harness.service.bot.idle()
        harness.workspace.faults.clear()
        await harness.mention("go on", thread=question.ts)
        await harness.answered(question, "one", "four")


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
@IN_BOTH
async def test_a_token_revoked_in_mid_answer(
    harness: BotHarness, caplog: pytest.LogCaptureFixture, error: str, streaming: str
) -> None:
    """A critical line says so; the next run, with a good token, ends the answer where it stands."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await harness.mention("count")
        (answer,) = await harness.answered(question, "one")
        harness.workspace.faults.add("chat.*", Fault.error(error), times=99)
        harness.model.release()
        await harness.service.bot.idle()
    (line,) = [each for each in caplog.records if each.levelno == logging.CRITICAL]
    assert line.getMessage() == (
        f"Slack refuses the bot's token for the workspace {harness.workspace.team.team_id} "
        f"({error}): install the app there again"
    )
    harness.workspace.faults.clear()
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        assert await harness.answered(question, "one two three four") == [answer]


@IN_BOTH
async def test_buttons_that_slack_refuses(harness: BotHarness, streaming: str) -> None:
    """Where Slack takes no buttons the answer is shown without them."""

    def with_buttons(arguments: Mapping[str, Any]) -> bool:
        return any(elements(arguments.get("blocks") or ()))

    for method in ("chat.postMessage", "chat.update", "chat.stopStream"):
        fault = Fault.error("invalid_blocks")
        harness.workspace.faults.add(method, fault, times=99, when=with_buttons)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("**one** two").held(after=1))
        question = await harness.mention("count")
        await harness.workspace.until(lambda: harness.answers(question))
        harness.model.release()
        (answer,) = await harness.answered(question, "**one** two")
        await harness.service.bot.idle()
    assert not buttons(answer)
    assert answer.blocks[0]["type"] == "markdown"


@OPENING
async def test_an_outage(harness: BotHarness, streaming: str, method: str) -> None:
    """While Slack answers nothing but errors the answer waits; it is there afterwards, once."""
    harness.workspace.faults.add(method, Fault.status(503), times=2)
    harness.workspace.faults.add("conversations.replies", Fault.status(503), times=4)
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue("Ahoy")
        question = await harness.mention("hello")
        await harness.answered(question, "Ahoy")


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_markdown_that_slack_refuses(harness: BotHarness, method: str) -> None:
    """Markdown that Slack refuses even without buttons is shown as text, complete."""
    harness.workspace.faults.add(method, Fault.error("invalid_blocks"), times=2)
    async with harness.running(EDIT):
        harness.model.enqueue(says("a < b & c").held(after=1))
        question = await harness.mention("compare")
        if method == "chat.update":
            await harness.answered(question, "a")
        await harness.model.until(lambda: bool(harness.model.streams))
        harness.model.release()
        await harness.answered(question, "a &lt; b &amp; c")


async def test_refused_markdown_of_many_signs(harness: BotHarness) -> None:
    """As text, every sign that has to be escaped still fits."""
    harness.workspace.faults.add("chat.postMessage", Fault.error("invalid_blocks"), times=2)
    async with harness.running(EDIT):
        harness.model.enqueue("<a><b>&" * 400 + " end")
        question = await harness.mention("write")
        await harness.workspace.until(
            lambda: (
                harness.answers(question) and harness.answers(question)[-1].shown.endswith("end")
            )
        )
        shown = "".join(answer.shown for answer in harness.answers(question))
    assert shown.count("&amp;") == 400


async def test_a_message_that_can_be_edited_no_more(harness: BotHarness) -> None:
    """Where Slack lets a message be edited no more, the answer goes into a new one, and the old one
    goes: it would stand there with a Stop button.
    """
    harness.workspace.faults.add("chat.update", Fault.error("edit_window_closed"))
    async with harness.running(EDIT):
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        (old,) = await harness.answered(question, "one")
        harness.model.release()
        (answer,) = await harness.answered(question, "one two")
        assert answer != old


@pytest.mark.parametrize("streaming", ["edit", "auto"])
async def test_a_storm(tmp_path: Path, streaming: str) -> None:
    """Under Slack's limits and faults of every kind each of 20 questions has one whole answer."""
    text = "word " * 40 + "end"
    async with Workspace(limits=RateLimits(), latency=0.02) as workspace, ModelServer() as model:
        harness = BotHarness(workspace, model, tmp_path)
        model.answer = lambda _: says(text).paced(0.01)
        storm = [
            Fault.status(500),
            Fault.reset_before(),
            Fault.reset_after(),
            Fault.error("fatal_error"),
        ]
        for fault in storm * 4:
            workspace.faults.add("chat.*", fault)
        for method in ("chat.postMessage", "chat.update" if streaming == "edit" else "chat.st*m"):
            workspace.faults.add(method, Fault.rate_limited(1))
        async with harness.running({"SLACKBOT_STREAMING": streaming}):
            channels = [workspace.add_channel(f"c{n}", members=[harness.ana]) for n in range(10)]
            questions = [
                await workspace.say(harness.ana, channel, f"{harness.bot.mention} write")
                for channel in channels * 2
            ]
            await workspace.until(
                lambda: all(
                    [answer.shown for answer in harness.answers(question)] == [text]
                    for question in questions
                ),
                40.0,
            )
    assert not workspace.faults.pending
