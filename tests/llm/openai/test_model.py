"""A model's answer over real HTTP: what is asked, what arrives, and how it is stopped."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from slackbot.conversation.deltas import TextDelta
from slackbot.conversation.draft import Draft
from slackbot.errors import ModelError
from slackbot.llm.openai.answer_limits import ANSWER_TOKENS
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.openai.texts import MEDIA_OMITTED
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.network import Network
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted, failing_response, streamed
from tests.llm.openai.conftest import RESPONSES, Connect, Serve
from tests.llm.openai.prompts import PICTURE, PROMPT


async def answer(model: OpenAIModel, cache_key: str = "") -> Draft:
    return await drafted(model, PROMPT, cache_key)


async def test_text_is_not_held_back(server: ModelServer, model: OpenAIModel) -> None:
    """A piece is handed on before the next one is sent."""
    server.enqueue(says("One two three").held(after=1))
    async with aclosing(model.stream(PROMPT)) as deltas:
        assert await anext(deltas) == TextDelta("One")
        assert server.streams[0].sent == 1
        server.release()
        rest = [delta async for delta in deltas]
        assert rest[:2] == [TextDelta(" two"), TextDelta(" three")]


async def test_what_is_held_back_is_not_lost(server: ModelServer, model: OpenAIModel) -> None:
    """A connection that breaks after the end of an answer costs none of its text, also where a
    thought was expected before it.
    """
    server.enqueue(says("Hm</think>Hello"), says("Hello you").dropped(after=3))
    assert (await answer(model)).text == "Hello"
    draft = await answer(model)
    assert (draft.text, draft.finish_reason) == ("Hello you", "stop")


async def test_request(server: ModelServer, model: OpenAIModel) -> None:
    """The request holds the messages with their names, and asks for a stream and its usage."""
    await answer(model)
    assert server.requests == [
        {
            "model": "tiny",
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": "Hello?", "name": "Ana"},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_completion_tokens": ANSWER_TOKENS,
        }
    ]


async def test_cache_key_stays_home(server: ModelServer, model: OpenAIModel) -> None:
    """A server that is not OpenAI's gets no cache key."""
    await answer(model, cache_key="thread-1")
    assert "prompt_cache_key" not in server.requests[0]


async def test_cache_key_for_openai(
    server: ModelServer, connect: Connect, network: Network
) -> None:
    """OpenAI's own server gets the cache key, unless it is empty."""
    model = connect("http://api.openai.com/v1", network=network)
    await answer(model, cache_key="thread-1")
    await answer(model)
    assert [request.get("prompt_cache_key") for request in server.requests] == ["thread-1", None]


async def test_closing_stops_the_server(server: ModelServer, model: OpenAIModel) -> None:
    """Closing the answer in the middle makes the server stop."""
    server.enqueue(says("One two three").stalled(after=1))
    async with aclosing(model.stream(PROMPT)) as deltas:
        await anext(deltas)
    await server.until(lambda: server.streams[0].cancelled)


async def test_cancelling_stops_the_server(server: ModelServer, model: OpenAIModel) -> None:
    """A task that is cancelled while it waits for the model makes the server stop."""
    server.enqueue(says("One two three").held(after=1))
    task = asyncio.create_task(answer(model))
    await server.until(lambda: bool(server.streams) and server.streams[0].sent == 1)
    task.cancel()
    await server.until(lambda: server.streams[0].cancelled)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_answers_side_by_side(server: ModelServer, model: OpenAIModel) -> None:
    """An answer that stands still holds up no other."""
    server.enqueue(says("slow one").held(after=0), "quick one")
    slow = asyncio.create_task(answer(model))
    await server.until(lambda: len(server.streams) == 1)
    assert (await answer(model)).text == "quick one"
    server.release()
    assert (await slow).text == "slow one"


@pytest.mark.parametrize("after", [2, 3])
async def test_whole_answer_survives(server: ModelServer, model: OpenAIModel, after: int) -> None:
    """Once the model has ended, a lost connection or a stall costs at most the usage."""
    server.enqueue(says("Done.").dropped(after), says("Done.").stalled(after))
    for _ in range(2):
        draft = await answer(model)
        assert (draft.text, draft.finish_reason) == ("Done.", "stop")


