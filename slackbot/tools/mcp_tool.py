"""A tool of an MCP server, as the bot offers it."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slackbot.conversation.roles import role_named
from slackbot.llm.tool_calls import MAX_TOOL_NAME_CHARACTERS, Caller, ToolDefinition
from slackbot.tools import texts
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_pins import ReviewedTool
from slackbot.tools.mcp_schemas import without_words


@dataclass(frozen=True, slots=True)
class McpTool:
    definition: ToolDefinition
    time_limit: float
    server: str
    name: str
    """The server's own name for it."""
    accepted: bool
    """It is as the server declared it at first, or as an admin has accepted it."""
    call: "CallTool"

    def validate(self, arguments: str) -> None:
        """The server does that itself."""

    async def run(self, arguments: str, caller: Caller) -> str:  # noqa: ARG002 - the server does not get it
        return await self.call(self, arguments)


CallTool = Callable[[McpTool, str], Awaitable[str]]
"""Calls a tool with a JSON object of arguments. Raises ToolError."""


def mcp_tool(
    server: str,
    config: McpServerConfig,
    reviewed: ReviewedTool,
    call: CallTool,
) -> McpTool:
    """The tool as its pinned declaration has it. One that no admin has accepted needs approval, and
    if it has no pinned declaration, the model reads none of its words.
    """
    pinned = reviewed.declaration
    parameters = json.loads(pinned.parameters)
    definition = ToolDefinition(
        name=function_name(server, reviewed.name),
        description=pinned.description if reviewed.known else texts.NEW_TOOL.format(server=server),
        parameters=parameters if reviewed.known else without_words(parameters),
        requires_approval=not reviewed.accepted
        or config.requires_approval(reviewed.name, read_only=_only_reads(pinned.annotations)),
        role=role_named(config.role),
        read_only=json.loads(pinned.annotations).get("readOnlyHint") is True,
        review=reviewed.review,
    )
    return McpTool(definition, config.time_limit, server, reviewed.name, reviewed.accepted, call)


def function_name(server: str, tool: str) -> str:
    """The name under which the model calls a tool; two tools can get the same one."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", f"{server}_{tool}")[:MAX_TOOL_NAME_CHARACTERS]


def _only_reads(annotations: str) -> bool:
    """Whether a server declares a tool read-only or non-destructive."""
    hints = json.loads(annotations)
    return hints.get("readOnlyHint") is True or hints.get("destructiveHint") is False
