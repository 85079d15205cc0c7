"""The proxy forwards everything unchanged, and records what the inspector shows."""

from collections.abc import AsyncIterator

import aiohttp
import openai
import pytest

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_openai.script import calls, fails, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.recording_proxy import RecordingProxy


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer(api_key="sk-secret") as model:
        yield model


@pytest.fixture
async def recorder(model: ModelServer) -> AsyncIterator[RecordingProxy]:
    async with RecordingProxy(model.url, ChangeNotifier().notify) as recorder:
        yield recorder


@pytest.fixture
async def client(recorder: RecordingProxy) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        api_key="sk-secret", base_url=recorder.url, max_retries=0
    ) as client:
        yield client


QUESTION = {"role": "user", "content": "hello?"}


async def streamed(client: openai.AsyncOpenAI) -> str:
    stream = await client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": "hello?"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    texts = [chunk.choices[0].delta.content async for chunk in stream if chunk.choices]
    return "".join(text or "" for text in texts)


async def test_a_streamed_answer(
    model: ModelServer, recorder: RecordingProxy, client: openai.AsyncOpenAI
) -> None:
    """Each chunk is forwarded and recorded with its time, with request and usage, but no key."""
    model.enqueue(says("one two three").counted(7, 3))
    assert await streamed(client) == "one two three"
    (exchange,) = recorder.exchanges
    assert exchange.body["messages"] == [QUESTION]
    assert (exchange.path, exchange.status, exchange.error) == ("chat/completions", 200, "")
    assert exchange.text == "one two three"
    assert [length for _, length in exchange.chunks] == [3, 4, 6]
    times = [exchange.started, *(at for at, _ in exchange.chunks), exchange.ended or 0.0]
    assert times == sorted(times)
    assert (exchange.usage["prompt_tokens"], exchange.usage["completion_tokens"]) == (7, 3)
    assert "sk-secret" not in repr(vars(recorder)) + repr(exchange)


async def test_a_whole_answer(
    model: ModelServer, recorder: RecordingProxy, client: openai.AsyncOpenAI
) -> None:
    """An answer without streaming is recorded, too."""
    model.enqueue("one two")
    answer = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hello?"}]
    )
    assert answer.choices[0].message.content == "one two"
    assert recorder.exchanges[0].text == "one two"
    assert recorder.exchanges[0].usage["total_tokens"] > 0


async def test_tool_calls(
    model: ModelServer, recorder: RecordingProxy, client: openai.AsyncOpenAI
) -> None:
    """Tool calls are recorded with their complete arguments."""
    model.enqueue(calls("look_up", '{"word":', ' "cat"}'))
    await streamed(client)
    assert recorder.exchanges[0].tools == [{"name": "look_up", "arguments": '{"word": "cat"}'}]


async def test_a_refusal(
    model: ModelServer, recorder: RecordingProxy, client: openai.AsyncOpenAI
) -> None:
    """Status, message and Retry-After reach the client unchanged."""
    model.enqueue(fails(429, "Too many.", code="rate_limit_exceeded", retry_after=7))
    with pytest.raises(openai.RateLimitError) as refusal:
        await streamed(client)
    assert refusal.value.response.headers["retry-after"] == "7"
    assert (recorder.exchanges[0].status, recorder.exchanges[0].error) == (429, "Too many.")


async def test_a_wrong_key(recorder: RecordingProxy) -> None:
    """The model's server checks the key, not the proxy."""
    async with openai.AsyncOpenAI(api_key="sk-wrong", base_url=recorder.url) as client:
        with pytest.raises(openai.AuthenticationError):
            await streamed(client)
        with pytest.raises(openai.AuthenticationError):
            await client.models.list()


async def test_a_broken_connection(
    model: ModelServer, recorder: RecordingProxy, client: openai.AsyncOpenAI
) -> None:
    """A connection that breaks on one side breaks on the other."""
    model.enqueue(says("one two three").dropped(after=1))
    with pytest.raises(Exception, match=r"(?i)peer closed|incomplete|disconnect|connection"):
        await streamed(client)
    assert recorder.exchanges[0].text == "one"
    assert recorder.exchanges[0].error


async def test_a_client_that_leaves(model: ModelServer, client: openai.AsyncOpenAI) -> None:
    """When the bot disconnects, so does the proxy."""
    model.enqueue(says("one two three").held(after=1))
    stream = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hello?"}], stream=True
    )
    await anext(aiter(stream))
    await stream.close()
    await model.until(lambda: model.open_streams == 0)
    assert model.streams[0].cancelled


async def test_no_server() -> None:
    """If the model's server can't be reached, the client gets 502 and a message."""
    async with RecordingProxy("http://127.0.0.1:9/v1", ChangeNotifier().notify) as recorder:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{recorder.url}/chat/completions", json={}) as answer,
        ):
            assert answer.status == 502
            assert "not reached" in (await answer.json())["error"]["message"]
        assert recorder.exchanges[0].status == 502
