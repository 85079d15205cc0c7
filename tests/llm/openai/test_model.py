"""A model's answer over real HTTP: what is asked, what arrives, and how it is stopped."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from slackbot.conversation.deltas import (
    FinishDelta,
    RefusalDelta,
    TextDelta,
    TokenUsage,
    UsageDelta,
)
from slackbot.conversation.draft import Draft
from slackbot.conversation.history import Answer
from slackbot.errors import ModelError
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import (
    DeltaJson,
    Script,
    calls,
    calls_function,
    declines,
    says,
)
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted

Connect = Callable[[str], OpenAIModel]

PROMPT = Prompt(
    (PromptMessage("developer", "Be brief."), PromptMessage("user", "Hello?", name="Ana"))
)


async def answer(model: OpenAIModel, cache_key: str = "") -> Draft:
    return await drafted(model, PROMPT, cache_key)


async def test_text_arrives_piece_by_piece(server: ModelServer, model: OpenAIModel) -> None:
    """What the model says comes as text, then how it ended, then what the server counted."""
    server.enqueue(says("One two").counted(prompt=12, completion=3))
    assert [delta async for delta in model.stream(PROMPT)] == [
        TextDelta("One"),
        TextDelta(" two"),
        FinishDelta(),
        UsageDelta(TokenUsage(prompt=12, completion=3)),
    ]


async def test_text_is_not_held_back(server: ModelServer, model: OpenAIModel) -> None:
    """A piece is handed on before the next one is sent."""
    server.enqueue(says("One two three").held(after=1))
    async with aclosing(model.stream(PROMPT)) as deltas:
        assert await anext(deltas) == TextDelta("One")
        assert server.streams[0].sent == 1
        server.release()
        rest = [delta async for delta in deltas]
        assert rest[:2] == [TextDelta(" two"), TextDelta(" three")]


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
        }
    ]


async def test_refusal(server: ModelServer, model: OpenAIModel) -> None:
    """The model's refusal arrives as one."""
    server.enqueue(declines("I won't."))
    draft = await answer(model)
    assert draft.answer == Answer("", refusal="I won't.")


@pytest.mark.parametrize(
    ("finish", "ending"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        ("function_call", "stop"),
        ("eos", "stop"),
    ],
)
async def test_endings(server: ModelServer, model: OpenAIModel, finish: str, ending: str) -> None:
    """Every finish reason ends the answer; those that mean nothing to us count as `stop`."""
    server.enqueue(says("So far").ending(finish))
    assert (await answer(model)).finish_reason == ending


@pytest.mark.parametrize(
    "script", [says(""), calls("look_up", '{"word": ', '"a"}'), calls_function("look_up", "{}")]
)
async def test_nothing_said(server: ModelServer, model: OpenAIModel, script: Script) -> None:
    """An answer without text ends like any other, and has no text."""
    server.enqueue(script)
    draft = await answer(model)
    assert (draft.finish_reason, draft.answer) == ("stop", None)


async def test_odd_deltas(server: ModelServer, model: OpenAIModel) -> None:
    """Fields that are missing, null or empty yield nothing; several at once yield one each."""
    empty: tuple[DeltaJson, ...] = ({}, {"content": None}, {"content": ""}, {"unheard_of": 1})
    server.enqueue(Script((*empty, {"content": "a", "refusal": "b"})))
    deltas = [delta async for delta in model.stream(PROMPT)]
    assert deltas[:3] == [TextDelta("a"), RefusalDelta("b"), FinishDelta()]


async def test_cache_key_stays_home(server: ModelServer, model: OpenAIModel) -> None:
    """A server that is not OpenAI's gets no cache key."""
    await answer(model, cache_key="thread-1")
    assert "prompt_cache_key" not in server.requests[0]


async def test_cache_key_for_openai(
    server: ModelServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenAI's own server gets the cache key, unless it is empty."""
    monkeypatch.setenv("HTTP_PROXY", server.url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    model = connect("http://api.openai.com/v1")
    await answer(model, cache_key="thread-1")
    await answer(model)
    assert [request.get("prompt_cache_key") for request in server.requests] == ["thread-1", None]


async def test_closing_stops_the_server(server: ModelServer, model: OpenAIModel) -> None:
    """Whoever closes the answer in the middle makes the server stop."""
    server.enqueue(says("One two three").stalled(after=1))
    async with aclosing(model.stream(PROMPT)) as deltas:
        await anext(deltas)
    await server.until(lambda: server.streams[0].cancelled, timeout=1)


async def test_cancelling_stops_the_server(server: ModelServer, model: OpenAIModel) -> None:
    """A task that is cancelled while it waits for the model makes the server stop."""
    server.enqueue(says("One two three").held(after=1))
    task = asyncio.create_task(answer(model))
    await server.until(lambda: bool(server.streams) and server.streams[0].sent == 1)
    task.cancel()
    await server.until(lambda: server.streams[0].cancelled, timeout=1)
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
    """The check is one small request in the form that answers are asked for."""
    await model.check()
    (request,) = server.requests
    assert request["max_completion_tokens"] == 16
    assert request["messages"][0]["role"] == "developer"


async def test_check_learns(server: ModelServer, model: OpenAIModel) -> None:
    """The check passes on a server that refuses what it sends, and spares the answers that."""
    server.rules = RequestRules(refuses=frozenset({"developer", "max_completion_tokens"}))
    await model.check()
    await answer(model)
    assert len(server.requests) == 4
    assert server.requests[-1]["messages"][0]["role"] == "system"


async def test_check_fails(connect: Connect) -> None:
    """The check says in one sentence why the model can't be used."""
    async with ModelServer(api_key="another") as server:
        with pytest.raises(ModelError, match="refused this bot's API key"):
            await connect(server.url).check()


async def test_no_key(server: ModelServer) -> None:
    """A server without keys can be asked without one."""
    model = OpenAIModel(name="tiny", api_key="", base_url=server.url)
    assert (await answer(model)).text == "Hello to you"
    await model.close()
