"""The connection to one MCP server, which is opened again when it is lost, and its tools.

https://modelcontextprotocol.io/specification
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CONNECTION_CLOSED, CallToolResult

from slackbot.backoff import pause
from slackbot.errors import ToolError, ToolNotRunError
from slackbot.network import DIRECT, Network
from slackbot.network.failures import network_error
from slackbot.tools import texts
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_http import open_http_client
from slackbot.tools.mcp_inbound import TooMuchSentError, filtered
from slackbot.tools.mcp_listing import list_tools
from slackbot.tools.mcp_pins import McpPins
from slackbot.tools.mcp_results import result_text
from slackbot.tools.mcp_stdio import stdio_transport
from slackbot.tools.mcp_tool import McpTool, mcp_tool

logger = logging.getLogger(__name__)

RECONNECT_TIMEOUT_SECONDS = 10.0
"""How long a call waits for a server that is not connected."""

REFRESH_SECONDS = 60.0
"""How often a server is asked for its tools, which also shows whether it is alive."""

MAX_NAMES = 2_000
"""mcp's session remembers each name of a tool, so a server that invents more gets a new one."""

MAX_ERROR_CHARACTERS = 1_000
"""Of an error in the log; a server decides what stands in it."""

LISTING_SECONDS = 30.0
"""How long a server may take to connect, or to list its tools."""


