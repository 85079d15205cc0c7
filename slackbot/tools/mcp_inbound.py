"""What a server may send: answers to what it is asked. Everything else is dropped, and counted.

Servers can also send notifications, and requests of their own: for a sample of the model, for input
from a person, for the list of roots. The bot needs no notification and refuses all requests, so a
server that sends thousands only costs itself its connection.
https://modelcontextprotocol.io/specification/draft/client
"""

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Generic, Self, TypeVar

from mcp.shared.message import SessionMessage
from mcp.types import JSONRPCError, JSONRPCMessage, JSONRPCRequest, JSONRPCResponse

from slackbot.tools.mcp_streams import Incoming, McpStream, Outgoing, TransportStreams
from slackbot.tools.mcp_trimming import trim

MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""Of one message of a server, before it is parsed. The model reads 20,000 characters of a result; a
picture, which may be next to them, has up to 1.5 MB then."""

MAX_UNASKED = 1_000
UNASKED_SECONDS = 60.0
"""A server that sends more than so many messages unasked within this time is disconnected."""

UNASKED_BYTES = 16 * 1024
"""A long message counts once more for each of these."""


class TooMuchSentError(Exception):
    """A server sent a message that is too long, or too many."""


class InboundFilter:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: set[str | int] = set()
        """The IDs of requests that have no answer yet."""
        self._unasked: deque[float] = deque(maxlen=MAX_UNASKED)
        """When messages arrived that nobody had asked for."""

    def sent(self, message: JSONRPCMessage) -> None:
        """Notes what is sent to the server."""
        if isinstance(message, JSONRPCRequest):
            self._asked.add(message.id)

    def accepts(self, message: JSONRPCMessage | None, size: int = 0) -> bool:
        """Whether the session needs a message; None stands for what is no message. `size` is in
        bytes.

        Raises TooMuchSentError.
        """
        if isinstance(message, JSONRPCResponse | JSONRPCError) and message.id in self._asked:
            self._asked.discard(message.id)
            if isinstance(message, JSONRPCResponse):
                trim(message.result)
            return True
        now = self._clock()
        for _ in range(1 + size // UNASKED_BYTES):
            full = len(self._unasked) == MAX_UNASKED
            if full and now - self._unasked[0] < UNASKED_SECONDS:
                raise TooMuchSentError
            self._unasked.append(now)
        return isinstance(message, JSONRPCRequest)  # the session refuses it


@asynccontextmanager
async def filtered(
    transport: AbstractAsyncContextManager[TransportStreams], on_excess: Callable[[], None]
) -> AsyncIterator[TransportStreams]:
    """The transport with a filter. If the server sends too much, `on_excess` is called, and the
    reading stream ends.
    """
    inbound = InboundFilter()
    async with transport as (read, write):
        yield _Incoming(read, inbound, on_excess), _Outgoing(write, inbound)


_StreamT = TypeVar("_StreamT", bound=McpStream)


class _Filtered(Generic[_StreamT]):
    """A stream that is opened and closed as the one below it."""

    def __init__(self, stream: _StreamT, inbound: InboundFilter) -> None:
        self._stream = stream
        self._inbound = inbound

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def __aenter__(self) -> Self:
        await self._stream.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> bool | None:
        return await self._stream.__aexit__(exc_type, exc_val, exc_tb)


class _Incoming(_Filtered[Incoming]):
    def __init__(
        self, stream: Incoming, inbound: InboundFilter, on_excess: Callable[[], None]
    ) -> None:
        super().__init__(stream, inbound)
        self._on_excess = on_excess

    async def receive(self) -> SessionMessage | Exception:
        return await self.__anext__()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            async for item in self._stream:
                message = None if isinstance(item, Exception) else item.message
                if self._inbound.accepts(message):
                    return item
        except TooMuchSentError:
            self._on_excess()
        raise StopAsyncIteration


class _Outgoing(_Filtered[Outgoing]):
    async def send(self, item: SessionMessage, /) -> None:
        self._inbound.sent(item.message)
        await self._stream.send(item)
