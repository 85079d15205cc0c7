import base64
from typing import Any

import pytest
from aiohttp import ClientSession

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.server import ModelServer
from tests import sample_files
from tests.playground.fake_openai.requests import ASKED, ask, problem

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


LIST = {"type": "object", "properties": {"a": {"type": "array"}}}


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "wizard", "content": "Hi"}, "messages[0].role"),
        ({"role": "user", "content": "Hi", "name": "Ana Maria"}, "messages[0].name"),
        ({"role": "user", "content": "Hi", "name": ""}, "messages[0].name"),
        ({"role": "user", "content": None}, "messages[0].content"),
        ({"role": "assistant", "content": None}, "messages[0].content"),
        ({"role": "user", "content": [{"type": "refusal"}]}, "messages[0].content"),
        ({"role": "user", "content": []}, "messages[0].content"),
        ({"role": "tool", "content": "3", "tool_call_id": "call_1"}, "messages[0].role"),
        ({"role": "assistant", "tool_calls": [CALL]}, "messages"),
        ({"role": "assistant", "tool_calls": []}, "messages[0].content"),
        ({"role": "assistant", "content": "", "tool_calls": []}, "messages[0].tool_calls"),
        ({"role": "user", "content": "", "tool_calls": [CALL]}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [CALL, CALL]}, "messages[0].tool_calls"),
        ({"role": "assistant", "tool_calls": [{**CALL, "id": ""}]}, "messages[0].tool_calls[0]"),
        ({"role": "assistant", "tool_calls": [{"id": "call_1"}]}, "messages[0].tool_calls[0]"),
    ],
)
async def test_messages_are_checked(
    http: ClientSession, message: dict[str, Any], param: str
) -> None:
    """A message that OpenAI's server would refuse is refused here."""
    assert (await problem(http, messages=[message]))["param"] == param


async def test_requests_are_checked(http: ClientSession) -> None:
    """A request without messages or model, or with contradicting options, is refused."""
    assert (await problem(http, messages=[]))["param"] == "messages"
    assert "model" in (await problem(http, model=None))["message"]
    assert (await problem(http, stream_options={}))["param"] == "stream_options"
    limit = await problem(http, max_completion_tokens=0)
    assert limit["param"] == "max_completion_tokens"
    async with http.post("chat/completions", data="{") as response:
        assert response.status == 400


@pytest.mark.parametrize(
    ("tools", "param"),
    [
        ([], "tools"),
        ([TOOL] * 129, "tools"),
        ([TOOL, TOOL], "tools"),
        ([{"type": "function"}], "tools[0]"),
        ([{**TOOL, "function": {"name": "f x"}}], "tools[0].function.name"),
        (
            [{**TOOL, "function": {"name": "f", "parameters": {"type": "string"}}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "parameters": {"type": "object", "not": {}}}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "parameters": LIST}}],
            "tools[0].function.parameters",
        ),
        (
            [{**TOOL, "function": {"name": "f", "description": "x" * 1_025}}],
            "tools[0].function.description",
        ),
    ],
)
async def test_tools_are_checked(http: ClientSession, tools: object, param: str) -> None:
    """Tools that OpenAI's server would refuse are refused here, and a choice without tools."""
    assert (await problem(http, tools=tools))["param"] == param
    assert (await problem(http, tool_choice="none"))["param"] == "tool_choice"


async def test_tool_calls_in_order(server: ModelServer, http: ClientSession) -> None:
    """A tool's message is accepted after the call that it answers."""
    server.enqueue("Fine")
    call = CALL
    answered = [
        ASKED,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "3", "tool_call_id": "call_1"},
    ]
    assert (await ask(http, messages=answered))[0] == 200
    unanswered = await problem(http, messages=[*answered[:2], ASKED])
    assert "call_1" in unanswered["message"]


@pytest.mark.parametrize("names_it", [True, False])
async def test_refused_features(
    server: ModelServer, http: ClientSession, *, names_it: bool
) -> None:
    """The server can refuse features as other servers do, with or without naming them."""
    server.answer = lambda _: "Fine"
    server.rules = RequestRules(refuses=frozenset({"name"}), status=422, names_it=names_it)
    status, body = await ask(http, messages=[{**ASKED, "name": "Ana"}])
    assert (status, "'name'" in body["error"]["message"]) == (422, names_it)
    assert (await ask(http))[0] == 200


async def test_context_limit(server: ModelServer, http: ClientSession) -> None:
    """A request over the context limit is refused with OpenAI's code for it."""
    server.answer = lambda _: "Fine"
    server.rules = RequestRules(context_limit=len(ASKED["content"]))
    assert (await ask(http))[0] == 200
    assert (await problem(http, messages=[ASKED, ASKED]))["code"] == "context_length_exceeded"


def url(content: bytes, mimetype: str = "image/png") -> str:
    return f"data:{mimetype};base64,{base64.b64encode(content).decode()}"


def image(url: object, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def sound(**fields: object) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": fields}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


SOUND: dict[str, Any] = {
    "modalities": ["text", "audio"],
    "audio": {"voice": "alloy", "format": "pcm16"},
}


def refusal(*parts: object, role: str = "user") -> str | None:
    request = {"model": "gpt-audio", "messages": [{"role": role, "content": list(parts)}]}
    violation = RequestRules().violation(request)
    return None if violation is None else violation.param


def test_roles() -> None:
    """Only user messages may contain images."""
    part = image(url(sample_files.picture()))
    assert refusal(part, role="assistant") == "messages[0].content"
    assert refusal(part, role="developer") == "messages[0].content"


@pytest.mark.parametrize(
    ("model", "options", "param"),
    [
        ("gpt-audio", {"modalities": ["text", "audio"]}, "audio.voice"),
        ("gpt-audio", SOUND | {"audio": {"voice": "alloy", "format": "mp3"}}, "audio.format"),
        ("gpt-audio", {}, None),
        ("gpt-6-luna", SOUND, "modalities"),
        ("gpt-6-luna", {"audio": SOUND["audio"]}, "audio"),
    ],
)
def test_sound_that_is_not_to_be_had(model: str, options: Any, param: str | None) -> None:
    """Audio models require audio, other models refuse it, and a stream has one format."""
    request = {"model": model, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    violation = RequestRules().violation({**request, **options})
    assert violation is not None
    assert violation.param == param
    assert RequestRules().violation({**request, "model": "gpt-audio", **SOUND}) is None


def test_models_without_audio() -> None:
    """Only audio models accept audio input."""
    part = sound(data=encoded(sample_files.clip("mp3")), format="mp3")
    request = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": [part]}]}
    violation = RequestRules().violation(request)
    assert violation is not None
    assert "input_audio is only supported by certain models" in violation.message
