"""The calls of one round of tools, over the wire."""

import asyncio
from collections.abc import Iterator

import pytest

from slackbot.conversation.history import NOT_RUN
from slackbot.llm import tool_calls
from slackbot.playground.fake_openai.script import calls, calls_together
from tests.harness import BotHarness
from tests.tools import sample_tools
from tests.turns.tool_use import TOOLS, tool_results

UNFIT = f"{NOT_RUN}. The arguments do not fit."


@pytest.fixture(autouse=True)
def fresh_tools() -> Iterator[None]:
    """Clears what the tools recorded after each test."""
    sample_tools.runs.clear()
    sample_tools.gate, sample_tools.begun = asyncio.Event(), asyncio.Event()
    yield
    sample_tools.runs.clear()


async def test_tools_run_together(harness: BotHarness) -> None:
    """The calls of one answer run side by side; each has its result, in the order of the calls."""
    async with harness.running(TOOLS):
        harness.model.enqueue(
            calls_together(
                calls("wait_for_gate", "{}", call_id="slow"),
                calls("add", '{"a":', " 1}", call_id="quick"),
            ),
            "Done.",
        )
        question = await harness.mention("both")
        await sample_tools.begun.wait()
        await harness.workspace.until(lambda: harness.uses_tools(question, "wait_for_gate", "add"))
        sample_tools.gate.set()
        await harness.answered(question, "Done.\n\n🔧 _Used `wait_for_gate`, `add`_")
    assert tool_results(harness) == ["open", "2"]


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        (
            "add",
            '{"a": "x"}',
            f"{UNFIT} a: Input should be a valid",
        ),
        (
            "add",
            '{"a": 1, "c": 1}',
            f"{UNFIT} c: Extra inputs are not",
        ),
        ("add", "{}", f"{UNFIT} a: Field required."),
        ("add", '{"a": 1', tool_calls.INVALID_ARGUMENTS),
        ("add", "[1]", tool_calls.INVALID_ARGUMENTS),
        ("add", '{"a": "\\ud83d"}', tool_calls.INVALID_ARGUMENTS),
        ("invented", "{}", "Error: not run, because there is no tool invented. There are: add, "),
        ("in vented!", "{}", "Error: not run, because there is no tool in_vented_."),
        ("fail", "{}", "Error: it failed (ValueError). The bot's log says more."),
        ("refuse", "{}", "Error: The sea is too rough."),
        ("leave", "{}", "Error: it failed (RuntimeError)."),
        ("leave_the_loop", "{}", "Error: it failed (RuntimeError)."),
        ("cancel_itself", "{}", "Error: it failed (CancelledError)."),
        ("hang", "{}", "Error: it took longer than 0.05 seconds and was given up."),
        ("hang_in_a_thread", "{}", "Error: it took longer than 0.05 seconds and was given up."),
        ("no_json", "{}", "Error: It returned something that is no JSON: object."),
        ("nothing", "{}", "Done."),
        ("add", "", f"{UNFIT} a: Field required."),
    ],
)
async def test_what_goes_wrong(harness: BotHarness, name: str, arguments: str, result: str) -> None:
    """Whatever becomes of a call, the model is told in its tool message, and answers. People read
    that a tool was used only if it was run.
    """
    async with harness.running(TOOLS):
        harness.model.enqueue(calls(name, arguments), "Well.")
        question = await harness.mention("go")
        answer = await harness.finished(question)
    is_run = not result.startswith(NOT_RUN)
    assert answer.shown.startswith("Well.\n\n🔧 _Used") if is_run else answer.shown == "Well."
    assert {state for _, state in answer.tasks.values()} <= {"complete" if is_run else "error"}
    (message,) = tool_results(harness)
    assert message.startswith(result)
    assert "a secret" not in message


async def test_a_stubborn_tool(harness: BotHarness) -> None:
    """A tool that does not let itself be cancelled is left behind."""
    sample_tools.runs["stubborn"] = 1
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("hang", "{}"), "Well.")
        question = await harness.mention("go")
        await harness.finished(question)
        sample_tools.runs.clear()
    assert tool_results(harness)[0].startswith("Error: it took longer")


async def test_a_long_result_is_cut(harness: BotHarness) -> None:
    """A result of ten megabytes is cut with a note, and the next request fits."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("shout", "{}"), "Loud.")
        await harness.finished(await harness.mention("shout"))
    (message,) = tool_results(harness)
    assert len(message) == tool_calls.MAX_RESULT_CHARACTERS
    assert message.endswith("[The rest was cut off: 10,000,000 characters in all.]")


async def test_a_stopped_answer(harness: BotHarness) -> None:
    """Stop ends the tools too; each call has its message in the next request."""
    async with harness.running(TOOLS):
        harness.model.enqueue(calls("wait_for_gate", "{}"), "Fine.")
        question = await harness.mention("wait")
        await harness.stop(harness.ben, question)
        shown = "🔧 _Used `wait_for_gate`_\n\n⚠️ _Stopped here._"
        await harness.answered(question, shown)
        await harness.workspace.say(harness.ana, harness.general, "and now?", thread=question.ts)
        await harness.answered(question, shown, "Fine.")
    assert tool_results(harness) == [tool_calls.STOPPED]
