import asyncio

import aiohttp
import pytest
from aiohttp import web

from slackbot.playground.local_server import LocalServer


async def test_a_port_that_is_taken() -> None:
    """A port that another server has is an OSError, and leaves nothing open."""
    async with LocalServer(web.Application()) as first:
        port = int(first.address.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            await LocalServer(web.Application(), port).__aenter__()
    async with LocalServer(web.Application(), port) as second:
        assert second.address == first.address


@pytest.mark.parametrize("cancels_requests", [True, False])
async def test_a_client_that_leaves(*, cancels_requests: bool) -> None:
    """A request whose client has gone is cancelled or carried out, as the server was configured."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Future[str]()

    async def handle(_: web.Request) -> web.Response:
        begun.set()
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            ended.set_result("cancelled")
            raise
        ended.set_result("carried out")
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handle)
    async with LocalServer(app, cancels_requests=cancels_requests) as server:
        async with aiohttp.ClientSession() as session:
            asking = asyncio.create_task(session.get(f"http://{server.address}/"))
            await begun.wait()
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        if not cancels_requests:
            go_on.set()
        assert await ended == ("cancelled" if cancels_requests else "carried out")
