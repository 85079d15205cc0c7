"""The model server as a client without any library sees it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientResponse, ClientSession

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import (
    Refusal,
    calls,
    calls_function,
    declines,
    fails,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer

ASKED = {"role": "user", "content": "What is a fence?"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
LIST = {"type": "object", "properties": {"a": {"type": "array"}}}
ITEM = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "3"}
THOUGHT = {"type": "reasoning", "summary": [], "encrypted_content": "x"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as server:
        yield server


@pytest.fixture
async def http(server: ModelServer) -> AsyncIterator[ClientSession]:
    async with ClientSession(f"{server.url}/") as session:
        yield session


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


async def test_chunks(server: ModelServer, http: ClientSession) -> None:
    """A text is streamed word by word; the role comes first, the reason for the end last."""
    server.enqueue("A row of posts.")
    *chunks, done = await stream(http)
    choices = [chunk["choices"][0] for chunk in chunks]
    assert [choice["delta"] for choice in choices] == [
        {"role": "assistant", "content": "A"},
        {"content": " row"},
        {"content": " of"},
        {"content": " posts."},
        {},
    ]
    assert [choice["finish_reason"] for choice in choices] == [None] * 4 + ["stop"]
    assert {(chunk["object"], chunk["model"]) for chunk in chunks} == {
        ("chat.completion.chunk", "any")
    }
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert done == "[DONE]"


async def test_usage(server: ModelServer, http: ClientSession) -> None:
    """What was counted comes in a last chunk without choices, if it was asked for."""
    server.enqueue("12345", says("12345").counted(prompt=70, completion=80))
    for prompt, completion in ((4, 2), (70, 80)):
        *_, last, _ = await stream(http, stream_options={"include_usage": True})
        assert last["choices"] == []
        assert last["usage"]["prompt_tokens"] == prompt
        assert last["usage"]["completion_tokens"] == completion


async def test_whole_answer(server: ModelServer, http: ClientSession) -> None:
    """Without streaming the same script is one message, its pieces joined."""
    server.enqueue("One two", declines("I won't."), calls("f", '{"a":', "1}"))
    server.enqueue(calls_function("f", "{}"))
    bodies = [(await ask(http))[1] for _ in range(4)]
    choices = [body["choices"][0] for body in bodies]
    assert choices[0]["message"]["content"] == "One two"
    assert choices[1]["message"]["refusal"] == "I won't."
    assert choices[2]["finish_reason"] == "tool_calls"
    assert choices[2]["message"]["tool_calls"][0]["function"] == {
        "name": "f",
        "arguments": '{"a":1}',
    }
    assert choices[3]["message"]["function_call"] == {"name": "f", "arguments": "{}"}


async def test_order(server: ModelServer, http: ClientSession) -> None:
    """Scripts are used up in order; then `answer` answers, from the request."""
    server.answer = lambda request: f"I am {request['model']}"
    server.enqueue("One", "Two")
    texts = [(await ask(http))[1]["choices"][0]["message"]["content"] for _ in range(3)]
    assert texts == ["One", "Two", "I am any"]
    assert [request["messages"] for request in server.requests] == [[ASKED]] * 3


async def test_stand_in(http: ClientSession) -> None:
    """Unscripted it says that it is a stand-in, quotes the question and names the setting."""
    _, body = await ask(http, messages=[{**ASKED, "name": "Ana"}])
    text = body["choices"][0]["message"]["content"]
    assert text.startswith("Hello Ana!")
    for part in ("stand-in model", "> What is a fence?", "OPENAI_API_KEY"):
        assert part in text


async def test_stand_in_pace(server: ModelServer, http: ClientSession) -> None:
    """It takes its time between words, so that one can see the answer grow."""
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with asyncio.timeout(5), http.post("chat/completions", json=body) as response:
        await anext(events(response))
        assert server.streams[0].sent < 5


async def test_hold(server: ModelServer, http: ClientSession) -> None:
    """A held stream stands still until it is released, be that before it gets there."""
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


async def test_until_gives_up(server: ModelServer) -> None:
    """What never becomes true is not waited for forever."""
    with pytest.raises(TimeoutError):
        await server.until(lambda: False, timeout=0.01)


async def test_client_leaves(server: ModelServer, http: ClientSession) -> None:
    """The server sees at once that a client has left."""
    server.enqueue(says("One two").stalled(after=1))
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with http.post("chat/completions", json=body) as response:
        await anext(events(response))
        response.close()
    await server.until(lambda: server.streams[0].cancelled, timeout=1)


async def test_keep_alive(server: ModelServer, http: ClientSession) -> None:
    """A stalled stream can send comments, which are no chunks."""
    server.enqueue(says("One two").stalled(after=1, keep_alive=0.01))
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with http.post("chat/completions", json=body) as response:
        lines = [await response.content.readline() for _ in range(6)]
        assert lines[2:] == [b": keep-alive\n", b"\n"] * 2
    assert server.streams[0].sent == 1


async def test_mishaps(server: ModelServer, http: ClientSession) -> None:
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


async def test_refusal_to_order(server: ModelServer, http: ClientSession) -> None:
    """An error comes with its status, its words and the time to wait."""
    server.enqueue(fails(429, "Slow down", code="rate_limit_exceeded", retry_after=1.5))
    body = {"model": "any", "messages": [ASKED], "stream": True}
    async with http.post("chat/completions", json=body) as response:
        assert response.status == 429
        assert response.headers["Retry-After"] == "1.5"
        assert response.headers["x-request-id"].startswith("req_")
        assert (await response.json())["error"]["code"] == "rate_limit_exceeded"


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "wizard", "content": "Hi"}, "messages[0].role"),
        ({"role": "user", "content": "Hi", "name": "Ana Maria"}, "messages[0].name"),
        ({"role": "user", "content": "Hi", "name": ""}, "messages[0].name"),
        ({"role": "user", "content": None}, "messages[0].content"),
        ({"role": "assistant", "content": None}, "messages[0].content"),
        ({"role": "user", "content": [{"type": "refusal"}]}, "messages[0].content"),
        ({"role": "user", "content": []}, "messages[0].content"),
        ({"role": "tool", "content": "3", "tool_call_id": "call_1"}, "messages[0].role"),
        ({"role": "assistant", "tool_calls": [CALL]}, "messages"),
        ({"role": "assistant", "tool_calls": []}, "messages[0].content"),
        ({"role": "assistant", "content": "", "tool_calls": []}, "messages[0].tool_calls"),
        ({"role": "user", "content": "", "tool_calls": [CALL]}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [CALL, CALL]}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [{**CALL, "id": ""}]}, "messages[0].tool_calls[0]"),
        ({"role": "assistant", "tool_calls": [{"id": "call_1"}]}, "messages[0].tool_calls[0]"),
    ],
)
async def test_messages_are_checked(
    http: ClientSession, message: dict[str, Any], param: str
) -> None:
    """A message that OpenAI's server would refuse is refused here."""
    assert (await problem(http, messages=[message]))["param"] == param


