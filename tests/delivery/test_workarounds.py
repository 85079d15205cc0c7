"""How a reply is shown where Slack refuses to show it as it is."""

from collections.abc import Mapping
from typing import Any

import pytest

from slackbot import backoff
from slackbot.delivery import setbacks
from slackbot.delivery.texts import NOT_SHOWN
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from tests.delivery.transports import EDIT, IN_BOTH
from tests.harness import BotHarness, buttons


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "LONGEST_PAUSE_SECONDS", 0.1)


async def test_content_that_is_refused_for_an_unknown_reason(harness: BotHarness) -> None:
    """Slack may not like the buttons, or the Markdown: it is shown more and more plainly."""

    def with_blocks(arguments: Mapping[str, Any]) -> bool:
        return bool(arguments.get("blocks"))

    harness.workspace.faults.add("chat.*", Fault.error("bad_look"), times=99, when=with_blocks)
    async with harness.running(EDIT):
        harness.model.enqueue("a < b & c")
        question = await harness.mention("compare")
        await harness.answered(question, "a &lt; b &amp; c")
        await harness.service.bot.idle()
    refused = [each for each in harness.workspace.calls if each.error == "bad_look"]
    assert len(refused) == 2 * setbacks.FAILURES_BEFORE_CHANGE


async def test_content_that_is_refused_in_every_look(harness: BotHarness) -> None:
    """Where Slack does not even take plain text, the asker is told in private, and the thread goes
    on.
    """
    harness.workspace.faults.add("chat.postMessage", Fault.error("invalid_blocks"), times=99)
    async with harness.running(EDIT):
        harness.model.enqueue("**Ahoy**", "Aye")
        question = await harness.mention("hello")
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
        harness.workspace.faults.clear()
        await harness.mention("go on", thread=question.ts)
        await harness.answered(question, "Aye")
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.text) == (harness.ana.id, NOT_SHOWN)


async def test_an_outage_changes_no_look(harness: BotHarness) -> None:
    """A workspace that is being moved refuses everything: the answer then comes as it should be."""
    harness.workspace.faults.add("chat.postMessage", Fault.error("team_added_to_org"), times=4)
    async with harness.running(EDIT):
        harness.model.enqueue("**Ahoy**")
        question = await harness.mention("hello")
        (answer,) = await harness.answered(question, "**Ahoy**")
        assert "again" in buttons(await harness.finished(question))
    assert answer.blocks[0]["type"] == "markdown"


@IN_BOTH
async def test_a_message_that_can_no_longer_be_changed_for_an_unknown_reason(
    harness: BotHarness, streaming: str
) -> None:
    """The whole answer goes into a new message, and the one that has stopped growing goes."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        (before,) = await harness.answered(question, "one")
        for method in ("chat.update", "chat.stopStream", "chat.appendStream"):
            harness.workspace.faults.add(method, Fault.error("frozen"), times=99)
        harness.model.release()
        await harness.workspace.until(
            lambda: (
                [each.shown for each in harness.answers(question)][1:] == ["one two three"]
                or [each.shown for each in harness.answers(question)] == ["one two three"]
            )
        )
        if streaming == "native":  # Slack ends the stream that it would not stop
            harness.workspace.streams.lifetime = 0.0
        (answer,) = await harness.answered(question, "one two three")
        assert answer != before
        await harness.service.bot.idle()


@IN_BOTH
async def test_a_refusal_for_an_unknown_reason_that_lasts(
    harness: BotHarness, monkeypatch: pytest.MonkeyPatch, streaming: str
) -> None:
    """In the end it is final: the asker is told, what was begun is deleted, the thread goes on."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1), "four")
        question = await harness.mention("count")
        await harness.answered(question, "one")
        monkeypatch.setattr(setbacks, "HOPELESS_SECONDS", 0.5)
        for method in ("chat.update", "chat.postMessage", "chat.appendStream"):
            harness.workspace.faults.add(method, Fault.error("frozen"), times=999)
        if streaming == "native":
            harness.workspace.faults.add("chat.stopStream", Fault.error("frozen"), times=2)
        harness.model.release()
        await harness.answered(question)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
        harness.workspace.faults.clear()
        await harness.mention("go on", thread=question.ts)
        await harness.answered(question, "four")
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.text, told.thread_ts) == (harness.ana.id, NOT_SHOWN, question.ts)


@IN_BOTH
async def test_an_ending_that_is_refused_for_good(harness: BotHarness, streaming: str) -> None:
    """Where an admin forbids to post in mid-answer, the half of it is deleted, as it can be."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        for method in ("chat.update", "chat.postMessage", "chat.appendStream"):
            harness.workspace.faults.add(method, Fault.error("restricted_action"), times=99)
        if streaming == "native":
            harness.workspace.faults.add("chat.stopStream", Fault.error("restricted_action"))
        harness.model.release()
        await harness.answered(question)
        await harness.service.bot.idle()
    (told,) = harness.workspace.ephemerals
    assert (told.user, told.text) == (harness.ana.id, NOT_SHOWN)
