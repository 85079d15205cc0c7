"""Keeps strangers from using up connections, memory and time before they prove who they are.

Anybody who can reach the port can open connections, so what is not verified yet is bounded: in
number, in bytes, and in time. At a bound, the connection whose request is awaited longest is
closed: Slack's own requests arrive whole within moments, so a flood closes its own connections and
not Slack's. There is no bound for each address: behind a proxy, all requests come from one.

A connection serves one request. So nobody holds one between requests, and no proxy sends a request
into a connection that is about to be closed.
"""

import asyncio
import logging
import resource
import sys
from dataclasses import dataclass
from typing import Any

from aiohttp import web

logger = logging.getLogger(__name__)

SERVER_NAME = "slackbot"
"""What the Server header says: no version of anything."""

LINGERING_SECONDS = 1.0
"""How long the rest of a refused request is read, so that the answer arrives."""

MAX_LINE_ENDS = 2_000
"""Of a request: Slack's have some dozens, and a proxy may send the longest body in chunks of 2 KB.
Chunks of one byte would cost a thousand times the work of their bytes.
"""

NO_REQUEST = (
    f"HTTP/1.1 400 Bad Request\r\nServer: {SERVER_NAME}\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
).encode()

HANDLER_OPTIONS: dict[str, Any] = {
    "access_log": None,
    "auto_decompress": False,  # Slack signs the bytes that it sends, and compresses nothing
    "lingering_time": LINGERING_SECONDS,
    "logger": logger,
}


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of what is not verified yet."""

    connections: int = 1_000
    """How many connections there may be, verified ones included."""
    bytes: int = 32 * 2**20
    """How much may have been received over all connections that are not verified."""
    seconds: float = 10.0
    """How long a connection may take until its request is there as a whole. Slack itself waits
    three seconds for the answer.
    """


class Connections:
    """The open connections; those whose request is awaited are in the order of their opening."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._most = min(limits.connections, _open_files_limit() // 2)
        self._awaited: dict[HttpConnection, None] = {}
        self._verified: set[HttpConnection] = set()
        self._bytes = 0
        """Received over the awaited ones."""
        self._closed = False

    def add(self, connection: "HttpConnection") -> None:
        """Makes room for a new connection, and awaits its request; without room, it is closed."""
        if self._closed:
            connection.abort()
            return
        if len(self._awaited) + len(self._verified) >= self._most:
            logger.warning("A connection was closed to make room: too many are open")
            if not self._awaited:
                connection.abort()
                return
            self._close_oldest()
        self._awaited[connection] = None

    def received(self, connection: "HttpConnection", count: int) -> None:
        """Counts bytes of a request that is not verified yet."""
        if connection not in self._awaited:
            return
        connection.received += count
        self._bytes += count
        while self._bytes > self._limits.bytes:
            logger.warning("A connection was closed to free memory: too much is unverified")
            self._close_oldest()

    def verify(self, connection: "HttpConnection") -> None:
        """Notes that the request is there and is Slack's: from now on it may take its time."""
        if connection in self._awaited:
            self.remove(connection)
            self._verified.add(connection)

    def expire(self, connection: "HttpConnection") -> None:
        """Closes a connection whose time is over, unless its request was verified."""
        if connection in self._awaited:
            logger.warning("A connection was closed: no whole request arrived in time")
            self.remove(connection)
            connection.abort()

    def remove(self, connection: "HttpConnection") -> None:
        self._verified.discard(connection)
        if connection in self._awaited:
            del self._awaited[connection]
            self._bytes -= connection.received

    def close(self) -> None:
        """Closes all whose request is still awaited, and those that are opened from now on."""
        self._closed = True
        while self._awaited:
            self._close_oldest()

    @property
    def deadline_seconds(self) -> float:
        return self._limits.seconds

    def _close_oldest(self) -> None:
        oldest = next(iter(self._awaited))
        self.remove(oldest)
        oldest.abort()


class HttpConnection(web.RequestHandler):
    """One connection, from its opening to its end."""

    def __init__(
        self, server: web.Server, connections: Connections, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(server, loop=loop, **HANDLER_OPTIONS)
        self.received = 0
        """How many bytes have arrived."""
        self._line_ends = 0
        self._connections = connections
        self._deadline: asyncio.TimerHandle | None = None

    def verify(self) -> None:
        """As Connections.verify."""
        self._connections.verify(self)

    def abort(self) -> None:
        """Closes the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        seconds = self._connections.deadline_seconds
        self._deadline = self._loop.call_later(seconds, self._connections.expire, self)
        self._connections.add(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._connections.remove(self)
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._connections.received(self, len(data))
        self._line_ends += data.count(b"\r\n")
        if self._line_ends <= MAX_LINE_ENDS:
            super().data_received(data)
        elif self.transport is not None and not self.transport.is_closing():
            logger.warning("A request that is no HTTP was refused")
            assert isinstance(self.transport, asyncio.Transport)  # noqa: S101 - of a socket
            self.transport.write(NO_REQUEST)
            self.transport.close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answers what is no HTTP, with one line in the log; a bug of ours leaves its traceback."""
        response: web.StreamResponse
        if status == web.HTTPBadRequest.status_code:
            logger.warning("A request that is no HTTP was refused")
            response = web.Response(status=status)
            response.force_close()
        else:
            response = super().handle_error(request, status, exc, message)
        response.headers["Server"] = SERVER_NAME
        return response


async def close_after(_request: web.Request, response: web.StreamResponse) -> None:
    """Ends the connection with its only response."""
    response.force_close()
    response.headers["Connection"] = "close"
    response.headers["Server"] = SERVER_NAME


def _open_files_limit() -> int:
    """How many files and sockets the process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft
