"""Answers that end without a reason are whole where the server never gives one."""

import json

import pytest
from aiohttp import web

from slackbot.errors import BrokenAnswerError
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.openai.stream_ends import BROKEN_IN_A_ROW, StreamEnds
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Connect, Serve
from tests.llm.openai.prompts import PROMPT

BOTH_APIS = pytest.mark.parametrize("api", ["chat", "responses"])


@BOTH_APIS
async def test_a_server_that_never_gives_a_reason(server: ModelServer, model: OpenAIModel) -> None:
    """Each of its answers is whole with `[DONE]`, and cut off without."""
    server.enqueue(*[says("One two").ending("")] * 3, says("One two").ending(None))
    for _ in range(3):
        draft = await drafted(model, PROMPT)
        assert (draft.text, draft.finish_reason) == ("One two", "stop")
    with pytest.raises(BrokenAnswerError, match="broke off in the middle"):
        await drafted(model, PROMPT)


@BOTH_APIS
async def test_a_server_that_gives_reasons(server: ModelServer, model: OpenAIModel) -> None:
    """An answer without one is cut off, until so many are that the server must have changed."""
    unreasoned = says("One two").ending("")
    server.enqueue("One two", *[unreasoned] * (BROKEN_IN_A_ROW + 2), "One two", unreasoned)
    ends: list[str] = []
    for _ in range(BROKEN_IN_A_ROW + 5):
        try:
            ends.append((await drafted(model, PROMPT)).finish_reason)
        except BrokenAnswerError:
            ends.append("broken")
    assert ends == ["stop", *["broken"] * BROKEN_IN_A_ROW, "stop", "stop", "stop", "broken"]


async def test_nothing_but_an_end(server: ModelServer, model: OpenAIModel) -> None:
    """A stream without an answer is none, however it ends."""
    server.enqueue(Script(finish=""))
    with pytest.raises(BrokenAnswerError, match="not an answer"):
        await drafted(model, PROMPT)


@pytest.mark.parametrize("end", ["data: [DONE]", "data: [DONE]\n", "data:[DONE]\n\n"])
async def test_an_empty_reason(serve: Serve, connect: Connect, end: str) -> None:
    """An empty reason is none; and what follows `[DONE]` may be missing."""

    async def handler(_: web.Request) -> web.StreamResponse:
        chunk = '{"choices": [{"delta": {"content": "Fine"}, "finish_reason": ""}]}'
        return web.Response(text=f"data: {chunk}\n\n{end}", content_type="text/event-stream")

    draft = await drafted(connect(await serve(handler)), PROMPT)
    assert (draft.text, draft.finish_reason) == ("Fine", "stop")


async def test_a_reason_with_each_piece(serve: Serve, connect: Connect) -> None:
    """A server that says so with each piece is read to its end, and its cut answer is cut off."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for word in ("One", " two"):
            chunk = {"choices": [{"delta": {"content": word}, "finish_reason": "stop"}]}
            await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        if (await request.json())["model"] == "cut" and request.transport is not None:
            request.transport.close()
        return response

    model = connect(await serve(handler))
    draft = await drafted(model, PROMPT)
    assert (draft.text, draft.finish_reason) == ("One two", "stop")
    with pytest.raises(BrokenAnswerError):
        _ = [delta async for delta in model.stream(PROMPT, model="cut")]


def test_each_model_for_itself() -> None:
    """Behind one gateway one model may give reasons, and another none."""
    ends: StreamEnds[str] = StreamEnds()
    ends.on_reason("a")
    assert not ends.is_whole("a")
    assert ends.is_whole("b")
