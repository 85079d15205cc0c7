"""Every way in which an answer can fail to come, over real HTTP, and what the person is told."""

import asyncio
import logging

import pytest
from aiohttp import web

from slackbot.conversation.draft import Draft
from slackbot.errors import BrokenAnswerError, ContextOverflowError, ModelError
from slackbot.llm.openai.client import Timeouts
from slackbot.llm.openai.model import OpenAIModel
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.script import Refusal, Script, fails, says
from slackbot.playground.fake_openai.server import ModelServer
from tests.llm.openai.answers import drafted, failing_response, streamed
from tests.llm.openai.conftest import IMPATIENT, RESPONSES, Connect, Handler, Serve
from tests.ports import quiet_port

SECRET = "what the person wrote"
PROMPT = Prompt((PromptMessage("user", SECRET),))

NO_CREDIT = "has run out of credit"
TOO_MANY = "too many requests at the moment"


async def failure(model: OpenAIModel) -> tuple[str, ModelError]:
    """The text that came, and the error that ended it."""
    draft = Draft()
    try:
        async for delta in model.stream(PROMPT):
            draft.add(delta)
    except ModelError as error:
        return draft.text, error
    pytest.fail("The answer came to its end.")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (fails(400), "did not accept the request"),
        (fails(400, code="content_policy_violation"), "provider does not allow"),
        (fails(400, "Your prompt was flagged by our usage policy."), "provider does not allow"),
        (fails(401), "refused this bot's API key"),
        (fails(400, "API key not valid."), "refused this bot's API key"),
        (fails(402), NO_CREDIT),
        (fails(403), "does not allow it to use the model"),
        (fails(404), "no model at the address"),
        (fails(404, code="model_not_found"), "“tiny” does not exist"),
        (fails(404, 'model "tiny" not found, try pulling it first'), "“tiny” does not exist"),
        (fails(429, retry_after=0.01), TOO_MANY),
        (fails(429, code="insufficient_quota", retry_after=0.01), NO_CREDIT),
        (fails(429, code="credit_balance_exhausted", retry_after=0.01), NO_CREDIT),
        (fails(429, code="project_spend_limit_exceeded", retry_after=0.01), NO_CREDIT),
        (fails(429, type="organization_usage_limit_exceeded", retry_after=0.01), NO_CREDIT),
        (fails(503, retry_after=0.01), "has a problem at the moment"),
    ],
)
async def test_refused_before_the_stream(
    server: ModelServer, model: OpenAIModel, script: Script, sentence: str
) -> None:
    """An HTTP error becomes one sentence that says what it means."""
    server.answer = lambda _: script
    text, error = await failure(model)
    assert text == ""
    assert sentence in error.user_message


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (says("One two").dropped(after=1), "broke off in the middle"),
        (says("One two").stalled(after=1), "did not go on"),
        (says("One two").garbled(after=1), "not an answer"),
        (says("One").ending(None), "broke off in the middle"),
        (says("One two").failed(after=1, refusal=Refusal()), "problem in the middle"),
        (says("One two").failed(after=1, refusal=Refusal(code="insufficient_quota")), NO_CREDIT),
        (says("One two").failed(1, Refusal(code="context_length_exceeded")), "in the middle"),
        (says("One two").failed(after=1, refusal=Refusal(code="rate_limit_exceeded")), TOO_MANY),
    ],
)
async def test_broken_off(
    server: ModelServer, model: OpenAIModel, script: Script, sentence: str
) -> None:
    """A stream that fails in the middle yields what had come, then one sentence."""
    server.enqueue(script)
    text, error = await failure(model)
    assert text == "One"
    assert sentence in error.user_message


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (says("One").dropped(after=0), "can't be reached"),
        (Script(finish=None), "not an answer"),
    ],
)
async def test_broken_off_at_once(
    server: ModelServer, model: OpenAIModel, script: Script, sentence: str
) -> None:
    """Where nothing came, nothing is said of an answer's middle."""
    server.answer = lambda _: script
    text, error = await failure(model)
    assert text == ""
    assert sentence in error.user_message


@pytest.mark.parametrize(
    "script",
    [
        fails(400, code="context_length_exceeded"),
        fails(400, type="exceed_context_size_error"),
        fails(400, "This model's maximum context length is 4096 tokens."),
        fails(422, "The prompt does not fit into the context window."),
        fails(413, "Payload too large."),
        fails(429, "Request too large for tiny on tokens per min (TPM).", retry_after=0.01),
        says("One").failed(after=0, refusal=Refusal(code="context_length_exceeded")),
    ],
)
async def test_overlong(server: ModelServer, model: OpenAIModel, script: Script) -> None:
    """However a server says that the request is too long for it, it is known as that."""
    server.answer = lambda _: script
    _, error = await failure(model)
    assert isinstance(error, ContextOverflowError)


async def test_context_limit(server: ModelServer, model: OpenAIModel) -> None:
    """The server's own limit is such a refusal, and the request is not repeated."""
    server.rules = RequestRules(context_limit=len(SECRET) - 1)
    _, error = await failure(model)
    assert isinstance(error, ContextOverflowError)
    assert len(server.requests) == 1


