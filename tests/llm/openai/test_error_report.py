"""What is known of a failure, read from real responses."""

from typing import Any

import aiohttp
import httpx2
import pytest
from aiohttp import web

from slackbot.llm.openai.client import Connection
from slackbot.llm.openai.error_report import ErrorReport, failures
from slackbot.llm.openai.response_events import ResponseFailedError
from tests.llm.openai.conftest import Serve


async def report(serve: Serve, status: int, body: Any) -> ErrorReport:
    """The report of a request that is answered like this."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers={"x-request-id": "req_1"})

    connection = Connection("sk-test", await serve(handler), 5.0)
    try:
        await connection.stream("/chat/completions", {}, max_retries=0)
    except failures() as error:
        return ErrorReport.of(error)
    finally:
        await connection.close()
    pytest.fail("The request succeeded.")


async def test_a_refusal(serve: Serve) -> None:
    """Status, code, type, request id and text of an error of OpenAI's."""
    error = {"message": "No.", "code": "model_not_found", "type": "invalid_request_error"}
    found = await report(serve, 404, {"error": error})
    assert (found.kind, found.status, found.request_id) == ("refused", 404, "req_1")
    assert found.codes == ("model_not_found", "invalid_request_error")
    assert "No." in found.text
    assert not found.began


@pytest.mark.parametrize("code", ["a code of several words", "x" * 65, "", None, {"a": 1}])
async def test_codes_that_are_none(serve: Serve, code: object) -> None:
    """What stands in a code's place and is no word is not taken for one."""
    assert (await report(serve, 400, {"error": {"message": "No.", "code": code}})).codes == ()


async def test_the_path_of_a_value(serve: Serve) -> None:
    """A validator's list of places becomes one path, as the patterns expect it."""
    detail = [{"loc": ["body", "messages", 1, "user", "name"], "msg": "Extra inputs"}]
    found = await report(serve, 422, {"detail": detail})
    assert "body.messages.1.user.name" in found.text.splitlines()
    assert "Extra inputs" in found.text.splitlines()


async def test_what_repeats_the_request(serve: Serve) -> None:
    """Messages that an error repeats are not read; a refused value is, if it is short."""
    detail = [
        {"input": "developer", "ctx": {"error": "in context"}},
        {"input": "x" * 41, "messages": [{"content": "a secret"}], "url": "https://example.com"},
    ]
    found = await report(serve, 422, {"detail": detail})
    lines = found.text.splitlines()[1:]  # the first is the client's own, with the whole body
    assert lines == ["developer"]


async def test_a_request_in_the_message(serve: Serve) -> None:
    """What a server says of a request is read up to where it repeats it, and is cut if long."""
    said = 'Unsupported content part type: "image_url"; messages = [{"role": "user", "name": "A"}]'
    found = await report(serve, 500, {"error": {"message": said}})
    assert "image_url" in found.text
    assert "role" not in found.text
    found = await report(serve, 400, "x" * 600 + " stream_options")
    assert "stream_options" not in found.text


def test_a_failed_response() -> None:
    """An error that arrives in the stream has a code and a text, and no status."""
    error = ResponseFailedError({"code": "server_error", "message": "Oh."})
    found = ErrorReport.of(error)
    assert (found.kind, found.status, found.codes) == ("reported", None, ("server_error",))
    assert "Oh." in found.text


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), "timeout"),
        (httpx2.ReadTimeout(""), "timeout"),
        (httpx2.ReadError(""), "connection"),
        (aiohttp.ServerDisconnectedError(), "connection"),
        (aiohttp.SocketTimeoutError(), "timeout"),
        (UnicodeDecodeError("utf-8", b"", 0, 1, ""), "unreadable"),
    ],
)
def test_other_failures(error: Exception, kind: str) -> None:
    """Whatever the client raises is told apart by how it failed."""
    assert isinstance(error, failures())
    assert ErrorReport.of(error).kind == kind
