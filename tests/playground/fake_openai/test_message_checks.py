import base64
from typing import Any

import pytest
from aiohttp import ClientSession

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.server import ModelServer
from tests import sample_files
from tests.playground.fake_openai.requests import ASKED, ask, problem

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


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


def url(content: bytes, mimetype: str = "image/png") -> str:
    return f"data:{mimetype};base64,{base64.b64encode(content).decode()}"


def image(url: object, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def refusal(*parts: object, role: str = "user") -> str | None:
    request = {"model": "gpt-audio", "messages": [{"role": role, "content": list(parts)}]}
    violation = RequestRules().violation(request)
    return None if violation is None else violation.param


def test_roles() -> None:
    """Only user messages may contain images."""
    part = image(url(sample_files.picture()))
    assert refusal(part, role="assistant") == "messages[0].content"
    assert refusal(part, role="developer") == "messages[0].content"
