"""The MCP servers that the bot uses, each connected in a task of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from slackbot.network import Network
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_connection import McpConnection, McpTool

START_TIMEOUT_SECONDS = 10.0
"""How long the bot waits for its servers when it starts."""


class McpServers:
    """The source of the tools of all servers that are connected."""

    def __init__(self, connections: Sequence[McpConnection]) -> None:
        self._connections = connections

    def is_connected(self, name: str) -> bool:
        return any(each.name == name and each.connected.is_set() for each in self._connections)

    def available_tools(self) -> Sequence[McpTool]:
        """The tools of each server, as it listed them last."""
        return [tool for connection in self._connections for tool in connection.tools]


@asynccontextmanager
async def connect_mcp_servers(
    servers: Mapping[str, McpServerConfig], network: Network
) -> AsyncIterator[McpServers]:
    """Keeps the servers connected while the block runs.

    The block begins when each has been tried once, or after START_TIMEOUT_SECONDS.
    """
    connections = [McpConnection(name, config, network) for name, config in servers.items()]
    tasks = [asyncio.create_task(connection.run()) for connection in connections]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                for connection in connections:
                    await connection.attempted.wait()
        yield McpServers(connections)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
