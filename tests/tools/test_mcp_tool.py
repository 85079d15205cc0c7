"""A server's tool as the model gets it."""

import json
from collections.abc import Mapping

import pytest

from slackbot.llm.tool_pins import ToolDeclaration
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_pins import ReviewedTool
from slackbot.tools.mcp_tool import McpTool, function_name, mcp_tool


async def call(tool: McpTool, arguments: str) -> str:
    return f"{tool.name} {arguments}"


def made(
    annotations: object,
    config: Mapping[str, object] | None = None,
    *,
    accepted: bool = True,
    known: bool = True,
) -> McpTool:
    declaration = ToolDeclaration("Reads.", '{"title":"all"}', json.dumps(annotations))
    reviewed = ReviewedTool("read", declaration, accepted=accepted, known=known)
    settings = McpServerConfig.model_validate({"command": "x", **(config or {})})
    return mcp_tool("files", settings, reviewed, call)


@pytest.mark.parametrize(
    ("annotations", "config", "needed"),
    [
        ({"readOnlyHint": True}, {}, False),
        ({"destructiveHint": False}, {}, False),
        ({"readOnlyHint": "yes"}, {}, True),
        ({}, {}, True),
        ({}, {"confirm": ["write"]}, True),
        ({"readOnlyHint": True}, {"confirm": ["read"]}, True),
        ({"readOnlyHint": True}, {"confirm": True}, True),
        ({}, {"confirm": False}, False),
    ],
)
def test_approval(annotations: object, config: Mapping[str, object], *, needed: bool) -> None:
    """The file adds to what the server's annotations ask for; what no admin has accepted needs
    approval whatever they say.
    """
    assert made(annotations, config).definition.requires_approval is needed
    assert made(annotations, config, accepted=False).definition.requires_approval


def test_words() -> None:
    """A tool that is not known has none of its own."""
    assert made({}).definition.description == "Reads."
    new = made({}, accepted=False, known=False).definition
    assert "Reads" not in new.description
    assert new.parameters == {}


def test_names() -> None:
    """A function's name has few characters, and not many of them."""
    assert function_name("a", "b.send mail") == "a_b_send_mail"
    assert len(function_name("a", "b" * 100)) == 64


@pytest.mark.parametrize(
    ("annotations", "accepted", "repeatable"),
    [
        ({"readOnlyHint": True}, True, True),
        ({"readOnlyHint": True}, False, False),
        ({"readOnlyHint": "yes"}, True, False),
        ({"destructiveHint": False}, True, False),
        ({}, True, False),
    ],
)
def test_what_runs_again(annotations: object, *, accepted: bool, repeatable: bool) -> None:
    """Regenerate repeats what is declared read-only, and was accepted so."""
    assert made(annotations, accepted=accepted).definition.is_repeatable is repeatable
