"""Bodies of responses that are read up to a limit, from a real server."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
from aiohttp import web

from slackbot.network.bounded_body import bound_body
from slackbot.playground.local_server import LocalServer


class TooMuchError(Exception):
    """The limit was reached."""


async def ten_bytes(request: web.Request) -> web.StreamResponse:
    """In two pieces; the second never comes where the query asks for silence."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"01234")
    if "silence" in request.query:
        await asyncio.Event().wait()
    await response.write(b"56789")
    return response


async def read(bound: Callable[[httpx2.Response], None], query: str = "") -> bytes:
    """What a client reads that bounds each response so."""

    async def hook(response: httpx2.Response) -> None:
        bound(response)

    app = web.Application()
    app.router.add_get("/", ten_bytes)
    async with (
        LocalServer(app) as server,
        httpx2.AsyncClient(event_hooks={"response": [hook]}, trust_env=False) as client,
    ):
        return (await client.get(f"http://{server.address}/?{query}")).content


async def test_within_the_limit() -> None:
    """A body that just fits is read whole."""
    assert await read(lambda response: bound_body(response, 10, TooMuchError())) == b"0123456789"


@pytest.mark.parametrize("max_bytes", [0, 3, 5, 9])
async def test_too_long(max_bytes: int) -> None:
    """One byte more raises the error; where there is none, the rest is left out."""
    with pytest.raises(TooMuchError):
        await read(lambda response: bound_body(response, max_bytes, TooMuchError()))
    assert await read(lambda response: bound_body(response, max_bytes)) == b"0123456789"[:max_bytes]


async def test_too_slow() -> None:
    """So does a body that takes longer, however little of it has come."""
    with pytest.raises(TooMuchError):
        await read(lambda response: bound_body(response, 10, TooMuchError(), 0.05), "silence")
    read_in_time = await read(lambda response: bound_body(response, 10, None, 0.05), "silence")
    assert b"01234".startswith(read_in_time)
