"""Reads the events of a streamed response: the JSON of each.

The openai client can read them too, but takes longer for each piece of an answer than all the rest
of the bot does.
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from slackbot.llm.openai.json_fields import field
from slackbot.llm.openai.response_events import ResponseFailedError

if TYPE_CHECKING:
    import httpx2

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""Some servers send it before the first line."""

END = b"[DONE]"
"""The data after the last event of a chat completion."""

MAX_EVENT_BYTES = 16 * 2**20
"""An event that is larger, or a line without an end, would fill the memory."""

DONE: Mapping[str, Any] = {}
"""Stands for that among the events. It says nothing else."""

DRAIN_TIMEOUT_SECONDS = 0.1
"""How long a response may take to end after that."""


class UnreadableEventError(ValueError):
    """The data of an event is not JSON, more than Python's reader of JSON takes, or has no end."""


class SilenceLimit(Protocol):
    """How long a reader waits for what comes next."""

    def seconds_left(self, silent_seconds: float) -> float:
        """How much longer the next bytes may take, when no event has come for that long."""


async def json_events(
    response: "httpx2.Response", limit: SilenceLimit, started: float
) -> AsyncGenerator[object, None]:
    """Yields each event as it arrives, and DONE where the server ends them with that.

    A server that does not stream sends one object instead: it is the only event.
    The request was sent at the monotonic time `started`: the first event is awaited since then.
    Raises TimeoutError after too long a silence; ResponseFailedError for an error in the stream;
    UnreadableEventError.
    """
    received = response.aiter_bytes()
    parser = EventParser()
    last_event, is_first = started, True
    while True:
        silent = time.monotonic() - last_event
        async with asyncio.timeout(limit.seconds_left(silent)):
            piece = await anext(received, None)
        if piece is None:
            break
        if is_first and piece.lstrip().startswith(b"{"):
            yield _event(await _whole(piece, received))
            yield DONE
            return
        is_first = False
        for data in parser.feed(piece):
            if data.startswith(END):
                yield DONE
                await _drain(received)
                return
            yield _event(data)
            last_event = time.monotonic()
    if parser.rest.startswith(END):
        yield DONE


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _whole(first: bytes, rest: AsyncIterator[bytes]) -> bytes:
    body = bytearray()
    async for piece in _all(first, rest):
        body += piece
        if len(body) > MAX_EVENT_BYTES:
            raise UnreadableEventError
    return bytes(body)


def _event(data: bytes) -> object:
    try:
        event = json.loads(data.decode())
    except (ValueError, RecursionError) as err:  # also a number of 5,000 digits, or deep nesting
        raise UnreadableEventError from err
    if error := field(event, "error"):
        raise ResponseFailedError(error)
    return event


async def _drain(received: AsyncIterator[bytes]) -> None:
    """Reads on to the end of the response: only then its connection can be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_TIMEOUT_SECONDS):
            async for _ in received:
                pass


class EventParser:
    """Finds the data of the events in a stream of bytes. All else about them is ignored."""

    def __init__(self) -> None:
        self._line = bytearray()
        """The beginning of a line."""
        self._after_cr = False
        self._data: list[bytes] = []
        """The lines of data of an event that goes on."""
        self._size = 0
        """How many bytes have arrived since the last event."""

    @property
    def rest(self) -> bytes:
        """The data of an event that goes on: no event yet, unless the stream is at its end."""
        line = bytes(self._line)
        last = [line.removeprefix(b"data:").removeprefix(b" ")] if line.startswith(b"data:") else []
        return b"\n".join([*self._data, *last])

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Yields the data of each event that these bytes end."""
        for each in self._lines(received):
            line = each.removeprefix(BYTE_ORDER_MARK)
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data.clear()
                self._size = len(self._line)

    def _lines(self, received: bytes) -> list[bytes]:
        """The lines that these bytes end: with CR, LF or both."""
        if received and (b"\r" in received or self._after_cr):
            received, self._after_cr = _normalized(received, after_cr=self._after_cr)
        self._line += received
        self._size += len(received)
        if self._size > MAX_EVENT_BYTES:
            raise UnreadableEventError
        if b"\n" not in received:
            return []
        *lines, rest = bytes(self._line).split(b"\n")
        self._line = bytearray(rest)
        return lines


def _normalized(received: bytes, *, after_cr: bool) -> tuple[bytes, bool]:
    """The bytes with LF at each line's end; true if the next byte may be the second half of one."""
    text = received.removeprefix(b"\n") if after_cr else received
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n"), received.endswith(b"\r")
