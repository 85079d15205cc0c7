import asyncio

from aiohttp import ClientSession

from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.fake_openai.requests import ASKED, ask, events


async def test_stand_in(http: ClientSession) -> None:
    """Without a script, the stand-in says what it is, quotes the question and names the setting."""
    _, body = await ask(http, messages=[{**ASKED, "name": "Ana"}])
    text = body["choices"][0]["message"]["content"]
    assert text.startswith("Hello Ana!")
    for part in ("stand-in model", "> What is a fence?", "OPENAI_API_KEY"):
        assert part in text


async def test_stand_in_pace(server: ModelServer, http: ClientSession) -> None:
    """The stand-in pauses between words, so that people see the answer grow."""
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with asyncio.timeout(5), http.post("chat/completions", json=body) as response:
        await anext(events(response))
        assert server.streams[0].sent < 5
