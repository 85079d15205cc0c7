"""What the model reads of an MCP server's result.

https://modelcontextprotocol.io/specification/draft/server/tools#tool-result
"""

import json

from mcp.types import (
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    TextContent,
    TextResourceContents,
)


def result_text(result: CallToolResult) -> str:
    """The text of a result, with the type of each part that is none."""
    parts = [*map(_part_text, result.content)]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return "\n".join(parts)


def _part_text(part: ContentBlock) -> str:
    if isinstance(part, TextContent):
        return part.text
    if isinstance(part, EmbeddedResource) and isinstance(part.resource, TextResourceContents):
        return part.resource.text
    return f"[{part.type}]"
