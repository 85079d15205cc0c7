from base64 import b64decode
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from slackbot.playground.fake_openai.script import fails
from slackbot.playground.fake_openai.server import ModelServer


async def post(http: ClientSession, path: str, **body: Any) -> tuple[int, Any]:
    async with http.post(path, json=body) as response:
        if response.content_type == "application/json":
            return response.status, await response.json()
        return response.status, await response.read()


async def test_images(server: ModelServer, http: ClientSession) -> None:
    """An image is answered as Base64, and its request is recorded."""
    status, body = await post(http, "images/generations", prompt="a fence", size="auto")
    assert status == 200
    assert b64decode(body["data"][0]["b64_json"]) == server.media.picture
    assert [each["prompt"] for each in server.media.image_requests] == ["a fence"]


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "", "size": "auto"},
        {"prompt": "a", "size": "1x1"},
        {"prompt": "a", "size": "auto", "response_format": "url"},
    ],
)
async def test_refused_images(server: ModelServer, http: ClientSession, body: Any) -> None:
    """A request for an image that OpenAI would refuse is refused, and not recorded."""
    status, _ = await post(http, "images/generations", **body)
    assert status == 400
    assert server.media.image_requests == []


async def test_speech(server: ModelServer, http: ClientSession) -> None:
    """A text is answered as audio, up to 4,096 characters."""
    request = {"model": "tts", "voice": "alloy"}
    status, body = await post(http, "audio/speech", **request, input="a" * 4_096)
    assert (status, body) == (200, server.media.speech)
    status, _ = await post(http, "audio/speech", **request, input="a" * 4_097)
    assert status == 400
    status, _ = await post(http, "audio/speech", model="tts", input="a")
    assert status == 400
    assert len(server.media.spoken_texts) == 1


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.mp3", b"ID3 sound", 200),
        ("a.txt", b"ID3 sound", 400),
        ("a.mp3", b"no sound", 400),
    ],
)
async def test_transcription(
    server: ModelServer, http: ClientSession, name: str, content: bytes, status: int
) -> None:
    """A recording is transcribed if its name and content say that it is one."""
    form = FormData({"model": "whisper-1"})
    form.add_field("file", content, filename=name)
    async with http.post("audio/transcriptions", data=form) as response:
        assert response.status == status
        if status == 200:
            assert (await response.json())["text"] == server.media.transcript
    assert server.media.recordings == ([content] if status == 200 else [])


async def test_planned_failures(server: ModelServer, http: ClientSession) -> None:
    """Planned failures come first, each once."""
    server.media.failures.append(fails(503))
    request = {"prompt": "a", "size": "auto"}
    statuses = [(await post(http, "images/generations", **request))[0] for _ in range(2)]
    assert statuses == [503, 200]
