"""Attacks with presses of buttons: by people who can't, for other threads, and forged ones."""

from collections.abc import Iterator
from typing import Any

import pytest

from slackbot.playground.fake_openai.script import calls, says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.slack.buttons import PREFIX
from slackbot.turns import texts
from tests.harness import BotHarness, buttons
from tests.tools import sample_tools
from tests.turns.tool_use import TOOLS

SINK = calls("sink", '{"ship": "Ann"}')

CONFIRM, AGAIN, STOP = f"{PREFIX}confirm", f"{PREFIX}again", f"{PREFIX}stop"


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


async def asked(harness: BotHarness, text: str = "sink it") -> PostedMessage:
    """The bot's message that asks whether a ship may be sunk, for Ana."""
    harness.model.enqueue(SINK)
    question = await harness.mention(text)
    await harness.workspace.until(
        lambda: harness.answers(question) and "confirm" in buttons(harness.answers(question)[-1])
    )
    return harness.answers(question)[-1]


async def told(harness: BotHarness, *sentences: str) -> None:
    """Until people were told exactly this in private."""
    await harness.workspace.until(
        lambda: [each.text for each in harness.workspace.ephemerals] == [*sentences]
    )


@pytest.mark.parametrize("flag", ["restricted", "ultra_restricted", "stranger", "bot", "member"])
async def test_others_confirm(harness: BotHarness, flag: str) -> None:
    """Guests, people of other organisations, bots and other members confirm nothing."""
    flags: dict[str, Any] = {} if flag == "member" else {flag: True}
    mallory = harness.workspace.add_person("Mallory", **flags)
    harness.general.members.add(mallory.id)
    async with harness.running(TOOLS, grace=0.0):
        message = await asked(harness)
        await harness.workspace.click(mallory, message, CONFIRM)
        await told(harness, texts.ONLY_REQUESTER.format(user=harness.ana.id))
    assert sample_tools.runs["sink"] == 0


@pytest.mark.parametrize("value", ["call_1", "1", "", "confirm", "../call_1"])
async def test_a_guessed_question(harness: BotHarness, value: str) -> None:
    """The ID of a call is not that of its question, which can't be guessed."""
    async with harness.running(TOOLS, grace=0.0):
        message = await asked(harness)
        await harness.workspace.forge_click(harness.ana, message, CONFIRM, value)
        await told(harness, texts.ALREADY_DECIDED)
        assert "confirm" in buttons(message)
    assert sample_tools.runs["sink"] == 0


async def test_a_question_of_another_thread(harness: BotHarness) -> None:
    """A press in one thread confirms nothing in another, though the same person asked there."""
    async with harness.running(TOOLS, grace=0.0):
        one, other = await asked(harness), await asked(harness, "sink the other")
        value = buttons(one)["confirm"]
        await harness.workspace.forge_click(harness.ana, other, CONFIRM, value)
        await told(harness, texts.ALREADY_DECIDED)
        assert "confirm" in buttons(one)
        assert "confirm" in buttons(other)
    assert sample_tools.runs["sink"] == 0


@pytest.mark.parametrize("field", ["channel", "message", "author"])
@pytest.mark.parametrize("button", [CONFIRM, STOP])
async def test_a_press_that_contradicts_itself(
    harness: BotHarness, field: str, button: str
) -> None:
    """A payload that names another channel, another message or another author is ignored."""
    other = harness.workspace.add_channel("other", members=[harness.ana])
    async with harness.running(TOOLS, grace=0.0):
        message = await asked(harness)
        json = {"ts": message.ts, "thread_ts": message.thread_ts, "user": harness.bot.id}
        forged: dict[str, dict[str, Any]] = {
            "channel": {"channel": {"id": other.id}},
            "message": {"message": json | {"ts": "1.1"}},
            "author": {"message": json | {"user": harness.ben.id}},
        }
        value = buttons(message)["confirm"]
        await harness.workspace.forge_click(harness.ana, message, button, value, **forged[field])
        await harness.all_received()
        assert "confirm" in buttons(message)
        await harness.workspace.forge_click(
            harness.ana, message, button, value, channel={"id": message.channel}, message=json
        )
        await harness.workspace.until(lambda: "confirm" not in buttons(message))
    assert not harness.workspace.ephemerals


async def test_an_answer_of_another_thread(harness: BotHarness) -> None:
    """Regenerate for an answer that stands elsewhere writes nothing again."""
    async with harness.running():
        harness.model.enqueue("One.", "Two.")
        one, other = await harness.mention("one"), await harness.mention("two")
        (answer,) = await harness.answered(one, "One.")
        (theirs,) = await harness.answered(other, "Two.")
        await harness.finished(one)
        await harness.finished(other)
        container = {
            "type": "message",
            "channel_id": answer.channel,
            "message_ts": answer.ts,
            "thread_ts": theirs.thread_ts,
        }
        await harness.workspace.forge_click(harness.ana, answer, AGAIN, container=container)
        await told(harness, texts.UNKNOWN_ANSWER)
    assert len(harness.model.requests) == 2


async def test_an_answer_that_was_deleted(harness: BotHarness) -> None:
    """A press that was on its way when the answer was deleted writes nothing again."""
    chief = harness.workspace.add_person("Chief", admin=True)
    async with harness.running():
        harness.model.enqueue("Ahoy.")
        question = await harness.mention("hello")
        answer = await harness.finished(question)
        await harness.service.bot.idle()
        await harness.workspace.delete(chief, answer)
        await harness.workspace.forge_click(harness.ana, answer, AGAIN)
        await told(harness, texts.UNKNOWN_ANSWER)
    assert len(harness.model.requests) == 1


async def test_everybody_can_stop_and_rate(harness: BotHarness) -> None:
    """Guests and people of other organisations too, as the documentation says."""
    guest = harness.workspace.add_person("Gus", restricted=True)
    stranger = harness.workspace.add_person("Olaf", stranger=True)
    harness.general.members |= {guest.id, stranger.id}
    async with harness.running({"SLACKBOT_STREAMING": "edit"}):
        harness.model.enqueue(says("one two").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        await harness.stop(guest, question)
        answer = await harness.finished(question)
        await harness.workspace.click(stranger, answer, f"{PREFIX}feedback", "bad")
        await told(harness, texts.THANKS)
