"""What the model reads of an MCP server's result."""

import json

from mcp.types import CallToolResult, TextContent


def result_text(result: CallToolResult) -> str:
    """The text of a result whose parts are texts, as `mcp_trimming` makes them."""
    parts = [part.text for part in result.content if isinstance(part, TextContent)]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return "\n".join(parts)
