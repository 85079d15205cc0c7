import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from slackbot.conversation.history import ToolCall
from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.conversation.roles import Role, RoleName, role_named
from slackbot.llm.tool_calls import Caller
from slackbot.llm.tool_offer import RunnableTool
from slackbot.tools import texts
from slackbot.tools.functions import FunctionTool, ToolOptions
from slackbot.tools.registry import MAX_TOOLS, ToolRegistry
from tests.tools import sample_tools

CALLER = Caller(UserId("U1"), ChannelId("C1"), TeamId("T1"))


class Source:
    """A source whose tools come and go."""

    def __init__(self) -> None:
        self.tools: list[RunnableTool] = []
        self.refreshed = 0

    async def refresh(self) -> None:
        self.refreshed += 1

    def available_tools(self) -> Sequence[RunnableTool]:
        return self.tools


def registry(*functions: Callable[..., Any]) -> ToolRegistry:
    return ToolRegistry([FunctionTool(function) for function in functions])


@pytest.fixture(autouse=True)
async def counts() -> AsyncIterator[None]:
    sample_tools.runs.clear()
    yield
    sample_tools.runs.clear()


def named(number: int, role: RoleName = "member") -> FunctionTool:
    async def function() -> int:
        """Returns its number."""
        return number

    function.__name__ = f"tool_{number}"
    return FunctionTool(function, ToolOptions(role=role_named(role)))


async def use(tools: ToolRegistry, call: ToolCall, role: Role = Role.MEMBER) -> str:
    """What the model reads of a call of a tool that is offered to people with this role."""
    return await tools.run(tools.offer(role).tools[call.name], call, CALLER)


def test_no_more_than_openai_takes(caplog: pytest.LogCaptureFixture) -> None:
    """Of too many tools, the first are offered. The others are logged, once."""
    tools = ToolRegistry([named(number) for number in range(MAX_TOOLS + 2)])
    offers = [tools.offer(Role.MEMBER), tools.offer(Role.MEMBER)]
    names = [f"tool_{number}" for number in range(MAX_TOOLS)]
    assert [[*offer.tools] for offer in offers] == [names, names]
    assert [message.partition(": ")[2] for message in caplog.messages] == ["tool_128, tool_129"]


def test_roles(caplog: pytest.LogCaptureFixture) -> None:
    """People are offered what their role allows, up to the limit: what is not for them takes no
    place. A tool that they can't use gives its name to no other.
    """
    mine = [named(number, "admin") for number in range(MAX_TOOLS)]
    other = named(0, "guest")
    tools = ToolRegistry([*mine, other, named(MAX_TOOLS, "guest")])
    assert tools.highest_role is Role.ADMIN
    offered = {role: tools.offer(role) for role in Role}
    assert [(len(offer.tools), len(offer.reserved)) for offer in offered.values()] == [
        (0, MAX_TOOLS + 1),
        (1, MAX_TOOLS),
        (1, MAX_TOOLS),
        (MAX_TOOLS, 0),
        (MAX_TOOLS, 0),
    ]
    assert [*offered[Role.GUEST].tools] == [f"tool_{MAX_TOOLS}"]
    assert offered[Role.ADMIN].tools["tool_0"] is mine[0]
    assert tools.offer(Role.ADMIN) == offered[Role.ADMIN]
    assert [message.partition(": ")[2] for message in caplog.messages] == ["tool_128"]
    assert ToolRegistry([]).highest_role is Role.OUTSIDER
    assert not ToolRegistry([other]).offer(Role.GUEST).reserved


async def test_sources() -> None:
    """A source adds the tools that it has at the moment, and can't replace another tool."""
    source = Source()
    tools = ToolRegistry([FunctionTool(sample_tools.add)], [source])
    assert [*tools.offer(Role.MEMBER).tools] == ["add"]
    source.tools = [named(1), FunctionTool(sample_tools.add, ToolOptions(requires_approval=True))]
    offer = tools.offer(Role.MEMBER)
    assert [*offer.tools] == ["add", "tool_1"]
    assert not offer.tools["add"].definition.requires_approval
    call = ToolCall("1", "tool_1")
    assert await tools.run(offer.tools["tool_1"], call, CALLER) == "1"
    source.tools = []
    assert await tools.run(offer.tools["tool_1"], call, CALLER) == texts.CHANGED
    assert [*offer.without({"tool_1"}).tools] == ["add"]
    await tools.refresh()
    assert source.refreshed == 1


async def test_a_tool_that_was_replaced() -> None:
    """A tool with the same name and the same definition is not the tool that was offered."""
    source = Source()
    tools = ToolRegistry([], [source])
    source.tools = [named(1)]
    offer = tools.offer(Role.MEMBER)
    source.tools = [named(1)]
    call = ToolCall("1", "tool_1")
    assert tools.problem(offer.tools["tool_1"], call) == texts.CHANGED
    assert await tools.run(offer.tools["tool_1"], call, CALLER) == texts.CHANGED


def test_problem() -> None:
    """A call that can't run has its error before anybody is asked to approve it."""
    tools = registry(sample_tools.sink)
    tool = tools.offer(Role.MEMBER).tools["sink"]
    assert tools.problem(tool, ToolCall("1", "sink", '{"ship": "Ann"}')) is None
    assert tools.problem(tool, ToolCall("2", "sink")) == (
        "Error: not run. The arguments do not fit. ship: Field required."
    )
    assert sample_tools.runs["sink"] == 0


async def test_errors(caplog: pytest.LogCaptureFixture) -> None:
    """A ToolError gives its sentence; any other error only its type, and the log the rest."""
    tools = registry(sample_tools.refuse, sample_tools.fail, sample_tools.cancel_itself)
    assert await use(tools, ToolCall("1", "refuse")) == "Error: The sea is too rough."
    with caplog.at_level(logging.ERROR):
        failed = await use(tools, ToolCall("2", "fail"))
    assert failed == "Error: it failed (ValueError). The bot's log says more."
    assert "a secret" in caplog.text
    cancelled = await use(tools, ToolCall("3", "cancel_itself"))
    assert cancelled == "Error: it failed (CancelledError). The bot's log says more."


@pytest.mark.parametrize("name", ["hang", "hang_in_a_thread"])
async def test_time_limit(name: str) -> None:
    """A call that takes too long is cancelled, and the model learns that it may have worked."""
    tools = registry(sample_tools.hang, sample_tools.hang_in_a_thread)
    assert await use(tools, ToolCall("1", name)) == (
        "Error: it took longer than 0.05 seconds and was given up. It may have taken effect."
    )


async def test_tool_that_refuses_to_end() -> None:
    """A tool that ignores its cancellation is left running, and ended when the registry closes."""
    sample_tools.runs["stubborn"] = 1
    tools = registry(sample_tools.hang)
    result = await use(tools, ToolCall("1", "hang"))
    assert result.startswith("Error: it took longer than 0.05 seconds")
    del sample_tools.runs["stubborn"]
    await tools.close()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
