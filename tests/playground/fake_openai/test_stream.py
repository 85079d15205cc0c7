import asyncio
import json

import pytest
from aiohttp import ClientPayloadError, ClientSession

from slackbot.playground.fake_openai.script import (
    Refusal,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.fake_openai.requests import ASKED, events, stream


async def test_hold(server: ModelServer, http: ClientSession) -> None:
    """A held stream pauses until it is released, even if that came first."""
    server.enqueue(says("One two three").held(after=2), says("Four").held(after=0))
    task = asyncio.create_task(stream(http))
    await server.until(lambda: bool(server.streams) and server.streams[0].sent == 2)
    assert (server.open_streams, task.done()) == (1, False)
    server.release()
    assert len(await task) == 5
    task = asyncio.create_task(stream(http))
    await server.until(lambda: len(server.requests) == 2)
    server.release()
    assert len(await task) == 3
    assert all(stream.finished for stream in server.streams)


async def test_client_leaves(server: ModelServer, http: ClientSession) -> None:
    """The server sees at once that a client has left."""
    server.enqueue(says("One two").stalled(after=1))
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with http.post("chat/completions", json=body) as response:
        await anext(events(response))
        response.close()
    await server.until(lambda: server.streams[0].cancelled)


async def test_keep_alive(server: ModelServer, http: ClientSession) -> None:
    """A stalled stream can send comments, which do not count as chunks."""
    server.enqueue(says("One two").stalled(after=1, keep_alive=0.01))
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with http.post("chat/completions", json=body) as response:
        lines = [await response.content.readline() for _ in range(6)]
        assert lines[2:] == [b": keep-alive\n", b"\n"] * 2
    assert server.streams[0].sent == 1


async def test_disruptions(server: ModelServer, http: ClientSession) -> None:
    """A stream can be cut, end early, hold an error, or hold a line that is not JSON."""
    error = Refusal(message="Overloaded", type="server_error")
    server.enqueue(
        says("One two").dropped(after=1),
        says("One two").ending(None),
        says("One two").failed(after=1, refusal=error),
        says("One two").garbled(after=1),
    )
    with pytest.raises(ClientPayloadError):
        await stream(http)
    assert [chunk["choices"][0]["finish_reason"] for chunk in await stream(http)] == [None, None]
    assert (await stream(http))[-1] == error.body
    with pytest.raises(json.JSONDecodeError):
        await stream(http)
