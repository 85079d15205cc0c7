"""An answer is whole when its server says why it ended, or that it has."""

import json

import pytest
from aiohttp import web

from slackbot.errors import BrokenAnswerError
from slackbot.llm.openai.answer_progress import AnswerProgress
from slackbot.llm.openai.client import Timeouts
from slackbot.llm.openai.model import OpenAIModel
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted
from tests.llm.openai.conftest import Connect, Serve
from tests.llm.openai.prompts import PROMPT

BOTH_APIS = pytest.mark.parametrize("api", ["chat", "responses"])


@BOTH_APIS
async def test_an_end_without_a_reason(server: ModelServer, model: OpenAIModel) -> None:
    """With `[DONE]` an answer is whole, whether or not the server gives reasons at other times.
    Without it, it was cut off.
    """
    unreasoned = says("One two").ending("")
    server.enqueue("One two", unreasoned, unreasoned, says("One two").ending(None))
    for _ in range(3):
        draft = await drafted(model, PROMPT)
        assert (draft.text, draft.finish_reason) == ("One two", "stop")
    with pytest.raises(BrokenAnswerError, match="broke off in the middle"):
        await drafted(model, PROMPT)


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


async def test_a_connection_that_is_lost_after_its_end(serve: Serve, connect: Connect) -> None:
    """What becomes of the connection after `[DONE]` changes nothing."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        chunk = {"choices": [{"delta": {"content": "Fine"}}]}
        await response.write(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode())
        if request.transport is not None:
            request.transport.close()
        return response

    draft = await drafted(connect(await serve(handler)), PROMPT)
    assert (draft.text, draft.finish_reason) == ("Fine", "stop")


@pytest.mark.parametrize(
    ("first_token", "stall", "began", "expected"),
    [
        (600.0, 60.0, False, 500.0),
        (600.0, 60.0, True, 60.0),
        (120.0, 60.0, True, 20.0),
        (10.0, 120.0, True, 20.0),
    ],
)
def test_patience(first_token: float, stall: float, began: bool, expected: float) -> None:  # noqa: FBT001
    """An answer that has begun has its own limit, however short that for its beginning is. After
    100 s of comments alone, the longer of the two limits counts.
    """
    progress = AnswerProgress(Timeouts(first_token, stall), began=began)
    assert progress.seconds_left(100.0) == expected


async def test_an_answer_that_is_repeated(serve: Serve, connect: Connect) -> None:
    """The last chunk may hold all of the answer once more; pieces in a `message` are none of it."""
    whole = {"object": "chat.completion"}
    bodies = [
        [{"choices": [{"delta": {"content": each}}]} for each in ("One", " two")],
        [{"choices": [{"message": {"content": each}}]} for each in ("One", " two")],
    ]
    ends = [{"content": "One two"}, {"content": ""}]

    async def handler(_: web.Request) -> web.StreamResponse:
        end = {"choices": [{"message": ends.pop(0), "finish_reason": "stop"}], **whole}
        data = "".join(f"data: {json.dumps(each)}\n\n" for each in [*bodies.pop(0), end])
        return web.Response(text=data, content_type="text/event-stream")

    model = connect(await serve(handler))
    assert [(await drafted(model, PROMPT)).text for _ in range(2)] == ["One two"] * 2
