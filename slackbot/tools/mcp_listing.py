"""What a server declares about its tools: as much of it as is good for the bot.

https://modelcontextprotocol.io/specification/draft/server/tools#listing-tools
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mcp import Client
from mcp.types import Tool as ListedTool

from slackbot.llm.tool_calls import MAX_DESCRIPTION_CHARACTERS
from slackbot.llm.tool_pins import ToolDeclaration
from slackbot.markdown.unicode import to_well_formed
from slackbot.tools.mcp_schemas import canonical, schema_problem
from slackbot.tools.registry import MAX_TOOLS

MAX_PAGES = 20
"""How often a server may say that there are more tools."""

MAX_PROBLEMS = 10
"""A server decides how many there are; so many are named."""

MAX_NAME_CHARACTERS = 128
"""https://modelcontextprotocol.io/specification/draft/server/tools#tool-names"""

MAX_SERVER_BYTES = 128 * 1024
"""Of the descriptions and schemas of all tools of a server."""

MAX_ANNOTATIONS_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class Listing:
    declarations: Mapping[str, ToolDeclaration]
    """By the server's names for its tools."""
    problems: Sequence[str]
    """What was left out, and why, as phrases for the log: the first few."""
    names: AbstractSet[str]
    """Of all tools that were read, also of those that were left out."""


async def list_tools(client: Client) -> Listing:
    """Asks a server for its tools, page by page, until there are enough."""
    found: dict[str, ToolDeclaration] = {}
    problems: list[str] = []
    names: set[str] = set()
    size = 0
    async for tool in _pages(client):
        names.add(tool.name)
        if len(found) == MAX_TOOLS or len(problems) == MAX_TOOLS:
            problems.insert(0, f"all tools after the first {MAX_TOOLS} are left out")
            break
        problem = _problem(tool, found)
        if problem is None:
            declaration = _declaration(tool)
            bytes_more = len(declaration.description.encode()) + len(declaration.parameters)
            if size + bytes_more <= MAX_SERVER_BYTES:
                found[tool.name] = declaration
                size += bytes_more
                continue
            problem = f"all its tools together have more than {MAX_SERVER_BYTES:,} bytes"
        shown = ascii(tool.name[:MAX_NAME_CHARACTERS])
        problems.append(f"the tool {shown} is left out: {problem}")
    if len(problems) > MAX_PROBLEMS:
        problems[MAX_PROBLEMS:] = [f"{len(problems) - MAX_PROBLEMS} more tools are left out"]
    return Listing(found, problems, names)


async def _pages(client: Client) -> AsyncIterator[ListedTool]:
    cursor = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        for tool in page.tools:
            yield tool
        cursor = page.next_cursor
        if not cursor:
            return


def _problem(tool: ListedTool, found: Mapping[str, object]) -> str | None:
    if not (tool.name.isascii() and tool.name.isprintable() and tool.name.strip()):
        return "its name is not plain ASCII"
    if len(tool.name) > MAX_NAME_CHARACTERS:
        return f"its name is longer than {MAX_NAME_CHARACTERS} characters"
    if tool.name in found:
        return "another one has the same name"
    if len(_annotations(tool)) > MAX_ANNOTATIONS_BYTES:
        return f"its annotations have more than {MAX_ANNOTATIONS_BYTES:,} bytes"
    return schema_problem(tool.input_schema)


def _declaration(tool: ListedTool) -> ToolDeclaration:
    description = to_well_formed(tool.description or tool.title or "")
    return ToolDeclaration(
        description[:MAX_DESCRIPTION_CHARACTERS],
        canonical({"type": "object", "properties": {}, **tool.input_schema}),
        _annotations(tool),
    )


def _annotations(tool: ListedTool) -> str:
    hints = tool.annotations
    if hints is None:
        return canonical({})
    return canonical(hints.model_dump(mode="json", by_alias=True, exclude_none=True))
