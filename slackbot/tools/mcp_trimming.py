"""Takes from a server's answer what the bot does not need, before mcp's session works with it.

The session makes an object of each part, which takes seconds for a hundred thousand small ones, and
checks results against schemas with patterns that a server can write so that the check never ends.
"""

from typing import Any

from slackbot.tools.registry import MAX_TOOLS

MAX_PARTS = 1_000
"""Of a result; the model reads 20,000 characters of all of them together."""

TOOL_FIELDS = frozenset({"name", "title", "description", "inputSchema", "annotations"})
"""https://modelcontextprotocol.io/specification/draft/schema#tool"""


def trim(result: dict[str, Any]) -> None:
    """Changes the result of any request in place."""
    info = result.get("serverInfo")
    if isinstance(info, dict):
        info.pop("icons", None)
    tools, content = result.get("tools"), result.get("content")
    if isinstance(tools, list):
        result["tools"] = [_trimmed_tool(tool) for tool in tools[: MAX_TOOLS + 1]]
    if isinstance(content, list):
        result["content"] = [_as_text(part) for part in content[:MAX_PARTS]]


def _trimmed_tool(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return tool
    return {key: value for key, value in tool.items() if key in TOOL_FIELDS}


def _as_text(part: Any) -> Any:
    """A part of a result as text: its own, or its type if it has none.

    https://modelcontextprotocol.io/specification/draft/server/tools#tool-result
    """
    match part:
        case {"type": "text", "text": str(text)}:
            pass
        case {"type": "resource", "resource": {"text": str(text)}}:
            pass
        case {"type": str(kind)}:
            text = f"[{kind[:100]}]"
        case _:
            return part
    return {"type": "text", "text": text}
