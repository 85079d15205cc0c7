import json

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, UserId
from slackbot.errors import ToolError
from slackbot.tools import Caller
from slackbot.tools.functions import FunctionTool, ToolOptions, is_tool
from tests.tools import sample_tools

CALLER = Caller(UserId("U1"), ChannelId("C1"), TeamId("T1"))


async def test_arguments() -> None:
    """The function gets values of its own types, and wrong arguments are an error."""
    order = FunctionTool(sample_tools.order)
    assert await order.run('{"orders": [{"item": "rum", "number": 2}]}', CALLER) == "fast: 2 rum"
    with pytest.raises(ToolError, match=r"orders.0.number: Input should be greater than 0"):
        await order.run('{"orders": [{"item": "rum", "number": 0}]}', CALLER)


def test_marked_function() -> None:
    """A marked function can be called as before, in other functions and in a team's tests."""
    assert is_tool(sample_tools.add)
    assert sample_tools.add(1, 2) == 3


def test_options() -> None:
    """The options of the decorator count, unless others are given."""
    assert FunctionTool(sample_tools.sink).definition.requires_approval
    assert FunctionTool(sample_tools.add).definition.read_only
    assert not FunctionTool(sample_tools.sink).definition.read_only
    assert FunctionTool(sample_tools.hang).time_limit == 0.05
    assert FunctionTool(sample_tools.hang, ToolOptions(time_limit=2)).time_limit == 2


async def test_caller() -> None:
    """A parameter of type Caller gets who asks, and the model can't give it."""
    who = FunctionTool(sample_tools.who_am_i)
    assert json.loads(await who.run("{}", CALLER)) == {"user": "U1", "channel": "C1", "team": "T1"}
    with pytest.raises(ToolError, match="caller: Extra inputs"):
        who.validate('{"caller": {"user": "U2"}}')


async def test_results() -> None:
    """Text goes to the model as it is, None as a word, and anything else as JSON."""
    assert (await FunctionTool(sample_tools.shout).run("{}", CALLER)).startswith("aaa")
    assert await FunctionTool(sample_tools.nothing).run("{}", CALLER) == "Done."
    assert await FunctionTool(sample_tools.add).run('{"a": 1}', CALLER) == "2"
    with pytest.raises(ToolError, match="no JSON: object"):
        await FunctionTool(sample_tools.no_json).run("{}", CALLER)


@pytest.mark.parametrize("function", [sample_tools.leave, sample_tools.leave_the_loop])
async def test_exit(function: object) -> None:
    """A function that tries to end the program raises an ordinary error instead."""
    assert callable(function)
    with pytest.raises(RuntimeError, match="SystemExit"):
        await FunctionTool(function).run("{}", CALLER)
