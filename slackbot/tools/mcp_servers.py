"""Tools that other programs offer over the Model Context Protocol; the only importer of mcp.

Each server has a task of its own, which connects, and connects again when the connection is lost.
https://modelcontextprotocol.io/specification
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import (
    CONNECTION_CLOSED,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    TextContent,
    TextResourceContents,
)
from mcp.types import Tool as ListedTool

from slackbot.backoff import pause
from slackbot.errors import ToolError
from slackbot.llm.tool_calls import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_TOOL_NAME_CHARACTERS,
    Caller,
    ToolDefinition,
)
from slackbot.tools.mcp_config import McpServer

logger = logging.getLogger(__name__)

STARTING = 10.0
"""Seconds that the bot waits for its servers when it starts, and a call for one that is lost."""

LOOK_AGAIN = 60.0
"""Seconds after which a server is asked for its tools again; so one that died is missed."""

TIMEOUT = httpx2.Timeout(30.0, read=300.0)
"""Seconds, as mcp's own client has them: a server may hold a stream open for minutes."""

LOST = "The connection to {name} was lost before the result came. It may have taken effect."
UNFIT = "The result was not what {name} says that it is. It may have taken effect."
AWAY = "{name} can't be reached at the moment."


class McpServers:
    """All the servers there are, connected while the bot runs."""

    def __init__(self, connections: Sequence["McpConnection"]) -> None:
        self._connections = connections

    def is_there(self, name: str) -> bool:
        """Whether the server of this name is connected now."""
        return any(each.name == name and each.there.is_set() for each in self._connections)

    def runnables(self) -> Sequence["McpTool"]:
        return [tool for connection in self._connections for tool in connection.tools]


@asynccontextmanager
async def connected(servers: Mapping[str, McpServer]) -> AsyncIterator[McpServers]:
    """Connects to the servers while the block runs; it begins without those that take too long."""
    connections = [McpConnection(name, server) for name, server in servers.items()]
    tasks = [asyncio.create_task(each.keep()) for each in connections]
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(STARTING):
                for each in connections:
                    await each.try_instructions.wait()
        yield McpServers(connections)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class McpConnection:
    """One server: the tools that it offered last, and the way to it."""

    def __init__(self, name: str, server: McpServer, look_again: float = LOOK_AGAIN) -> None:
        """`look_again` is in seconds."""
        self._look_again = look_again
        self.name = name
        self.server = server
        self.tools: Sequence[McpTool] = ()
        self.there = asyncio.Event()
        self.try_instructions = asyncio.Event()
        """It is there, or was not when it was looked for first."""
        self._client: Client | None = None
        self._lost = asyncio.Event()

    async def keep(self) -> None:
        """Connects, again and again, until it is cancelled."""
        failures = 0
        while True:
            try:
                async with self._connect() as client:
                    self._lost.clear()
                    while not self._lost.is_set():
                        self.tools = [self._runnable(tool) async for tool in _listed(client)]
                        failures = 0
                        if self._client is None:
                            self._look_for_confirmed()
                        self._client = client
                        self.there.set()
                        self.try_instructions.set()
                        with suppress(TimeoutError):
                            async with asyncio.timeout(self._look_again):
                                await self._lost.wait()
            except Exception as err:
                logger.warning("MCP server %s: %s", self.name, type(err).__name__)
                logger.debug("MCP server %s", self.name, exc_info=err)
            finally:
                self.there.clear()
                self.try_instructions.set()
                self._client = None
            failures += 1
            await asyncio.sleep(pause(failures))

    async def call(self, tool: str, arguments: str) -> str:
        """Raises ToolError."""
        try:
            async with asyncio.timeout(STARTING):
                await self.there.wait()
        except TimeoutError as err:
            raise ToolError(AWAY.format(name=self.name)) from err
        client = self._client
        if client is None:
            raise ToolError(AWAY.format(name=self.name))
        try:
            result = await client.call_tool(tool, json.loads(arguments))
        except MCPError as err:
            if err.code == CONNECTION_CLOSED:
                raise self._is_lost() from err
            raise ToolError(err.message) from err
        except RuntimeError as err:  # so does the client say that a result breaks its schema
            raise ToolError(UNFIT.format(name=self.name)) from err
        except Exception as err:
            raise self._is_lost() from err
        return _text(result)

    def _look_for_confirmed(self) -> None:
        """A name that was mistyped would leave a tool unconfirmed without a word."""
        offered = {each.name for each in self.tools}
        for name in sorted(self.server.confirmed - offered):
            logger.warning("MCP server %s has no tool %s that could be confirmed", self.name, name)

    def _is_lost(self) -> ToolError:
        self.there.clear()
        self._lost.set()
        return ToolError(LOST.format(name=self.name))

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Client]:
        server = self.server
        limit = server.time_limit + STARTING  # a call has been given up before
        async with AsyncExitStack() as stack:
            if server.command:
                parameters = StdioServerParameters(
                    command=server.command, args=list(server.args), env=server.env, cwd=server.cwd
                )
                yield await stack.enter_async_context(
                    Client(parameters, read_timeout_seconds=limit)
                )
            else:
                http = httpx2.AsyncClient(headers=server.headers, timeout=TIMEOUT)
                await stack.enter_async_context(http)
                transport = streamable_http_client(server.url, http_client=http)
                yield await stack.enter_async_context(Client(transport, read_timeout_seconds=limit))

    def _runnable(self, tool: ListedTool) -> "McpTool":
        hints = tool.annotations
        read_only = hints is not None and (
            hints.read_only_hint is True or hints.destructive_hint is False
        )
        parameters = {"type": "object", "properties": {}, **tool.input_schema}
        name = re.sub(r"[^a-zA-Z0-9_-]", "_", f"{self.name}_{tool.name}")
        told = ToolDefinition(
            name=name[:MAX_TOOL_NAME_CHARACTERS],
            description=(tool.description or tool.title or "")[:MAX_DESCRIPTION_CHARACTERS],
            parameters=parameters,
            requires_approval=self.server.needs_confirmation(tool.name, read_only=read_only),
        )
        return McpTool(told, self.server.time_limit, tool.name, self)


@dataclass(frozen=True, slots=True)
class McpTool:
    tool: ToolDefinition
    time_limit: float
    name: str
    """What the server calls it."""
    connection: McpConnection

    def check(self, arguments: str) -> None:
        """The server judges that itself."""

    async def run(self, arguments: str, caller: Caller) -> str:  # noqa: ARG002 - it is not told
        return await self.connection.call(self.name, arguments)


async def _listed(client: Client) -> AsyncIterator[ListedTool]:
    cursor = None
    while True:
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        for tool in page.tools:
            yield tool
        cursor = page.next_cursor
        if not cursor:
            return


def _text(result: CallToolResult) -> str:
    """The result's text; of what is no text, only what it is. Raises ToolError for an error."""
    parts = [*map(_shown, result.content)]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    text = "\n".join(parts)
    if result.is_error:
        raise ToolError(text or "The tool failed.")
    return text


def _shown(part: ContentBlock) -> str:
    """https://modelcontextprotocol.io/specification/draft/server/tools#tool-result"""
    if isinstance(part, TextContent):
        return part.text
    if isinstance(part, EmbeddedResource) and isinstance(part.resource, TextResourceContents):
        return part.resource.text
    return f"[{part.type}]"
