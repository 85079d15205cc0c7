from aiohttp import ClientSession

from slackbot.playground.fake_openai.script import (
    calls,
    calls_function,
    declines,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.playground.fake_openai.requests import ask, stream


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
    """The usage comes in a last chunk without choices, if it was asked for."""
    server.enqueue("12345", says("12345").counted(prompt=70, completion=80))
    for prompt, completion in ((4, 2), (70, 80)):
        *_, last, _ = await stream(http, stream_options={"include_usage": True})
        assert last["choices"] == []
        assert last["usage"]["prompt_tokens"] == prompt
        assert last["usage"]["completion_tokens"] == completion


async def test_whole_answer(server: ModelServer, http: ClientSession) -> None:
    """Without streaming, the same script is one message."""
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
