from collections.abc import Callable
from typing import Any

import pytest

from slackbot.llm.tool_calls import Caller
from slackbot.tools.functions import FunctionTool
from slackbot.tools.schemas import arguments_model, description, json_schema, tool_name
from tests.tools import sample_tools


def test_definition() -> None:
    """Annotations, defaults and descriptions are in the schema, and nothing else."""
    definition = FunctionTool(sample_tools.add).definition
    assert (definition.name, definition.description, definition.requires_approval) == (
        "add",
        "Adds two numbers.",
        False,
    )
    assert definition.parameters == {
        "additionalProperties": False,
        "properties": {"a": {"type": "integer"}, "b": {"default": 1, "type": "integer"}},
        "required": ["a"],
        "type": "object",
    }


def test_models_and_constraints() -> None:
    """Models, constraints and choices are in the schema, and a parameter may have any name."""
    parameters = FunctionTool(sample_tools.order).definition.parameters
    assert parameters["properties"]["schema"] == {
        "default": "fast",
        "enum": ["fast", "slow"],
        "type": "string",
    }
    assert parameters["properties"]["orders"]["description"] == "What is wanted."
    assert parameters["$defs"]["Command"]["properties"]["number"]["exclusiveMinimum"] == 0


def test_callers() -> None:
    """Parameters of type Caller are not in the schema."""

    def greet(caller: Caller, word: str) -> str:
        """Greets the person who asks."""
        return f"{word} {caller.user}"

    caller_names, model = arguments_model(greet)
    assert caller_names == ["caller"]
    assert list(json_schema(model)["properties"]) == ["word"]
    assert (tool_name(greet), description(greet)) == ("greet", "Greets the person who asks.")


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
        (variadic, "passed by name"),
        (positional, "passed by name"),
        (strange, "no JSON schema"),
        (lambda: None, "its name"),
        (verbose, "longer than 1,024"),
    ],
)
def test_refused(function: Callable[..., Any], problem: str) -> None:
    """A function that can't be a tool is refused, with what to change."""
    with pytest.raises(TypeError, match=problem):
        FunctionTool(function)
