"""Typed Python functions as tools: what the model is told of them, and which can't be any."""

from collections.abc import Callable
from typing import Any

import pytest

from slackbot.errors import ToolError
from slackbot.tools import Caller, tool
from slackbot.tools.functions import FunctionTool
from tests.tools import sample_tools

CALLER = Caller("U1", "C1", "T1")


def test_the_schema() -> None:
    """Annotations, defaults and descriptions are in the schema, and nothing else is."""
    told = FunctionTool(sample_tools.add).tool
    assert (told.name, told.description, told.requires_approval) == (
        "add",
        "Adds two numbers.",
        False,
    )
    assert told.parameters == {
        "additionalProperties": False,
        "properties": {"a": {"type": "integer"}, "b": {"default": 1, "type": "integer"}},
        "required": ["a"],
        "type": "object",
    }


def test_a_schema_with_models() -> None:
    """Models, constraints and choices are told, and a parameter may be called as it likes."""
    parameters = FunctionTool(sample_tools.order).tool.parameters
    assert parameters["properties"]["schema"] == {
        "default": "fast",
        "enum": ["fast", "slow"],
        "type": "string",
    }
    assert parameters["properties"]["orders"]["description"] == "What is wanted."
    assert parameters["$defs"]["Command"]["properties"]["number"]["exclusiveMinimum"] == 0


async def test_arguments_are_read() -> None:
    """The function gets values of the types that it has named."""
    order = FunctionTool(sample_tools.order)
    assert await order.run('{"orders": [{"item": "rum", "number": 2}]}', CALLER) == "fast: 2 rum"
    with pytest.raises(ToolError, match=r"orders.0.number: Input should be greater than 0"):
        await order.run('{"orders": [{"item": "rum", "number": 0}]}', CALLER)


def test_a_marked_function_stays_one() -> None:
    """It can be called as before, in other functions and in a team's tests."""
    assert sample_tools.add(1, 2) == 3


def test_danger_and_limits() -> None:
    """What the decorator says counts."""
    assert FunctionTool(sample_tools.sink).tool.requires_approval
    assert FunctionTool(sample_tools.hang).time_limit == 0.05


def undocumented(a: int) -> int:
    return a


def untyped(a) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Has a parameter without a type."""


def variadic(*a: int) -> None:
    """Has any number of parameters."""


def positional(a: int, /) -> None:
    """Has a parameter without a name."""


def strange(a: Callable[[], Any]) -> None:
    """Takes what JSON can't say."""


def verbose() -> None: ...


verbose.__doc__ = "x" * 1_025


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (undocumented, "no docstring"),
        (untyped, "a has no type"),
        (variadic, "given by name"),
        (positional, "given by name"),
        (strange, "no JSON schema"),
        (lambda: None, "its name"),
        (verbose, "longer than 1,024"),
    ],
)
def test_what_can_not_be_a_tool(function: Callable[..., Any], problem: str) -> None:
    """A function that can't be a tool is refused with what to do."""
    with pytest.raises(TypeError, match=problem):
        FunctionTool(tool(function))
