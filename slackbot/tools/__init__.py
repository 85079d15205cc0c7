"""Tools that the model may call: a team's own functions, MCP servers, and the built-in ones.

A team writes its own as plain Python functions, and imports these three names:

from slackbot.tools import Caller, ToolError, tool

@tool
async def open_tickets(project: str, caller: Caller) -> list[str]:
    "The titles of the open tickets of a project."
"""

from slackbot.errors import ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.tools.functions import tool

__all__ = ["Caller", "ToolError", "tool"]