async def test_requests_are_checked(http: ClientSession) -> None:
    """So is a request without messages or model, or with options that do not go together."""
    assert (await problem(http, messages=[]))["param"] == "messages"
    assert "model" in (await problem(http, model=None))["message"]
    assert (await problem(http, stream_options={}))["param"] == "stream_options"
    limit = await problem(http, max_completion_tokens=0)
    assert limit["param"] == "max_completion_tokens"
    async with http.post("chat/completions", data="{") as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("tools", "param"),
    [
        ([], "tools"),
        ([TOOL] * 129, "tools"),
        ([TOOL, TOOL], "tools"),
        ([{"type": "function"}], "tools[0]"),
        ([{**TOOL, "function": {"name": "f x"}}], "tools[0].function.name"),
        (
            [{**TOOL, "function": {"name": "f", "parameters": {"type": "string"}}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "parameters": {"type": "object", "not": {}}}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "parameters": LIST}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "description": "x" * 1_025}}],
            "tools[0].function.description",
        ),
    ],
)
async def test_tools_are_checked(http: ClientSession, tools: object, param: str) -> None:
    """Tools that OpenAI's server would refuse are refused here, and a choice without tools."""
    assert (await problem(http, tools=tools))["param"] == param
    assert (await problem(http, tool_choice="none"))["param"] == "tool_choice"


