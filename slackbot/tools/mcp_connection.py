"""The connection to one MCP server, which is opened again when it is lost, and its tools.

https://modelcontextprotocol.io/specification
"""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Sequence
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
from slackbot.conversation.roles import role_named
from slackbot.errors import ToolError, ToolNotRunError
from slackbot.llm.tool_calls import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_TOOL_NAME_CHARACTERS,
    Caller,
    ToolDefinition,
)
from slackbot.network import DIRECT, Network
from slackbot.network.failures import network_error
from slackbot.network.httpx_options import httpx_options
from slackbot.tools import texts
from slackbot.tools.mcp_config import McpServerConfig

logger = logging.getLogger(__name__)

RECONNECT_TIMEOUT_SECONDS = 10.0
"""How long a call waits for a server that is not connected."""

REFRESH_SECONDS = 60.0
"""How often a server is asked for its tools, which also shows whether it is alive."""

HTTP_TIMEOUT_SECONDS = httpx2.Timeout(30.0, read=300.0)
"""The same as mcp's own client has: a server may hold a stream open for minutes."""


class McpConnection:
    def __init__(
        self,
        name: str,
        config: McpServerConfig,
        network: Network = DIRECT,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self.name = name
        self.tools: Sequence[McpTool] = ()
        """As the server listed them last, also while it is not connected."""
        self.connected = asyncio.Event()
        self.attempted = asyncio.Event()
        """It is connected, or an attempt to connect has failed."""
        self._config = config
        self._network = network
        self._refresh_seconds = refresh_seconds
        self._client: Client | None = None
        self._lost = asyncio.Event()

    async def run(self) -> None:
        """Connects, and connects again whenever the connection is lost, until it is cancelled."""
        failures = 0
        while True:
            try:
                async with self._open() as client:
                    self._lost.clear()
                    while not self._lost.is_set():
                        await self._refresh(client)
                        failures = 0
                        with suppress(TimeoutError):
                            async with asyncio.timeout(self._refresh_seconds):
                                await self._lost.wait()
            except Exception as err:
                reason = network_error(err) or type(err).__name__
                logger.warning("MCP server %s: %s", self.name, reason)
                logger.debug("MCP server %s", self.name, exc_info=err)
            finally:
                self.connected.clear()
                self.attempted.set()
                self._client = None
            failures += 1
            await asyncio.sleep(pause(failures))

    async def call(self, tool: str, arguments: str) -> str:
        """The text of a result, for a JSON object of arguments. Raises ToolError."""
        try:
            async with asyncio.timeout(RECONNECT_TIMEOUT_SECONDS):
                await self.connected.wait()
        except TimeoutError as err:
            raise ToolNotRunError(texts.SERVER_UNREACHABLE.format(server=self.name)) from err
        client = self._client
        if client is None:
            raise ToolNotRunError(texts.SERVER_UNREACHABLE.format(server=self.name))
        try:
            result = await client.call_tool(tool, json.loads(arguments))
        except MCPError as err:
            if err.code == CONNECTION_CLOSED:
                raise self._report_lost() from err
            raise ToolError(err.message) from err
        except RuntimeError as err:  # the client raises it for a result that breaks its schema
            raise ToolError(texts.INVALID_SERVER_RESULT.format(server=self.name)) from err
        except Exception as err:
            raise self._report_lost() from err
        return _result_text(result)

    async def _refresh(self, client: Client) -> None:
        """Lists the tools. If that succeeds the server is connected."""
        self.tools = [self._make_tool(tool) async for tool in _list_tools(client)]
        if self._client is None:
            self._warn_of_unknown_tools()
        self._client = client
        self.connected.set()
        self.attempted.set()

    def _warn_of_unknown_tools(self) -> None:
        """A misspelled name in the file would leave a tool without approval."""
        listed = {tool.name for tool in self.tools}
        for name in sorted(self._config.named_tools - listed):
            logger.warning("MCP server %s has no tool %s that could be confirmed", self.name, name)

    def _report_lost(self) -> ToolError:
        self.connected.clear()
        self._lost.set()
        return ToolError(texts.SERVER_LOST.format(server=self.name))

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Client]:
        config = self._config
        # Longer than a call may take: the registry cancels those, and this is for what is left.
        read_timeout = config.time_limit + RECONNECT_TIMEOUT_SECONDS
        async with AsyncExitStack() as stack:
            if config.command:
                program = StdioServerParameters(
                    command=config.command, args=list(config.args), env=config.env, cwd=config.cwd
                )
                client = Client(program, read_timeout_seconds=read_timeout)
            else:
                http = httpx2.AsyncClient(
                    headers=config.headers,
                    timeout=HTTP_TIMEOUT_SECONDS,
                    **httpx_options(self._network, config.url),
                )
                await stack.enter_async_context(http)
                transport = streamable_http_client(config.url, http_client=http)
                client = Client(transport, read_timeout_seconds=read_timeout)
            yield await stack.enter_async_context(client)

    def _make_tool(self, tool: ListedTool) -> "McpTool":
        hints = tool.annotations
        read_only = hints is not None and (
            hints.read_only_hint is True or hints.destructive_hint is False
        )
        definition = ToolDefinition(
            name=re.sub(r"[^a-zA-Z0-9_-]", "_", f"{self.name}_{tool.name}")[
                :MAX_TOOL_NAME_CHARACTERS
            ],
            description=(tool.description or tool.title or "")[:MAX_DESCRIPTION_CHARACTERS],
            parameters={"type": "object", "properties": {}, **tool.input_schema},
            requires_approval=self._config.requires_approval(tool.name, read_only=read_only),
            role=role_named(self._config.role),
            read_only=hints is not None and hints.read_only_hint is True,
        )
        return McpTool(definition, self._config.time_limit, tool.name, self)


@dataclass(frozen=True, slots=True)
class McpTool:
    definition: ToolDefinition
    time_limit: float
    name: str
    """The server's own name for it."""
    connection: McpConnection

    def validate(self, arguments: str) -> None:
        """The server does that itself."""

    async def run(self, arguments: str, caller: Caller) -> str:  # noqa: ARG002 - the server does not get it
        return await self.connection.call(self.name, arguments)


async def _list_tools(client: Client) -> AsyncIterator[ListedTool]:
    """https://modelcontextprotocol.io/specification/draft/server/tools#listing-tools"""
    cursor = None
    while True:
        page = await client.list_tools(cursor=cursor, cache_mode="bypass")
        for tool in page.tools:
            yield tool
        cursor = page.next_cursor
        if not cursor:
            return


def _result_text(result: CallToolResult) -> str:
    """The text of a result, with the type of each part that is none.

    Raises ToolError if the result is an error.
    """
    parts = [*map(_part_text, result.content)]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    text = "\n".join(parts)
    if result.is_error:
        raise ToolError(text or texts.SERVER_TOOL_FAILED)
    return text


def _part_text(part: ContentBlock) -> str:
    """https://modelcontextprotocol.io/specification/draft/server/tools#tool-result"""
    if isinstance(part, TextContent):
        return part.text
    if isinstance(part, EmbeddedResource) and isinstance(part.resource, TextResourceContents):
        return part.resource.text
    return f"[{part.type}]"
