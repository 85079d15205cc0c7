import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from slackbot.conversation.history import ToolCall
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.llm.tool_calls import Caller
from slackbot.tools.functions import FunctionTool, ToolOptions
from slackbot.tools.registry import MAX_TOOLS, RunnableTool, ToolRegistry
from tests.tools import sample_tools

CALLER = Caller(UserId("U1"), ChannelId("C1"), TeamId("T1"))


class Source:
    """A source whose tools come and go."""

    def __init__(self) -> None:
        self.tools: list[RunnableTool] = []

    def available_tools(self) -> Sequence[RunnableTool]:
        return self.tools


def registry(*functions: Callable[..., Any]) -> ToolRegistry:
    return ToolRegistry([FunctionTool(function) for function in functions])


@pytest.fixture(autouse=True)
async def counts() -> AsyncIterator[None]:
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


def named(number: int) -> FunctionTool:
    async def function() -> int:
        """Returns its number."""
        return number

    function.__name__ = f"tool_{number}"
    return FunctionTool(function)


def test_no_more_than_openai_takes() -> None:
    """Of too many tools, the first are offered."""
    tools = ToolRegistry([named(number) for number in range(MAX_TOOLS + 5)]).tools()
    assert [tool.name for tool in tools] == [f"tool_{number}" for number in range(MAX_TOOLS)]


async def test_sources() -> None:
    """A source adds the tools that it has at the moment, and can't replace another tool."""
    source = Source()
    tools = ToolRegistry([FunctionTool(sample_tools.add)], [source])
    assert [tool.name for tool in tools.tools()] == ["add"]
    source.tools = [named(1), FunctionTool(sample_tools.add, ToolOptions(requires_approval=True))]
    assert [tool.name for tool in tools.tools()] == ["add", "tool_1"]
    assert not tools.tools()[0].requires_approval
    assert await tools.use(ToolCall("1", "tool_1"), CALLER) == "1"
    source.tools = []
    unknown = "Error: not run, because there is no tool tool_1. There are: add."
    assert await tools.use(ToolCall("2", "tool_1"), CALLER) == unknown


def test_problem() -> None:
    """A call that can't run has its error before anybody is asked to approve it."""
    tools = registry(sample_tools.sink)
    assert tools.problem(ToolCall("1", "sink", '{"ship": "Ann"}')) is None
    assert tools.problem(ToolCall("2", "sink")) == (
        "Error: not run. The arguments do not fit. ship: Field required."
    )
    assert tools.problem(ToolCall("3", "fly")) == (
        "Error: not run, because there is no tool fly. There are: sink."
    )
    assert sample_tools.runs["sink"] == 0


async def test_errors(caplog: pytest.LogCaptureFixture) -> None:
    """A ToolError gives its sentence; any other error only its type, and the log the rest."""
    tools = registry(sample_tools.refuse, sample_tools.fail, sample_tools.cancel_itself)
    assert await tools.use(ToolCall("1", "refuse"), CALLER) == "Error: The sea is too rough."
    with caplog.at_level(logging.ERROR):
        failed = await tools.use(ToolCall("2", "fail"), CALLER)
    assert failed == "Error: it failed (ValueError). The bot's log says more."
    assert "a secret" in caplog.text
    cancelled = await tools.use(ToolCall("3", "cancel_itself"), CALLER)
    assert cancelled == "Error: it failed (CancelledError). The bot's log says more."


@pytest.mark.parametrize("name", ["hang", "hang_in_a_thread"])
async def test_time_limit(name: str) -> None:
    """A call that takes too long is cancelled, and the model learns that it may have worked."""
    tools = registry(sample_tools.hang, sample_tools.hang_in_a_thread)
    assert await tools.use(ToolCall("1", name), CALLER) == (
        "Error: it took longer than 0.05 seconds and was given up. It may have taken effect."
    )


async def test_tool_that_refuses_to_end() -> None:
    """A tool that ignores its cancellation is left running, and ended when the registry closes."""
    sample_tools.runs["stubborn"] = 1
    tools = registry(sample_tools.hang)
    result = await tools.use(ToolCall("1", "hang"), CALLER)
    assert result.startswith("Error: it took longer than 0.05 seconds")
    del sample_tools.runs["stubborn"]
    await tools.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
