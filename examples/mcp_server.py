"""A small MCP server, which mcp.json starts: https://modelcontextprotocol.io

python examples/mcp_server.py
"""

from mcp.server.mcpserver import MCPServer
from mcp.types import ToolAnnotations

RUNBOOKS = {"payments": "Restart the worker, then watch the queue for five minutes."}

server = MCPServer("runbooks")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def runbook(service: str) -> str:
    """What to do when a service is down."""
    return RUNBOOKS.get(service, "There is no runbook for this service.")


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
def write_runbook(service: str, text: str) -> str:
    """Replaces the runbook of a service. The bot asks a person before it runs."""
    RUNBOOKS[service] = text
    return "Written."


if __name__ == "__main__":
    server.run()
