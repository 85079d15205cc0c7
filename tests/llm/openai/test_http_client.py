"""The HTTP client that requests to the model go through."""

from aiohttp import web

from slackbot.llm.openai.http_client import PIECE_BYTES, HttpClient
from slackbot.playground.local_server import LocalServer


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
