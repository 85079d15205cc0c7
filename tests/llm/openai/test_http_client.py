"""The HTTP client that requests to the model go through."""

import ssl
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2
import pytest
import trustme
from aiohttp import web

from slackbot.llm.openai.client import OPEN_TIMEOUT_SECONDS, Connection
from slackbot.llm.openai.event_stream import UnreadableEventError
from slackbot.llm.openai.http_client import (
    MAX_BODY_BYTES,
    MAX_ERROR_BYTES,
    MAX_STREAM_BYTES,
    PIECE_BYTES,
    HttpClient,
    open_http_client,
)
from slackbot.network import DIRECT, Network, Proxies, Proxy
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


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/chat/completions", MAX_STREAM_BYTES), ("/images/generations", MAX_BODY_BYTES)],
)
async def test_a_body_without_an_end(path: str, limit: int) -> None:
    """It is read up to a limit, and is no answer then; the connection is closed."""
    url = "http://model.test"
    async with open_http_client(httpx2.Timeout(5.0), DIRECT, url) as client:
        request = client.build_request("POST", f"{url}{path}")
        stream = _Endless()
        response = httpx2.Response(200, request=request, stream=stream)
        for hook in client.event_hooks["response"]:
            await hook(response)
        with pytest.raises(UnreadableEventError):
            await response.aread()
        await response.aclose()
    assert limit < stream.sent <= limit + len(stream.piece)
    assert stream.closed


async def test_an_error_without_an_end() -> None:
    """Its beginning says what is wrong; the rest is not read."""

    async def fail(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400)
        await response.prepare(request)
        with suppress(ConnectionError):
            for _ in range(100):
                await response.write(b"x" * 2**20)
        return response

    app = web.Application()
    app.router.add_get("/", fail)
    async with LocalServer(app) as server:
        url = f"http://{server.address}/"
        async with open_http_client(httpx2.Timeout(5.0), DIRECT, url) as client:
            response = await client.get(url)
    assert response.status_code == 400
    assert len(response.content) == MAX_ERROR_BYTES


class _Endless(httpx2.AsyncByteStream):
    """A body of which there is always more."""

    def __init__(self) -> None:
        self.piece = b"x" * 2**20
        self.sent = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += len(self.piece)
            yield self.piece

    async def aclose(self) -> None:
        self.closed = True
