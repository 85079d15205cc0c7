"""How a reply is shown where Slack refuses to show it as it is."""

from collections.abc import Mapping
from typing import Any

import pytest

from slackbot import backoff
from slackbot.delivery import setbacks
from slackbot.delivery.texts import ELSEWHERE, NOT_SHOWN, NOT_SHOWN_REASONS
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.members import Channel
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
    assert (told.user, told.text) == (harness.ana.id, NOT_SHOWN_REASONS["restricted_action"])


@pytest.mark.parametrize("streaming", ["auto", "edit", "native"])
async def test_a_channel_without_threads(harness: BotHarness, streaming: str) -> None:
    """The answer stands in the channel itself, in one message."""
    harness.general.restriction = "non_threadable_channel"
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(says("one two three").paced(0.05))
        await harness.mention("count")
        await harness.workspace.until(lambda: in_channel(harness) == ["one two three"])
        await harness.settled()
        assert in_channel(harness) == ["one two three"]
    assert harness.workspace.ephemerals == []


async def test_a_long_answer_in_a_channel_without_threads(harness: BotHarness) -> None:
    """All its messages stand in the channel."""
    harness.general.restriction = "non_threadable_channel"
    pages = ["\n\n".join([letter * 1_000] * 11) for letter in "ab"]
    async with harness.running(EDIT):
        harness.model.enqueue("\n\n".join(pages))
        await harness.mention("write")
        await harness.workspace.until(lambda: len("".join(in_channel(harness))) > 22_000)
        await harness.settled()
    assert len(in_channel(harness)) == 2


async def test_a_message_that_nobody_can_reply_to(harness: BotHarness) -> None:
    """Where Slack allows no thread under a message, the answer stands below it."""
    harness.workspace.faults.add(
        "chat.*", Fault.error("cannot_reply_to_message"), times=9, when=in_thread
    )
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        harness.model.enqueue("And you to me")
        await harness.workspace.say(harness.ana, direct, "waves", subtype="me_message")
        await harness.workspace.until(lambda: in_channel(harness, direct) == ["And you to me"])
        await harness.settled()


async def test_a_crash_in_a_channel_without_threads(harness: BotHarness) -> None:
    """The next run finds the post that may have been made, and goes on in its message."""
    harness.general.restriction = "non_threadable_channel"
    harness.workspace.faults.add(
        "chat.postMessage", Fault.hang(), when=lambda args: not in_thread(args)
    )
    async with harness.running(EDIT, grace=0.0) as service:
        harness.model.enqueue(says("one two three").held(after=1))
        await harness.mention("count")
        await harness.workspace.until(lambda: harness.workspace.held_calls)
        service.bot.abandon()
    harness.workspace.release_calls()
    harness.model.release()
    async with harness.running(EDIT):
        harness.model.answer = lambda _: "one two three"
        await harness.workspace.until(lambda: in_channel(harness) == ["one two three"])
        await harness.settled()
    assert in_channel(harness) == ["one two three"]


async def test_a_locked_thread(harness: BotHarness) -> None:
    """The asker reads one sentence that says why: in private, outside of the thread."""
    root = await harness.said_before(harness.ben, "good morning")
    harness.workspace.locked_threads.add((harness.general.id, root.ts))
    async with harness.running():
        harness.model.enqueue("Ahoy")
        await harness.mention("hello", thread=root.ts)
        await harness.workspace.until(lambda: harness.workspace.ephemerals)
        await harness.service.bot.idle()
    (told,) = harness.workspace.ephemerals
    sentence = NOT_SHOWN_REASONS["restricted_action_thread_locked"]
    assert (told.user, told.text, told.thread_ts) == (harness.ana.id, sentence, None)
    assert in_channel(harness) == []
    assert harness.answers(root) == []


async def test_a_read_only_channel(harness: BotHarness) -> None:
    """Where Slack shows nothing at all, the sentence comes as a direct message."""
    harness.general.restriction = "read_only_channel"
    direct = harness.workspace.direct_message(harness.ana)
    async with harness.running():
        harness.model.enqueue("Ahoy")
        await harness.mention("hello")
        await harness.workspace.until(lambda: in_channel(harness, direct))
        await harness.service.bot.idle()
    sentence = NOT_SHOWN_REASONS["restricted_action_read_only_channel"]
    told = ELSEWHERE.format(sentence=sentence, channel=harness.general.id)
    assert in_channel(harness, direct) == [told]
    assert in_channel(harness) == []
    assert harness.workspace.ephemerals == []


def in_thread(arguments: Mapping[str, Any]) -> bool:
    return bool(arguments.get("thread_ts"))


def in_channel(harness: BotHarness, channel: Channel | None = None) -> list[str]:
    """What the bot's messages in a channel show, outside of threads."""
    return [
        each.shown
        for each in harness.workspace.messages.values()
        if each.channel == (channel or harness.general).id
        and each.author == harness.bot
        and each.thread_ts is None
        and not each.deleted
    ]
