"""The HTTP client that requests to the model go through."""

import ssl

import httpx2
import pytest
import trustme
from aiohttp import web

from slackbot.llm.openai.client import OPEN_TIMEOUT_SECONDS, Connection
from slackbot.llm.openai.http_client import PIECE_BYTES, HttpClient, open_http_client
from slackbot.network import Network, Proxies, Proxy
from slackbot.playground.local_server import LocalServer
from tests.proxy_server import ProxyServer


async def test_a_large_body_arrives_whole() -> None:
    """A body with files is sent in pieces, with its length."""
    received: list[tuple[str | None, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        received.append((request.headers.get("Content-Length"), await request.read()))
        return web.Response()

    app = web.Application(client_max_size=2**30)
    app.add_routes([web.post("/", take)])
    body = bytes(range(256)) * (40 * PIECE_BYTES // 256) + b"end"
    async with LocalServer(app) as server, HttpClient() as client:
        for sent in (body, b"small"):
            response = await client.post(f"http://{server.address}/", content=sent)
            assert response.status_code == 200
    assert received == [(str(len(body)), body), ("5", b"small")]


async def test_the_proxys_password_is_for_the_proxy(authority: trustme.CA) -> None:
    """It gets it with each request that it reads; a server behind a tunnel never sees it, also
    where a redirect leads into one.
    """
    received: list[tuple[str, bool]] = []

    async def answer(request: web.Request) -> web.Response:
        received.append((request.path, "Proxy-Authorization" in request.headers))
        if request.path == "/old":
            raise web.HTTPTemporaryRedirect("https://model.test/new")
        return web.Response()

    app = web.Application()
    app.router.add_get("/{path}", answer)
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with (
        LocalServer(app) as server,
        ProxyServer({"model.test": server.address}, authority, credentials="me:p w") as proxy,
    ):
        known = Proxy(f"http://{proxy.address}", "me", "p w")
        network = Network(Proxies(known, known), trusted)
        async with open_http_client(httpx2.Timeout(5.0), network, "http://model.test/") as client:
            for _ in range(2):
                assert (await client.get("http://model.test/old")).status_code == 200
    assert received == [("/old", True), ("/new", False)] * 2
    assert proxy.asked == ["GET http://model.test/old", "CONNECT model.test:443"]


async def test_a_proxy_that_never_lets_it_through(authority: trustme.CA) -> None:
    """It is given up in the time that a connection has to open, however long a model may load."""
    async with ProxyServer({}, authority) as proxy:
        proxy.silent.add("model.test")
        network = Network(Proxies(https=Proxy(f"http://{proxy.address}")))
        timeout = httpx2.Timeout(600.0, pool=0.1)
        async with open_http_client(timeout, network, "https://model.test/") as client:
            with pytest.raises(httpx2.TimeoutException):
                await client.get("https://model.test/")
    connection = Connection("sk-test", None, 600.0)
    known = (await connection.client()).timeout
    await connection.close()
    assert isinstance(known, httpx2.Timeout)
    assert (known.read, known.pool) == (600.0, OPEN_TIMEOUT_SECONDS)