async def test_tool_calls_in_order(server: ModelServer, http: ClientSession) -> None:
    """A tool's message after the call that it answers is in order."""
    server.enqueue("Fine")
    call = CALL
    answered = [
        ASKED,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "3", "tool_call_id": "call_1"},
    ]
    assert (await ask(http, messages=answered))[0] == 200
    unanswered = await problem(http, messages=[*answered[:2], ASKED])
    assert "call_1" in unanswered["message"]


@pytest.mark.parametrize("names_it", [True, False])
async def test_strictness(server: ModelServer, http: ClientSession, *, names_it: bool) -> None:
    """The server can be as narrow as others are, and say what it dislikes or not."""
    server.answer = lambda _: "Fine"
    server.rules = RequestRules(refuses=frozenset({"name"}), status=422, names_it=names_it)
    status, body = await ask(http, messages=[{**ASKED, "name": "Ana"}])
    assert (status, "'name'" in body["error"]["message"]) == (422, names_it)
    assert (await ask(http))[0] == 200


async def test_context_limit(server: ModelServer, http: ClientSession) -> None:
    """A request over the limit is refused with the code that OpenAI gives for it."""
    server.answer = lambda _: "Fine"
    server.rules = RequestRules(context_limit=len(ASKED["content"]))
    assert (await ask(http))[0] == 200
    assert (await problem(http, messages=[ASKED, ASKED]))["code"] == "context_length_exceeded"


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


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"messages": [ASKED]}, "messages"),
        ({"max_output_tokens": 15}, "max_output_tokens"),
        ({"input": []}, "input"),
        ({"input": [{**ASKED, "name": "Ana"}]}, "input[0]"),
        ({"input": [{"role": "tool", "content": "3"}]}, "input[0]"),
        ({"input": [{"role": "user", "content": [{"type": "text"}]}]}, "input[0].content"),
        ({"input": [ITEM]}, "input"),
        ({"input": [OUTPUT]}, "input[0]"),
        ({"input": [{**ITEM, "call_id": "x" * 65}, OUTPUT]}, "input[0].call_id"),
        ({"input": [THOUGHT, ASKED]}, "input[0]"),
        ({"tools": [TOOL]}, "tools[0].function.name"),
        ({"tool_choice": "none"}, "tool_choice"),
    ],
)
async def test_responses_are_checked(
    http: ClientSession, changes: dict[str, Any], param: str
) -> None:
    """What OpenAI's server would refuse in the Responses API is refused here."""
    body = {"model": "tiny", "stream": True, "input": [ASKED], **changes}
    async with http.post("responses", json=body) as response:
        assert response.status == 400
        assert (await response.json())["error"]["param"] == param


async def test_a_response_in_order(server: ModelServer, http: ClientSession) -> None:
    """Calls with their outputs, and thoughts before them, are in order."""
    server.enqueue("Fine")
    items = [ASKED, THOUGHT, ITEM, OUTPUT]
    body = {"model": "tiny", "stream": True, "input": items}
    async with http.post("responses", json=body) as response:
        assert response.status == 200
        names = [
            line.removeprefix("event: ")
            for line in (await response.text()).splitlines()
            if line.startswith("event: ")
        ]
    assert names == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.output_text.delta",
        "response.output_item.done",
        "response.completed",
    ]
