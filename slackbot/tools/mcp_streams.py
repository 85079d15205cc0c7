"""The two streams of a connection to an MCP server, as mcp's Client takes them from a transport.

mcp keeps its own names for these protocols to itself; `mcp.client.Transport` is the public one.
https://github.com/modelcontextprotocol/python-sdk
"""

from types import TracebackType
from typing import Protocol, Self

from mcp.shared.message import SessionMessage


class McpStream(Protocol):
    async def aclose(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None: ...


class Incoming(McpStream, Protocol):
    """What the server sends; an Exception stands for what is no message."""

    async def receive(self) -> SessionMessage | Exception: ...
    def __aiter__(self) -> "Incoming": ...
    async def __anext__(self) -> SessionMessage | Exception: ...


class Outgoing(McpStream, Protocol):
    """What is sent to the server."""

    async def send(self, item: SessionMessage, /) -> None: ...


TransportStreams = tuple[Incoming, Outgoing]
