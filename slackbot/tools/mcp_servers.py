"""The MCP servers that the bot uses in a workspace, each connected in a task of its own.

Each workspace has connections, and programs, of its own: what a server remembers of one is nothing
for another one. So they begin when somebody needs them.
"""

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
"""How long answers wait for the servers, once they are begun."""

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
        self._tasks: Sequence[asyncio.Task[None]] = ()
        self._is_closed = False
        self._waits_until = 0.0
        """By the event loop's clock."""
        self._logged: Sequence[str] = ()
        """The collisions that were logged last."""
        pins.on_look(self.begin)
        pins.on_unknown_change(self._list_again)

    def begin(self) -> None:
        """Connects to the servers, unless that has begun, or all are closed."""
        if not self._tasks and not self._is_closed:
            self._tasks = [asyncio.create_task(each.run()) for each in self._connections]
            self._waits_until = asyncio.get_running_loop().time() + START_TIMEOUT_SECONDS

    async def close(self) -> None:
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_tried(self) -> None:
        """Returns when each has been tried once, or START_TIMEOUT_SECONDS after the beginning."""
        self.begin()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._waits_until):
                for connection in self._connections:
                    await connection.attempted.wait()

    async def refresh(self) -> None:
        """Begins, and looks which tools admins have accepted, also at another replica."""
        await self.until_tried()
        await self._pins.refresh()

    async def _list_again(self) -> None:
        if not self._tasks:
            await self.until_tried()
        await asyncio.gather(*(each.list_again() for each in self._connections))

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
    """Keeps the servers connected while the block runs, once they are needed. `taken` are names of
    other tools.
    """
    logs.hide({secret for config in servers.values() for secret in config.secrets})
    connections = [McpConnection(name, config, pins, network) for name, config in servers.items()]
    opened = McpServers(connections, pins, taken)
    try:
        yield opened
    finally:
        await opened.close()
