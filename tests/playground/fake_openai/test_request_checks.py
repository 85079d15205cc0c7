import base64
from typing import Any

import pytest
from aiohttp import ClientSession

from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.server import ModelServer
from tests import sample_files
from tests.playground.fake_openai.requests import ASKED, ask, problem


async def test_requests_are_checked(http: ClientSession) -> None:
    """A request without messages or model, or with contradicting options, is refused."""
    assert (await problem(http, messages=[]))["param"] == "messages"
    assert "model" in (await problem(http, model=None))["message"]
    assert (await problem(http, stream_options={}))["param"] == "stream_options"
    limit = await problem(http, max_completion_tokens=0)
    assert limit["param"] == "max_completion_tokens"
    async with http.post("chat/completions", data="{") as response:
        assert response.status == 400


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
    part = sound(data=encoded(sample_files.recording("mp3")), format="mp3")
    request = {"model": "gpt-6-luna", "messages": [{"role": "user", "content": [part]}]}
    violation = RequestRules().violation(request)
    assert violation is not None
    assert "input_audio is only supported by certain models" in violation.message
