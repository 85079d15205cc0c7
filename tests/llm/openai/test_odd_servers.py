"""What people see of answers that come in other forms than OpenAI's, and what goes back."""

import pytest

from slackbot.conversation.texts import EMPTY
from slackbot.delivery.texts import FINISH_NOTES, THINKING_STATUS, THOUGHT_TOO_LONG
from slackbot.playground.fake_openai.odd_scripts import (
    calls_whole,
    fails_in_choice,
    finishes_early,
    in_parts,
    reasons,
)
from slackbot.playground.fake_openai.script import Script, says
from tests.delivery.transports import IN_BOTH
from tests.harness import BotHarness
from tests.turns.tool_use import TOOLS

THOUGHT = "A greeting, so I greet."


@pytest.mark.parametrize(
    "script",
    [
        in_parts("Hello you", thought=THOUGHT),
        in_parts("Hello you", thought=THOUGHT).unstreamed(),
        says(f"<think>\n{THOUGHT}\n</think>\n\nHello you"),
        says(f"[THINK]{THOUGHT}[/THINK]Hello you"),
        says(f"{THOUGHT}\n</think>\n\nHello you"),
        reasons(THOUGHT).then(says("Hello you")),
        reasons(THOUGHT, "reasoning").then(says("Hello you").ending("")),
        finishes_early("Hello you"),
        says("Hello you").ending(""),
        says("Hello you").ending("STOP"),
    ],
)
@IN_BOTH
async def test_an_answer(harness: BotHarness, script: Script, streaming: str) -> None:
    """People read the answer and nothing else, and nothing else goes back to the model."""
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(script, "And more.")
        question = await harness.mention("hello")
        await harness.answered(question, "Hello you")
        await harness.service.bot.idle()
        await harness.mention("more", thread=question.ts)
        await harness.answered(question, "Hello you", "And more.")
    assert harness.history()[1] == ("assistant", "", "Hello you")
    assert "greet" not in str(harness.model.requests[-1]["messages"][1:])


async def test_a_thought_is_a_status(harness: BotHarness) -> None:
    """While the model thinks, its status says so, and there is no message yet."""
    async with harness.running():
        harness.model.enqueue(says(f"<think>{THOUGHT}</think>Hello you").held(after=4))
        question = await harness.mention("hello")
        await harness.model.until(
            lambda: bool(harness.model.streams) and harness.model.streams[0].sent == 4
        )
        thread = (question.channel, question.ts)
        await harness.workspace.until(lambda: thread in harness.workspace.statuses)
        assert harness.workspace.statuses[thread] == THINKING_STATUS
        assert harness.answers(question) == []
        harness.model.release()
        await harness.answered(question, "Hello you")


@IN_BOTH
async def test_a_thought_that_was_shown(harness: BotHarness, streaming: str) -> None:
    """Only the closing tag tells that it was one: then it is replaced. After that the thoughts of
    this model are never shown.
    """
    script = says(f"{THOUGHT}\n</think>\n\nHello you")
    async with harness.running({"SLACKBOT_STREAMING": streaming}):
        harness.model.enqueue(script.held(after=3), script.held(after=3))
        question = await harness.mention("hello")
        await harness.answered(question, "A greeting, so")
        harness.model.release()
        await harness.answered(question, "Hello you")
        await harness.service.bot.idle()
        again = await harness.mention("hello again")
        await harness.model.until(lambda: len(harness.model.streams) == 2)
        await harness.model.until(lambda: harness.model.streams[1].sent == 3)
        assert harness.answers(again) == []
        harness.model.release()
        await harness.answered(again, "Hello you")


async def test_an_answer_about_tags(harness: BotHarness) -> None:
    """An answer that explains these tags is shown whole."""
    text = "R1 writes `<think>`, then `</think>`:\n\n```xml\n<think>\nHm.\n</think>\nHi\n```"
    async with harness.running():
        harness.model.enqueue(text)
        question = await harness.mention("what are think tags?")
        assert (await harness.finished(question)).shown == text


@pytest.mark.parametrize(
    ("script", "note"),
    [
        (says(f"<think>{THOUGHT}"), EMPTY),
        (says(f"<think>{THOUGHT}").ending("length"), THOUGHT_TOO_LONG),
        (says(f"<think>{THOUGHT}</think>"), EMPTY),
        (reasons(THOUGHT), EMPTY),
        (in_parts("", thought=THOUGHT), EMPTY),
        (Script().ending("SAFETY"), FINISH_NOTES["content_filter"]),
    ],
)
async def test_nothing_but_a_thought(harness: BotHarness, script: Script, note: str) -> None:
    """A model that only thought is asked again by a button, and its thought stays hidden."""
    async with harness.running():
        harness.model.enqueue(script)
        question = await harness.mention("hello")
        assert (await harness.finished(question)).shown == f"⚠️ _{note}_"


@pytest.mark.parametrize(
    "broken",
    [
        says("Some of it").ending("error"),
        says("Some of it").ending("insufficient_system_resource"),
        fails_in_choice("Some of it", "Provider disconnected"),
    ],
)
async def test_a_broken_answer(harness: BotHarness, broken: Script) -> None:
    """It is asked for once more, in the same message."""
    async with harness.running():
        harness.model.enqueue(broken, "Hello you")
        question = await harness.mention("hello")
        await harness.answered(question, "Hello you")
    assert len(harness.model.requests) == 2


async def test_thoughts_before_tools(harness: BotHarness) -> None:
    """A thought before calls and one before the answer are both hidden, and calls that come whole,
    without ids and with objects for arguments, are run.
    """
    call = {"function": {"name": "add", "arguments": {"a": 1}}}
    other = {"function": {"name": "add", "arguments": {"a": 2}}}
    async with harness.running(TOOLS):
        harness.model.enqueue(
            says(f"<think>{THOUGHT}</think>").then(calls_whole(call, other)),
            says(f"<think>{THOUGHT}</think>It is 2 and 3."),
        )
        question = await harness.mention("add")
        await harness.answered(question, "It is 2 and 3.\n\n🔧 _Used `add` 2 times_")
    calling, *results = harness.model.requests[-1]["messages"][-3:]
    assert calling["content"] == ""
    assert [each["content"] for each in results] == ["2", "3"]
    assert len({each["id"] for each in calling["tool_calls"]}) == 2
