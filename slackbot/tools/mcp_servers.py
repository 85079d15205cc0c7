"""The MCP servers that the bot uses, each connected in a task of its own."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from slackbot import logs
from slackbot.network import Network
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_connection import McpConnection
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.mcp_tool import McpTool

logger = logging.getLogger(__name__)

START_TIMEOUT_SECONDS = 10.0
"""How long the bot waits for its servers when it starts."""

MAX_LOGGED = 10
"""How many of the tools that were refused at the same time the log names."""


@dataclass(frozen=True, slots=True)
class NamedTools:
    """Tools that the model can call by their names, and what was refused for its name."""

    tools: Sequence[McpTool]
    collisions: Sequence[str]
    """A phrase for each name that several tools have."""


def with_own_names(tools: Sequence[McpTool], taken: Collection[str]) -> NamedTools:
    """The tools whose names are theirs alone. `taken` are the names of tools of other kinds.

    Of several with one name, all are refused: the model could not say which it means, and a person
    would confirm one for the other. One that no admin has accepted takes no name from others.
    """
    by_name: dict[str, list[McpTool]] = defaultdict(list)
    for tool in tools:
        by_name[tool.definition.name].append(tool)
    kept: list[McpTool] = []
    collisions: list[str] = []
    for name, same in by_name.items():
        accepted = [tool for tool in same if tool.accepted]
        if name in taken:
            collisions.append(f"{_listed(same)} would hide the bot's own tool {name}")
        elif len(same) == 1:
            kept += same
        elif len(accepted) == 1:
            kept += accepted
            refused = [tool for tool in same if tool is not accepted[0]]
            collisions.append(f"{_listed(refused)} would hide {_listed(accepted)} as {name}")
        else:
            collisions.append(f"{_listed(same)} would both be {name}")
    return NamedTools(kept, collisions)


class McpServers:
    """The source of the tools of all servers that are connected."""

    def __init__(self, connections: Sequence[McpConnection], taken: Collection[str]) -> None:
        self._connections = connections
        self._taken = taken
        self._logged: Sequence[str] = ()
        """The collisions that were logged last."""

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
    """Keeps the servers connected while the block runs. `taken` are names of other tools.

    The block begins when each has been tried once, or after START_TIMEOUT_SECONDS.
    """
    logs.hide({secret for config in servers.values() for secret in config.secrets})
    connections = [McpConnection(name, config, pins, network) for name, config in servers.items()]
    tasks = [asyncio.create_task(connection.run()) for connection in connections]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                for connection in connections:
                    await connection.attempted.wait()
        yield McpServers(connections, taken)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _listed(tools: Sequence[McpTool]) -> str:
    return " and ".join(f"{tool.name} of {tool.server}" for tool in tools)
