"""Reads only so much of a response's body, and only for so long, whatever its server sends."""

import asyncio
from collections.abc import AsyncIterator

import httpx2


def bound_body(
    response: httpx2.Response,
    max_bytes: int,
    error: Exception | None = None,
    max_seconds: float | None = None,
) -> None:
    """What comes after `max_bytes` or `max_seconds` raises the error; without one, it is left out.

    Bytes are counted as they arrive, before they are unpacked.
    """
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _BoundedStream(response.stream, max_bytes, error, max_seconds)


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(
        self,
        stream: httpx2.AsyncByteStream,
        max_bytes: int,
        error: Exception | None,
        max_seconds: float | None,
    ) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._error = error
        self._max_seconds = max_seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._max_bytes
        now = asyncio.get_running_loop().time()
        deadline = None if self._max_seconds is None else now + self._max_seconds
        pieces = aiter(self._stream)
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    piece = await anext(pieces, None)
            except TimeoutError as err:
                if self._error is None:
                    return
                raise self._error from err
            if piece is None:
                return
            if len(piece) > left and self._error is not None:
                raise self._error
            yield piece[:left]
            left -= len(piece)
            if left < 0:
                return

    async def aclose(self) -> None:
        await self._stream.aclose()
