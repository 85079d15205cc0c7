"""Tools that the model may use. A team's own are plain Python functions:

from slackbot.tools import Caller, ToolError, tool

@tool
async def open_tickets(project: str, caller: Caller) -> list[str]:
    "The titles of the open tickets of a project."
"""

from slackbot.errors import ToolError
from slackbot.llm.tool_calls import Caller
from slackbot.tools.functions import tool

__all__ = ["Caller", "ToolError", "tool"]
