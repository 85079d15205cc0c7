"""The MCP servers that the bot uses, each connected in a task of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from slackbot import logs
from slackbot.network import Network
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_connection import McpConnection
from slackbot.tools.mcp_names import NamedTools, with_own_names
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.mcp_tool import McpTool

logger = logging.getLogger(__name__)

START_TIMEOUT_SECONDS = 10.0
"""How long the bot waits for its servers before it answers."""

MAX_LOGGED = 10
"""How many of the tools that were refused at the same time the log names."""


class McpServers:
    """The source of the tools of all servers that are connected."""

    def __init__(
        self, connections: Sequence[McpConnection], pins: McpPins, taken: Collection[str]
    ) -> None:
        self._connections = connections
        self._pins = pins
        self._taken = taken
        self._logged: Sequence[str] = ()
        """The collisions that were logged last."""

    async def until_tried(self) -> None:
        """Returns when each has been tried once, or after START_TIMEOUT_SECONDS."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                for connection in self._connections:
                    await connection.attempted.wait()

    async def refresh(self) -> None:
        """Looks which tools admins have accepted, also at another replica."""
        await self._pins.refresh()

    def is_connected(self, name: str) -> bool:
        return any(each.name == name and each.connected.is_set() for each in self._connections)

    def problems(self, name: str) -> Sequence[str]:
        """What was left out of a server's tools, and why."""
        return [text for each in self._connections if each.name == name for text in each.problems]

    def collisions(self) -> Sequence[str]:
        """Which tools were refused for their names, as phrases."""
        return self._named().collisions

    def available_tools(self) -> Sequence[McpTool]:
        """The tools of each server, as it listed them last."""
        named = self._named()
        if named.collisions != self._logged:
            self._logged = named.collisions
            for collision in named.collisions[:MAX_LOGGED]:
                logger.warning("Tools of MCP servers are refused: %s", collision)
        return named.tools

    def _named(self) -> NamedTools:
        tools = [tool for connection in self._connections for tool in connection.tools]
        return with_own_names(tools, self._taken)


@asynccontextmanager
async def connect_mcp_servers(
    servers: Mapping[str, McpServerConfig],
    network: Network,
    pins: McpPins,
    taken: Collection[str] = (),
) -> AsyncIterator[McpServers]:
    """Keeps the servers connected while the block runs. `taken` are names of other tools."""
    logs.hide({secret for config in servers.values() for secret in config.secrets})
    connections = [McpConnection(name, config, pins, network) for name, config in servers.items()]
    tasks = [asyncio.create_task(connection.run()) for connection in connections]
    try:
        yield McpServers(connections, pins, taken)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
