"""Answers in the forms of servers that differ from OpenAI's, over the wire."""

from typing import Any

from aiohttp import ClientSession

from slackbot.playground.fake_openai.odd_scripts import (
    as_messages,
    as_texts,
    calls_whole,
    fails_in_choice,
    finishes_early,
    in_parts,
    reasons,
)
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.fake_openai.requests import ASKED, ask, stream


async def choices(server: ModelServer, http: ClientSession, script: Script) -> list[Any]:
    server.enqueue(script)
    *chunks, done = await stream(http)
    assert done == "[DONE]"
    return [chunk["choices"][0] for chunk in chunks]


async def test_parts(server: ModelServer, http: ClientSession) -> None:
    """A content may be a list: thoughts, then text; as a whole it is one list of all."""
    sent = await choices(server, http, in_parts("Hello", thought="A greeting"))
    kinds = [choice["delta"]["content"][0]["type"] for choice in sent[:-1]]
    assert kinds == ["thinking", "thinking", "text"]
    assert in_parts("Hello you", thought="Hm").text == "Hello you"
    server.enqueue(in_parts("Hello", thought="Hm"))
    _, body = await ask(http)
    assert [part["type"] for part in body["choices"][0]["message"]["content"]] == [
        "thinking",
        "text",
    ]


async def test_thoughts(server: ModelServer, http: ClientSession) -> None:
    """A thought may have a field of its own."""
    sent = await choices(server, http, reasons("Hm", "thinking").then(says("Hello")))
    assert [choice["delta"].get("thinking") for choice in sent] == ["Hm", None, None]


async def test_other_places(server: ModelServer, http: ClientSession) -> None:
    """The text may stand in a `message`, or directly in the choice."""
    sent = await choices(server, http, as_messages(says("Hello")))
    assert sent[0]["message"] == {"content": "Hello"}
    sent = await choices(server, http, as_texts("Hello you"))
    assert [choice.get("text") for choice in sent] == ["Hello", " you", None]


async def test_ends(server: ModelServer, http: ClientSession) -> None:
    """The reason may come before the last piece, and an error next to a choice."""
    sent = await choices(server, http, finishes_early("One two three", after=2))
    assert [choice["finish_reason"] for choice in sent] == [None, "stop", None, None]
    sent = await choices(server, http, fails_in_choice("One", "Provider disconnected"))
    assert sent[1]["error"]["message"] == "Provider disconnected"


async def test_whole_calls(server: ModelServer, http: ClientSession) -> None:
    """A call may arrive whole and without an id."""
    call = {"function": {"name": "add", "arguments": {"a": 1}}}
    sent = await choices(server, http, calls_whole(call))
    assert [choice["finish_reason"] for choice in sent] == [None, "stop"]
    assert sent[0]["delta"]["tool_calls"] == [call]


async def test_no_stream(server: ModelServer, http: ClientSession) -> None:
    """A server may answer with one object though it is asked to stream."""
    server.enqueue(says("Hello you").unstreamed())
    _, body = await ask(http, messages=[ASKED], stream=True)
    assert body["choices"][0]["message"]["content"] == "Hello you"