class McpConnection:
    def __init__(
        self,
        name: str,
        config: McpServerConfig,
        pins: McpPins,
        network: Network = DIRECT,
        refresh_seconds: float = REFRESH_SECONDS,
    ) -> None:
        self.name = name
        self.tools: Sequence[McpTool] = ()
        """As the server listed them last, also while it is not connected."""
        self.problems: Sequence[str] = ()
        """What was left out of the tools, and why."""
        self.connected = asyncio.Event()
        self.attempted = asyncio.Event()
        """It is connected, or an attempt to connect has failed."""
        self._config = config
        self._pins = pins
        self._network = network
        self._refresh_seconds = refresh_seconds
        self._client: Client | None = None
        self._lost = asyncio.Event()
        self._names: set[str] = set()
        """All that the server's tools were called since the connection was opened."""
        self._sent_too_much = False
        """The server was disconnected because of it."""
        pins.on_review(self._make_tools)

    async def run(self) -> None:
        """Connects, and connects again whenever the connection is lost, until it is cancelled."""
        failures = 0
        while True:
            try:
                async with self._open() as client:
                    self._lost.clear()
                    self._sent_too_much = False
                    self._names.clear()
                    await self._refresh(client)
                    while not self._lost.is_set():
                        with suppress(TimeoutError):
                            async with asyncio.timeout(self._refresh_seconds):
                                await self._lost.wait()
                                break
                        await self._refresh(client)
                        failures = 0
            except Exception as err:  # noqa: BLE001 - whatever it is, the server is tried again
                reason = network_error(err) or type(err).__name__
                logger.warning("MCP server %s: %s", self.name, reason)
                logger.debug(
                    "MCP server %s: %s",
                    self.name,
                    self._config.redact(ascii(err))[:MAX_ERROR_CHARACTERS],
                )
            finally:
                self.connected.clear()
                self.attempted.set()
                self._client = None
            failures += 1
            await asyncio.sleep(pause(failures))

    async def list_again(self) -> None:
        """Asks a server that is connected for its tools now."""
        if (client := self._client) is None:
            return
        try:
            await self._refresh(client)
        except Exception as err:  # noqa: BLE001 - whatever it is, the server is tried again
            logger.debug("MCP server %s: %s", self.name, type(err).__name__)
            self._lost.set()

    async def call(self, tool: str, arguments: str) -> str:
        """The text of a result, for a JSON object of arguments. Raises ToolError."""
        result = await self._result(await self._connected_client(), tool, arguments)
        text = result_text(result)
        if result.is_error:
            raise ToolError(self._config.redact(text) or texts.SERVER_TOOL_FAILED)
        return text

    async def call_listed(self, tool: McpTool, arguments: str) -> str:
        """The same for a tool of this server, if it is still what it was when it was offered: the
        server may have been started again, as another one. Raises ToolError.
        """
        await self._connected_client()
        if tool not in self.tools:
            raise ToolNotRunError(texts.TOOL_CHANGED)
        return await self.call(tool.name, arguments)

    async def _connected_client(self) -> Client:
        try:
            async with asyncio.timeout(RECONNECT_TIMEOUT_SECONDS):
                await self.connected.wait()
        except TimeoutError as err:
            raise ToolNotRunError(texts.SERVER_UNREACHABLE.format(server=self.name)) from err
        if self._client is None:
            raise ToolNotRunError(texts.SERVER_UNREACHABLE.format(server=self.name))
        return self._client

    async def _result(self, client: Client, tool: str, arguments: str) -> CallToolResult:
        too_much = texts.SERVER_SENT_TOO_MUCH.format(server=self.name)
        try:
            return await client.call_tool(tool, json.loads(arguments))
        except MCPError as err:
            if too_much in err.message:
                raise ToolError(too_much) from err
            if err.code == CONNECTION_CLOSED:
                raise self._report_lost() from err
            raise ToolError(self._config.redact(err.message)) from err
        except (
            RuntimeError,
            ValueError,
        ) as err:  # mcp raises them for results that break its rules
            raise ToolError(texts.INVALID_SERVER_RESULT.format(server=self.name)) from err
        except Exception as err:
            raise self._report_lost() from err

    async def _refresh(self, client: Client) -> None:
        """Lists the tools. If that succeeds the server is connected."""
        async with asyncio.timeout(LISTING_SECONDS):
            listing = await list_tools(client)
        self._names |= listing.names
        if len(self._names) > MAX_NAMES:
            raise TooMuchSentError
        await self._pins.take(self.name, listing.declarations)
        for problem in listing.problems:
            if problem not in self.problems:
                logger.warning("MCP server %s: %s", self.name, problem)
        self.problems = listing.problems
        if self._client is None:
            self._warn_of_unknown_tools()
        self._client = client
        self.connected.set()
        self.attempted.set()

    def _make_tools(self) -> None:
        reviewed = self._pins.reviewed(self.name)
        self.tools = [
            mcp_tool(self.name, self._config, tool, self.call_listed) for tool in reviewed
        ]

    def _warn_of_unknown_tools(self) -> None:
        """A misspelled name in the file would leave a tool without approval."""
        listed = {tool.name for tool in self.tools}
        for name in sorted(self._config.named_tools - listed):
            logger.warning("MCP server %s has no tool %s that could be confirmed", self.name, name)

    def _report_lost(self) -> ToolError:
        self.connected.clear()
        self._lost.set()
        sentence = texts.SERVER_SENT_TOO_MUCH if self._sent_too_much else texts.SERVER_LOST
        return ToolError(sentence.format(server=self.name))

    def _on_excess(self) -> None:
        logger.warning("MCP server %s sent too much, and is disconnected", self.name)
        self._sent_too_much = True
        self._lost.set()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Client]:
        config = self._config
        # Longer than a call may take: the registry cancels those, and this is for what is left.
        read_timeout = config.time_limit + RECONNECT_TIMEOUT_SECONDS
        async with AsyncExitStack() as stack:
            if config.command:
                transport = stdio_transport(self.name, config, self._on_excess)
            else:
                http = open_http_client(self.name, config, self._network, read_timeout)
                await stack.enter_async_context(http)
                transport = filtered(
                    # The client bounds whole responses, so single events need no bound.
                    streamable_http_client(config.url, http_client=http, max_sse_event_size=None),
                    self._on_excess,
                )
            client = Client(transport, read_timeout_seconds=read_timeout)
            async with asyncio.timeout(LISTING_SECONDS):
                await stack.enter_async_context(client)
            yield client