async def test_rate_limit_is_waited_out(server: ModelServer, model: OpenAIModel) -> None:
    """A refusal that passes within the client's own retries is never seen."""
    server.enqueue(fails(429, retry_after=0.01), fails(503, retry_after=0.01), "Here I am")
    assert (await drafted(model, PROMPT)).text == "Here I am"


async def test_the_next_answer_is_unharmed(server: ModelServer, model: OpenAIModel) -> None:
    """A failure leaves nothing behind that the next answer suffers from."""
    server.enqueue(says("One two").dropped(after=1), says("One two").garbled(after=1), "Fine")
    await failure(model)
    await failure(model)
    assert (await drafted(model, PROMPT)).text == "Fine"


async def test_nobody_there(connect: Connect) -> None:
    """An address at which nobody listens for long is a model that can't be reached."""
    port = quiet_port()
    url = f"http://127.0.0.1:{port}/v1"
    _, error = await failure(connect(url, timeouts=Timeouts(first_token=2.5)))
    assert "can't be reached" in error.user_message
    assert str(port) not in error.user_message


@pytest.mark.parametrize("response", ["", "Hello!\r\n\r\n", "HTTP/1.1 200 OK\r\nno header\r\n\r\n"])
async def test_no_http(connect: Connect, response: str) -> None:
    """A server that hangs up, or speaks no HTTP, is a model that can't be reached."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response.encode())
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        _, error = await failure(connect(f"http://127.0.0.1:{port}/v1"))
    assert "can't be reached" in error.user_message


async def test_no_response(serve: Serve, connect: Connect) -> None:
    """A server that takes the request and says nothing is given up, and is asked only once."""
    requests: list[web.Request] = []

    async def silent(request: web.Request) -> web.StreamResponse:
        requests.append(request)
        await asyncio.Event().wait()
        return web.Response()

    _, error = await failure(connect(await serve(silent), timeouts=IMPATIENT))
    assert len(requests) == 1
    assert "did not begin to answer in time" in error.user_message


async def page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>Welcome!\n\ndata: [DONE]</html>", content_type="text/html")


async def whole(_: web.Request) -> web.StreamResponse:
    return web.json_response({"status": "ok"})


async def latin(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b'data: {"x": "\xe9"}\n\n', content_type="text/event-stream")


async def odd_json(_: web.Request) -> web.StreamResponse:
    lines = "".join(f"data: {line}\n\n" for line in ("5", "[]", '{"choices": {}}', "null"))
    return web.Response(text=lines, content_type="text/event-stream")


@pytest.mark.parametrize("handler", [page, whole, latin, odd_json])
async def test_not_a_model(
    serve: Serve,
    connect: Connect,
    handler: Handler,
) -> None:
    """A success that is no stream of chunks is told apart from an answer."""
    _, error = await failure(connect(await serve(handler)))
    assert "not an answer" in error.user_message


async def test_error_cut_short(serve: Serve, connect: Connect) -> None:
    """A connection that breaks while an error is read is a failure like any other."""

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=400, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.close()
        return response

    _, error = await failure(connect(await serve(cut)))
    assert "can't be reached" in error.user_message


async def test_log(
    server: ModelServer, model: OpenAIModel, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has status, code and request id; neither log nor sentence has more than that."""
    caplog.set_level(logging.DEBUG)
    server.enqueue(fails(401, f"Wrong key {key} for: {SECRET}", code="invalid_api_key"))
    _, error = await failure(model)
    (record,) = [
        record for record in caplog.records if record.name == "slackbot.llm.openai.model_errors"
    ]
    assert record.levelno == logging.WARNING
    assert "status 401" in record.getMessage()
    assert "invalid_api_key" in record.getMessage()
    assert "request req_" in record.getMessage()
    for text in (caplog.text, error.user_message):
        assert key not in text
        assert SECRET not in text


@RESPONSES
async def test_a_question_that_is_not_allowed(server: ModelServer, model: OpenAIModel) -> None:
    """Here a response that has begun may fail for its question: asked once more it would again."""
    server.enqueue(failing_response("invalid_prompt"))
    with pytest.raises(ModelError, match="provider does not allow") as caught:
        await streamed(model, PROMPT)
    assert not isinstance(caught.value, BrokenAnswerError)


@RESPONSES
@pytest.mark.parametrize(
    ("script", "error", "sentence"),
    [
        (says("One two").dropped(after=1), BrokenAnswerError, "broke off in the middle"),
        (says("One two").ending(None), BrokenAnswerError, "broke off in the middle"),
        (says("One two").stalled(after=1), BrokenAnswerError, "did not go on"),
        (says("One two").garbled(after=1), BrokenAnswerError, "not an answer"),
        (says("One two").failed(1, Refusal()), BrokenAnswerError, "reported a problem"),
        (
            says("One").failed(0, Refusal(code="rate_limit_exceeded")),
            ModelError,
            "too many requests",
        ),
        (fails(401), ModelError, "API key"),
        (fails(400, code="context_length_exceeded"), ContextOverflowError, "send less"),
    ],
)
async def test_faults(
    server: ModelServer, model: OpenAIModel, script: Script, error: type[ModelError], sentence: str
) -> None:
    """What goes wrong is told apart as it is with chat completions."""
    server.enqueue(script)
    with pytest.raises(error, match=sentence):
        await streamed(model, PROMPT)
