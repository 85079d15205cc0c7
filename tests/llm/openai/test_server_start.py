"""A server that is not ready yet is waited for, over real HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest
from aiohttp import web

from slackbot.conversation.draft import Draft
from slackbot.errors import BrokenAnswerError, ModelError
from slackbot.llm.openai.client import Timeouts
from slackbot.llm.openai.model import OpenAIModel
from slackbot.playground.fake_openai.script import Script, fails, says
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.conftest import IMPATIENT, Connect, Serve
from tests.llm.openai.prompts import PROMPT
from tests.ports import quiet_port

PATIENT = Timeouts(first_token=20.0, stall=0.5, notice=0.6)
"""A silence that would end an answer is over when people are told that the model is starting."""

LLAMA_CPP = fails(503, "Loading model", type="unavailable_error")
"""https://github.com/mostlygeek/llama-swap/issues/146"""

HUGGING_FACE = fails(503, "Model meta-llama/Llama-2-7b is currently loading")
"""https://github.com/openinterpreter/openinterpreter/issues/540"""

BEDROCK = fails(429, "ModelNotReadyException: Model is not ready for inference.", retry_after=0.01)
"""https://docs.aws.amazon.com/bedrock/latest/userguide/invoke-imported-model.html"""


async def answer(model: OpenAIModel, on_starting: Callable[[], object]) -> str:
    draft = Draft()
    async for delta in model.stream(PROMPT, on_starting=on_starting):
        draft.add(delta)
    return draft.text


async def test_a_cold_start(server: ModelServer, connect: Connect) -> None:
    """The headers may come later than the next piece of an answer may: one request, one answer."""
    server.enqueue(says("Here I am").loading())
    told = asyncio.Event()
    answering = asyncio.create_task(answer(connect(server.url, timeouts=PATIENT), told.set))
    await told.wait()
    await server.until(lambda: server.open_streams == 1)
    server.release()
    assert await answering == "Here I am"
    assert len(server.requests) == 1


@pytest.mark.parametrize("script", [LLAMA_CPP, HUGGING_FACE, BEDROCK])
async def test_a_model_that_is_loading(
    server: ModelServer, connect: Connect, script: Script
) -> None:
    """A server that says so is asked until it is ready, and people are told once."""
    told: list[str] = []
    server.enqueue(*[script] * 4, "Here I am")
    assert await answer(connect(server.url), lambda: told.append("starting")) == "Here I am"
    assert told == ["starting"]
    assert len(server.requests) == 5


async def test_a_model_that_never_loads(server: ModelServer, connect: Connect) -> None:
    """When the time for the first token is over, people read what the server has said last."""
    server.answer = lambda _: LLAMA_CPP
    timeouts = Timeouts(first_token=2.5)
    with pytest.raises(ModelError, match="has a problem at the moment"):
        await answer(connect(server.url, timeouts=timeouts), lambda: None)


async def test_a_failure_that_is_no_start(server: ModelServer, model: OpenAIModel) -> None:
    """Other failures are not waited for."""
    server.answer = lambda _: fails(503, "The load balancer is overloaded.", retry_after=0.01)
    with pytest.raises(ModelError, match="has a problem at the moment"):
        await answer(model, pytest.fail)
    assert len(server.requests) == 3


async def test_a_server_that_does_not_run_yet(connect: Connect) -> None:
    """A port at which nothing listens is tried until the server has started."""
    told, port = asyncio.Event(), quiet_port()
    model = connect(f"http://127.0.0.1:{port}/v1")
    answering = asyncio.create_task(answer(model, told.set))
    await told.wait()
    async with ModelServer(port=port, answer=lambda _: "Here I am"):
        assert await answering == "Here I am"


async def test_a_stop_ends_the_wait(server: ModelServer, connect: Connect) -> None:
    """A person who stops the answer closes the connection at once."""
    server.enqueue(says("Here I am").loading())
    async with aclosing(connect(server.url).stream(PROMPT)) as deltas:
        waiting = asyncio.create_task(anext(deltas))
        await server.until(lambda: server.open_streams == 1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await server.until(lambda: server.streams[0].cancelled)


CONTENT = 'data: {"choices": [{"delta": {"content": "Here"}}]}\n\n'
ROLE = 'data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}\n\n'
COMMENT = ": OPENROUTER PROCESSING\n\n"
DONE = 'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


def sending(*pieces: str, pause: float) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A server that lets some time pass before each piece."""

    async def send(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for piece in pieces:
            await asyncio.sleep(pause)
            await response.write(piece.encode())
        return response

    return send


@pytest.mark.parametrize(
    "pieces", [(), (ROLE,) * 3, (COMMENT,) * 3, (": ", "\n\n", ":\n\n")], ids=repr
)
async def test_the_first_token_may_take_long(
    serve: Serve, connect: Connect, pieces: tuple[str, ...]
) -> None:
    """After the headers, too, an answer may begin later than the next piece of it may come."""
    url = await serve(sending(*pieces, CONTENT + DONE, pause=0.05))
    timeouts = Timeouts(first_token=20.0, stall=0.02)
    assert await answer(connect(url, timeouts=timeouts), pytest.fail) == "Here"


async def test_comments_keep_an_answer_alive(serve: Serve, connect: Connect) -> None:
    """A server that sends comments within an answer is at work."""
    url = await serve(sending(CONTENT, *[COMMENT] * 6, CONTENT + DONE, pause=0.1))
    timeouts = Timeouts(first_token=20.0, stall=0.4)
    assert await answer(connect(url, timeouts=timeouts), pytest.fail) == "HereHere"


async def test_comments_alone_are_no_answer(server: ModelServer, connect: Connect) -> None:
    """An answer to which nothing but comments is added breaks off all the same, later."""
    server.enqueue(says("One two").stalled(after=1, keep_alive=0.05))
    with pytest.raises(BrokenAnswerError, match="did not go on"):
        await answer(connect(server.url, timeouts=IMPATIENT), lambda: None)


async def test_comments_alone_are_no_beginning(server: ModelServer, connect: Connect) -> None:
    """An answer that never begins is given up when the first token's time is over."""
    server.enqueue(says("One two").stalled(after=0, keep_alive=0.05))
    with pytest.raises(ModelError, match="did not begin to answer in time"):
        await answer(connect(server.url, timeouts=IMPATIENT), lambda: None)
    assert len(server.requests) == 1
