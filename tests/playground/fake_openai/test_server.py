"""The model server, as seen by a plain HTTP client."""

import asyncio

import pytest
from aiohttp import ClientPayloadError, ClientSession

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import (
    fails,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.fake_openai.requests import ASKED, ask


async def test_order(server: ModelServer, http: ClientSession) -> None:
    """Scripts are used up in order; then `answer` answers, from the request."""
    server.answer = lambda request: f"I am {request['model']}"
    server.enqueue("One", "Two")
    texts = [(await ask(http))[1]["choices"][0]["message"]["content"] for _ in range(3)]
    assert texts == ["One", "Two", "I am any"]
    assert [request["messages"] for request in server.requests] == [[ASKED]] * 3


async def test_until_gives_up(server: ModelServer) -> None:
    """`until` raises TimeoutError if its condition never becomes true."""
    with pytest.raises(TimeoutError):
        await server.until(lambda: False, timeout=0.01)


async def test_planned_refusal(server: ModelServer, http: ClientSession) -> None:
    """An error has its status, its message and the time to wait."""
    server.enqueue(fails(429, "Slow down", code="rate_limit_exceeded", retry_after=1.5))
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with http.post("chat/completions", json=body) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "1.5"
        assert response.headers["x-request-id"].startswith("req_")
        assert (await response.json())["error"]["code"] == "rate_limit_exceeded"


async def test_one_model(server: ModelServer, http: ClientSession) -> None:
    """A server with one model lists it and knows no other."""
    server.rules = RequestRules(model="tiny")
    async with http.get("models") as response:
        assert [model["id"] for model in (await response.json())["data"]] == ["tiny"]
    status, body = await ask(http)
    assert (status, body["error"]["code"]) == (404, "model_not_found")


async def test_key() -> None:
    """With a key, requests without it are refused; the key itself is not recorded."""
    async with (
        ModelServer(api_key="sk-right", answer=lambda _: "Fine") as server,
        ClientSession(f"{server.url}/") as http,
    ):
        assert (await ask(http))[0] == 401
        http.headers["Authorization"] = "Bearer sk-right"
        assert (await ask(http))[0] == 200
        async with http.get("models") as response:
            assert response.status == 200
        assert "sk-right" not in str(server.headers)


async def test_closing() -> None:
    """A server that is closed while it streams does not wait for its clients."""
    async with asyncio.timeout(2), ClientSession() as http:
        async with ModelServer() as short_lived:
            short_lived.enqueue(says("One").stalled(after=0))
            body = {"model": "any", "messages": [ASKED], "stream": True}
            response = await http.post(f"{short_lived.url}/chat/completions", json=body)
        with pytest.raises(ClientPayloadError):
            await response.read()
