"""Requests to the model server, and what comes back."""

import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientResponse, ClientSession

ASKED = {"role": "user", "content": "What is a fence?"}


async def ask(http: ClientSession, **fields: Any) -> tuple[int, Any]:
    """Status and body of a request that is not streamed."""
    body = {"model": "any", "messages": [ASKED], **fields}
    async with http.post("chat/completions", json=body) as response:
        return response.status, await response.json()


async def problem(http: ClientSession, **fields: Any) -> dict[str, Any]:
    """The error of a request that is to be refused with status 400."""
    status, body = await ask(http, **fields)
    assert status == 400
    error: dict[str, Any] = body["error"]
    return error


async def stream(http: ClientSession, **fields: Any) -> list[Any]:
    """The data of all events, parsed."""
    body = {"model": "any", "messages": [ASKED], "stream": True, **fields}
    async with http.post("chat/completions", json=body) as response:
        assert response.content_type == "text/event-stream"
        return [data async for data in events(response)]


async def events(response: ClientResponse) -> AsyncIterator[Any]:
    async for line in response.content:
        kind, _, data = line.decode().strip().partition(": ")
        if kind == "data":
            yield data if data == "[DONE]" else json.loads(data)
