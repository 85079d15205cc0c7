"""The Responses API streams the same deltas in another protocol, over real HTTP."""

import json
from dataclasses import replace

import pytest
from aiohttp import web

from slackbot.config import Api
from slackbot.conversation.deltas import (
    FinishDelta,
    SourceDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    UsageDelta,
    WebSearchDelta,
)
from slackbot.conversation.history import Answer, ToolCall
from slackbot.errors import ModelError
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.tool_call_assembler import ToolCallAssembler
from slackbot.playground.fake_openai.script import (
    calls,
    calls_together,
    declines,
    says,
    searches,
    thinks,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted, failing_response, streamed
from tests.llm.openai.conftest import RESPONSES, Connect, Serve
from tests.llm.openai.prompts import ASKED, PROMPT, WITH_TOOLS

pytestmark = RESPONSES


async def test_the_same_deltas(server: ModelServer, model: OpenAIModel) -> None:
    """Text, the end and the usage come as they do from chat completions."""
    server.enqueue(says("One two").counted(prompt=12, completion=3))
    assert await streamed(model, PROMPT) == [
        TextDelta("One"),
        TextDelta(" two"),
        FinishDelta(),
        UsageDelta(TokenUsage(prompt=12, completion=3)),
    ]
    assert server.paths == ["/v1/responses"]


async def test_calls(server: ModelServer, model: OpenAIModel) -> None:
    """Calls arrive in pieces by their place, also several at once and after text."""
    one, two = calls("add", '{"a":', "1}", call_id="one"), calls("add", "{}", call_id="two")
    server.enqueue(says("Wait.").then(calls_together(one, two)))
    pieces = [each for each in await streamed(model, WITH_TOOLS) if isinstance(each, ToolCallDelta)]
    assert [piece for piece in pieces if piece.id] == [
        ToolCallDelta(1, "one", "add"),
        ToolCallDelta(2, "two", "add"),
        ToolCallDelta(1, "one", "add", '{"a":1}'),
        ToolCallDelta(2, "two", "add", "{}"),
    ]
    assembler = ToolCallAssembler()
    for piece in pieces:
        assembler.add(piece)
    assert assembler.assemble(())[0] == (
        ToolCall("one", "add", '{"a":1}'),
        ToolCall("two", "add", "{}"),
    )


async def test_a_refusal(server: ModelServer, model: OpenAIModel) -> None:
    """The model's refusal arrives as one, and goes back as one."""
    server.enqueue(declines("I won't."), "Fine.")
    assert (await drafted(model, PROMPT)).answer == Answer("", refusal="I won't.")
    await streamed(model, Prompt((*ASKED, PromptMessage("assistant", "", refusal="I won't."))))
    assert server.requests[1]["input"][2] == {
        "role": "assistant",
        "content": [{"type": "refusal", "refusal": "I won't."}],
    }


@pytest.mark.parametrize("ending", ["stop", "length", "content_filter"])
async def test_endings(server: ModelServer, model: OpenAIModel, ending: str) -> None:
    """An incomplete response says why it is."""
    server.enqueue(says("So far").ending(ending))
    assert (await drafted(model, PROMPT)).finish_reason == ending


async def test_the_web_is_searched(server: ModelServer, model: OpenAIModel) -> None:
    """The hosted search is offered where it is allowed; it tells when it is on, and its sources."""
    found = ("https://example.com/a", "A page")
    server.enqueue(thinks("x").then(searches(found)).then(says("So it is.")))
    deltas = await streamed(model, Prompt(ASKED, search=True))
    assert server.requests[0]["tools"] == [{"type": "web_search"}]
    assert WebSearchDelta() in deltas
    assert SourceDelta(*found) in deltas
    assert model.can_search


async def test_a_failed_response(server: ModelServer, model: OpenAIModel) -> None:
    """A response that ends as failed is no answer."""
    server.enqueue(failing_response("server_error"))
    with pytest.raises(ModelError, match="reported a problem"):
        await streamed(model, PROMPT)


async def test_a_response_that_is_not_streamed(server: ModelServer, model: OpenAIModel) -> None:
    """A server may answer with one object: its text, its calls and its usage are read."""
    script = says("Wait.").then(calls("add", '{"a": 1}')).counted(12, 3)
    server.enqueue(script.unstreamed())
    assert await streamed(model, WITH_TOOLS) == [
        TextDelta("Wait."),
        ToolCallDelta(1, "call_1", "add", '{"a": 1}'),
        FinishDelta(),
        UsageDelta(TokenUsage(prompt=12, completion=3)),
    ]
    server.enqueue(declines("I won't.").unstreamed())
    assert (await drafted(model, PROMPT)).answer == Answer("", refusal="I won't.")


async def test_a_server_without_pieces(serve: Serve, connect: Connect, api: Api) -> None:
    """A server may send calls, or all of the response, only when they are whole."""
    call = {"type": "function_call", "call_id": "one", "name": "add", "arguments": '{"a": 1}'}
    said = {"type": "message", "content": [{"type": "output_text", "text": "Fine"}]}
    empty = {**call, "arguments": ""}
    events: list[dict[str, object]] = []

    async def handler(_: web.Request) -> web.StreamResponse:
        data = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
        return web.Response(text=data, content_type="text/event-stream")

    model = connect(await serve(handler), api)
    events = [
        {"type": "response.output_item.added", "item": empty},
        {"type": "response.output_item.done", "item": call},
        {"type": "response.completed", "response": {"output": [call]}},
    ]
    whole = ToolCallDelta(0, "one", "add", '{"a": 1}')
    assert await streamed(model, WITH_TOOLS) == [
        ToolCallDelta(0, "one", "add"),
        whole,
        FinishDelta(),
    ]
    events = [{"type": "response.completed", "response": {"output": [said, call]}}]
    assert await streamed(model, WITH_TOOLS) == [
        TextDelta("Fine"),
        replace(whole, index=1),
        FinishDelta(),
    ]


async def test_thoughts_in_the_text(server: ModelServer, model: OpenAIModel) -> None:
    """Thoughts between tags are hidden here too."""
    server.enqueue(says("<think>Hm, hm</think>Hello"), says("Hm, hm</think>Hello"))
    assert (await drafted(model, PROMPT)).text == "Hello"
    assert (await drafted(model, PROMPT)).text == "Hello"
