"""What becomes of a reply when Slack refuses: each fault has its decided outcome.

Faults that pass (429, 5xx, resets, hanging calls) are in test_reply.py and benchmarks/chaos.py.
"""

import logging
import sqlite3
from contextlib import closing

import pytest

from slackbot.playground.faults import Fault
from slackbot.playground.messages import elements
from slackbot.playground.script import says
from tests.stage import Stage


@pytest.mark.parametrize(
    "error", ["channel_not_found", "is_inactive", "not_in_channel", "restricted_action"]
)
async def test_a_place_where_nothing_can_be_said(
    stage: Stage, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    """The model is stopped, the turn goes without an answer, and the bot answers elsewhere."""
    async with stage.playing():
        stage.workspace.faults.add("chat.postMessage", Fault.error(error))
        stage.model.enqueue(says("one two three").held(after=1))
        question = await stage.mention("count")
        await stage.model.until(lambda: [each.cancelled for each in stage.model.streams] == [True])
        await stage.service.bot.idle()
        assert stage.answers(question) == []
        await stage.verify_dialog([(f"{stage.bot.mention} hello", "Ahoy")])
    warnings = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert [each.getMessage().rpartition(": ")[2] for each in warnings] == [error]


@pytest.mark.parametrize("error", ["message_not_found", "channel_not_found", "is_archived"])
async def test_a_message_that_is_gone(stage: Stage, error: str) -> None:
    """A reply whose message can't be found any more ends there; the thread goes on."""
    async with stage.playing():
        stage.model.enqueue(says("one two three").held(after=1), "four")
        question = await stage.mention("count")
        await stage.answered(question, "one")
        stage.workspace.faults.add("chat.update", Fault.error(error))
        stage.model.release()
        await stage.service.bot.idle()
        stage.workspace.faults.clear()
        await stage.mention("go on", thread=question.ts)
        await stage.answered(question, "one", "four")


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive", "invalid_auth"])
async def test_a_token_revoked_in_mid_answer(
    stage: Stage, caplog: pytest.LogCaptureFixture, error: str
) -> None:
    """A critical line says so; the next run, with a good token, ends the answer where it stands."""
    async with stage.playing():
        stage.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await stage.mention("count")
        (answer,) = await stage.answered(question, "one")
        stage.workspace.faults.add("chat.update", Fault.error(error), times=99)
        stage.model.release()
        await stage.service.bot.idle()
    (line,) = [each for each in caplog.records if each.levelno == logging.CRITICAL]
    assert line.getMessage() == f"Slack has revoked the bot's token ({error}): set a new one"
    stage.workspace.faults.clear()
    async with stage.playing():
        assert await stage.answered(question, "one two three four") == [answer]


async def test_uninstalled(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """A workspace that removes the app leaves nothing in the database, not even what was being
    answered at that moment.
    """
    async with stage.playing():
        await stage.verify_dialog([(f"{stage.bot.mention} my secret", "Ahoy")])
        stage.model.enqueue(says("one two three").held(after=1))
        question = await stage.mention("count")
        await stage.answered(question, "one")
        await stage.workspace.uninstall()
        await stage.service.bot.idle()
        await stage.all_acknowledged()
    path = stage.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as beside:
        assert beside.execute("SELECT key FROM store").fetchall() == []
    assert [each.levelname for each in caplog.records if each.levelno > logging.INFO] == ["WARNING"]


@pytest.mark.parametrize("streaming", ["edit", "native"])
async def test_buttons_that_slack_refuses(stage: Stage, streaming: str) -> None:
    """Where Slack takes no buttons the answer is shown without them."""

    def with_buttons(call: object) -> bool:
        return "action_id" in str(call)

    for method in ("chat.postMessage", "chat.update", "chat.stopStream"):
        fault = Fault.error("invalid_blocks")
        stage.workspace.faults.add(method, fault, times=99, when=with_buttons)
    async with stage.playing({"SLACKBOT_STREAMING": streaming}):
        stage.model.enqueue(says("**one** two").held(after=1))
        question = await stage.mention("count")
        await stage.workspace.until(lambda: stage.answers(question))
        stage.model.release()
        (answer,) = await stage.answered(question, "**one** two")
        await stage.service.bot.idle()
    assert not list(elements(answer.blocks))
    assert answer.blocks[0]["type"] == "markdown"
