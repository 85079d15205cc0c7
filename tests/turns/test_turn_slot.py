"""A turn gives its slot back while a person thinks, and takes it again, over the wire."""

import asyncio
from collections.abc import Iterator

import pytest

from slackbot.playground.fake_openai.script import Script, calls, calls_together, says
from slackbot.playground.fake_slack.messages import PostedMessage
from tests.harness import BotHarness, Request, buttons
from tests.tools import sample_tools
from tests.turns.tool_use import TOOLS, tool_results

ONE_AT_A_TIME = {**TOOLS, "SLACKBOT_MAX_REPLIES": "1"}

USED = "It is gone.\n\n🔧 _Used `sink`_"


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


def answering(request: Request) -> Script | str:
    """A model that sinks a ship where it is asked to, and counts slowly where it is not."""
    *_, last = request["messages"]
    if last["role"] == "tool":
        return "It is gone."
    if "sink" in last["content"]:
        return calls("sink", '{"ship": "Ann"}')
    return says("one two").held(after=1)


async def until_asked(harness: BotHarness, question: PostedMessage) -> PostedMessage:
    await harness.workspace.until(
        lambda: harness.answers(question) and "confirm" in buttons(harness.answers(question)[-1])
    )
    return harness.answers(question)[-1]


async def until_decided(harness: BotHarness, question: PostedMessage) -> None:
    await harness.workspace.until(lambda: "confirm" not in buttons(harness.answers(question)[-1]))


async def asked_while_others_count(harness: BotHarness) -> tuple[PostedMessage, PostedMessage]:
    """A question that waits for a person, and another one that is being answered meanwhile."""
    harness.model.answer = answering
    question = await harness.mention("sink it")
    await until_asked(harness, question)
    other = harness.workspace.add_channel("other", members=[harness.ben])
    counting = await harness.workspace.say(harness.ben, other, f"{harness.bot.mention} count")
    await harness.answered(counting, "one")
    return question, counting


async def test_the_slot_is_taken_again_before_others(harness: BotHarness) -> None:
    """An approved call waits for a slot, and comes before questions that were asked later."""
    async with harness.running(ONE_AT_A_TIME):
        question, counting = await asked_while_others_count(harness)
        third = harness.workspace.add_channel("third", members=[harness.ben])
        late = await harness.workspace.say(harness.ben, third, f"{harness.bot.mention} count")
        await harness.press(harness.ana, question, "confirm")
        await harness.workspace.until(
            lambda: "confirm" not in buttons(harness.answers(question)[-1])
        )
        assert sample_tools.runs["sink"] == 0
        harness.model.release()
        await harness.answered(question, USED)
        await harness.answered(counting, "one two")
        await harness.answered(late, "one")
        harness.model.release()
        await harness.answered(late, "one two")
    texts = [request["messages"][-1]["role"] for request in harness.model.requests]
    assert texts == ["user", "user", "tool", "user"]


async def test_stop_while_the_slot_is_awaited(harness: BotHarness) -> None:
    """The answer ends at once, nothing runs, and the line goes on."""
    async with harness.running(ONE_AT_A_TIME):
        question, counting = await asked_while_others_count(harness)
        await harness.press(harness.ana, question, "confirm")
        await harness.workspace.until(
            lambda: "confirm" not in buttons(harness.answers(question)[-1])
        )
        await harness.stop(harness.ana, question)
        await harness.workspace.until(
            lambda: harness.answers(question)[-1].shown.endswith("⚠️ _Stopped here._")
        )
        harness.model.release()
        await harness.answered(counting, "one two")
        await harness.service.bot.idle()
        again = await harness.mention("count")
        await harness.answered(again, "one")
        harness.model.release()
    assert sample_tools.runs["sink"] == 0


async def test_an_edit_while_the_slot_is_given_back(harness: BotHarness) -> None:
    """The question is asked again, about the new text, once there is a slot."""
    async with harness.running(ONE_AT_A_TIME):
        question, counting = await asked_while_others_count(harness)
        before = buttons(harness.answers(question)[-1])["confirm"]
        await harness.workspace.edit(harness.ana, question, f"{harness.bot.mention} sink her")
        harness.model.release()
        await harness.answered(counting, "one two")
        await harness.workspace.until(
            lambda: buttons(harness.answers(question)[-1]).get("confirm", before) != before
        )
        await harness.press(harness.ana, question, "confirm")
        await harness.answered(question, USED)
    assert sample_tools.runs["sink"] == 1


async def test_a_deleted_question_needs_no_slot(harness: BotHarness) -> None:
    """It is gone with its buttons, and others go on."""
    async with harness.running(ONE_AT_A_TIME):
        question, counting = await asked_while_others_count(harness)
        await harness.workspace.delete(harness.ana, question)
        await harness.workspace.until(lambda: not harness.answers(question))
        harness.model.release()
        await harness.answered(counting, "one two")
    assert sample_tools.runs["sink"] == 0


async def test_the_end_of_the_process_while_the_slot_is_awaited(harness: BotHarness) -> None:
    """An approved call runs in the grace period: nobody else begins, so it waits for nobody."""
    async with harness.running(ONE_AT_A_TIME, grace=10.0):
        question, _ = await asked_while_others_count(harness)

        def answers_and_releases(request: Request) -> Script | str:
            harness.model.release()
            return answering(request)

        await harness.press(harness.ana, question, "confirm")
        await harness.workspace.until(
            lambda: "confirm" not in buttons(harness.answers(question)[-1])
        )
        harness.model.answer = answers_and_releases
    await harness.answered(question, USED)
    assert sample_tools.runs["sink"] == 1


async def test_the_slot_is_kept_while_other_tools_run(harness: BotHarness) -> None:
    """A round that asks a person and runs another tool holds its slot until that tool is done."""
    both = calls_together(
        calls("sink", '{"ship": "Ann"}', call_id="sink"),
        calls("wait_for_gate", "{}", call_id="gate"),
    )
    sample_tools.gate = asyncio.Event()
    async with harness.running(ONE_AT_A_TIME):
        harness.model.enqueue(both, "Ahoy.", "It is gone.")
        question = await harness.mention("sink it, and wait")
        await until_asked(harness, question)
        other = harness.workspace.add_channel("other", members=[harness.ben])
        greeting = await harness.workspace.say(harness.ben, other, f"{harness.bot.mention} hello")
        await harness.workspace.until(lambda: harness.workspace.statuses)
        assert len(harness.model.requests) == 1
        sample_tools.gate.set()
        await harness.answered(greeting, "Ahoy.")
        await harness.press(harness.ana, question, "confirm")
        await harness.finished(question)
    assert tool_results(harness) == ["Ann is gone", "open"]
