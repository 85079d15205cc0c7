"""A real MCP server for the tests: `python -m tests.tools.sample_mcp_server [PORT]`."""

import os
import sys
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import (
    EmbeddedResource,
    ImageContent,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from pydantic import BaseModel, Field

server = MCPServer("harbour")

READ_ONLY = ToolAnnotations(read_only_hint=True)


class Ship(BaseModel):
    name: str
    masts: int


@server.tool(annotations=READ_ONLY)
def ships(port: str) -> str:
    """Which ships are in a port."""
    return f"In {port}: the Ann, process {os.getpid()}"


@server.tool(annotations=READ_ONLY)
def ship(name: str) -> Ship:
    """All about a ship."""
    return Ship(name=name, masts=3)


@server.tool(annotations=READ_ONLY)
def log_book() -> list[TextContent | EmbeddedResource | ImageContent]:
    """The text of the log book, and a picture of it."""
    page = TextResourceContents(uri="ship://log", text="Nothing but water.")
    return [
        TextContent(text="Here:"),
        EmbeddedResource(resource=page),
        ImageContent(data="", mime_type="image/png"),
    ]


class Cargo(BaseModel):
    """Its schema promises more than the model checks."""

    barrels: Annotated[int, Field(json_schema_extra={"maximum": 10})]


@server.tool(annotations=READ_ONLY)
def cargo() -> Cargo:
    """What a ship has on board."""
    return Cargo(barrels=11)


@server.tool(annotations=READ_ONLY)
def run_aground() -> str:
    """Fails."""
    raise ToolError("There is sand.")


@server.tool(annotations=READ_ONLY)
def explode() -> str:
    """Ends the server in the middle of the call."""
    os._exit(3)


@server.tool()
def burn(name: str) -> str:
    """Burns a ship."""
    return f"{name} is ash"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        known = TransportSecuritySettings(allowed_hosts=["127.0.0.1:*", "sea.test"])
        server.run("streamable-http", port=int(sys.argv[1]), transport_security=known)
    else:
        server.run()