async def test_check(server: ModelServer, model: OpenAIModel) -> None:
    """The check is one request in the form that answers are asked for, so that it learns whether
    the model takes their limit.
    """
    await model.check(pytest.fail)
    (request,) = server.requests
    assert request["max_completion_tokens"] == ANSWER_TOKENS
    assert request["messages"][0]["role"] == "developer"


async def test_check_waits_for_no_end(server: ModelServer, model: OpenAIModel) -> None:
    """The check passes as soon as the model begins to answer, and stops it then."""
    server.enqueue(says("one two").held(after=1))
    await model.check(pytest.fail)
    await server.until(lambda: server.open_streams == 0)


async def test_check_learns(server: ModelServer, model: OpenAIModel) -> None:
    """The check passes on a server that refuses what it sends, and spares the answers that."""
    server.rules = RequestRules(refuses=frozenset({"developer", "max_completion_tokens"}))
    await model.check(pytest.fail)
    await answer(model)
    assert len(server.requests) == 4
    assert server.requests[-1]["messages"][0]["role"] == "system"
    assert server.requests[-1]["max_tokens"] == ANSWER_TOKENS


async def test_check_fails(connect: Connect) -> None:
    """The check says in one sentence why the model can't be used."""
    async with ModelServer(api_key="another") as server:
        with pytest.raises(ModelError, match="refused this bot's API key"):
            await connect(server.url).check(pytest.fail)


@RESPONSES
async def test_a_picture_that_is_not_allowed(server: ModelServer, model: OpenAIModel) -> None:
    """A response that fails for its picture is asked for without it, then and later; another
    picture is sent.
    """
    asked = Prompt((PromptMessage("user", "Look!", media=(PICTURE,)),))
    other = Prompt(
        (PromptMessage("user", "Look!", media=(replace(PICTURE, content=b"\x89PNG\r\n\x1a\n2"),)),)
    )
    server.enqueue(failing_response("image_content_policy_violation"), "Where?", "Still", "A flag.")
    for text in ("Where?", "Still"):
        blind = await drafted(model, asked)
        forbidden = MEDIA_OMITTED["forbidden"].format(name="a file")
        assert (blind.text, blind.notes) == (text, (forbidden,))
    assert (await drafted(model, other)).notes == ()
    shown = [isinstance(each["input"][0]["content"], list) for each in server.requests]
    assert shown == [True, False, False, True]


async def test_a_wrong_path_is_in_the_log(
    server: ModelServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """People are told to tell an admin, who reads in the log what to change."""
    url = server.url.removesuffix("/v1")
    with pytest.raises(ModelError, match="no model at the address"):
        await streamed(connect(url), PROMPT)
    assert f"OPENAI_BASE_URL has no chat completions at {url}/chat/completions: does" in caplog.text


async def test_a_stream_that_stays_empty(serve: Serve, connect: Connect) -> None:
    """A server that notices too late that it takes no such request is asked for the whole answer:
    then it says why, and the next answer is streamed in a form that it takes.
    """
    requests: list[dict[str, Any]] = []

    async def late(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        requests.append(body)
        is_taken = [each["role"] for each in body["messages"]] == ["user"]
        if body["stream"]:
            text = f"data: {ONE_CHUNK}\n\ndata: [DONE]\n\n" if is_taken else ""
            return web.Response(text=text, content_type="text/event-stream")
        if not is_taken:
            return web.json_response({"error": {"message": ALTERNATE}}, status=500)
        return web.json_response({"choices": [{"message": {"content": "Hello"}}]})

    model = connect(await serve(late))
    prompt = Prompt((PromptMessage("user", "One"), PromptMessage("user", "Two")))
    assert (await drafted(model, prompt)).text == "Hello"
    before = len(requests)
    assert (await drafted(model, prompt)).text == "Hello"
    assert [each["stream"] for each in requests[before:]] == [True]


ALTERNATE = "Conversation roles must alternate user/assistant/user/assistant/..."
ONE_CHUNK = '{"choices": [{"delta": {"content": "Hello"}}]}'
