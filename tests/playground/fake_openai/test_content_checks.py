"""Parts of a message that OpenAI's server accepts or refuses."""

import base64
from typing import Any

import pytest

from slackbot.playground.fake_openai.request_checks import RequestRules
from tests import sample_files


def url(content: bytes, mimetype: str = "image/png") -> str:
    return f"data:{mimetype};base64,{base64.b64encode(content).decode()}"


def image(url: object, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def file(**fields: object) -> dict[str, Any]:
    return {"type": "file", "file": fields}


def sound(**fields: object) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": fields}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


PDF = url(sample_files.pdf("Hello"), "application/pdf")


def refusal(*parts: object, role: str = "user") -> str | None:
    request = {"model": "gpt-audio", "messages": [{"role": role, "content": list(parts)}]}
    violation = RequestRules().violation(request)
    return None if violation is None else violation.param


@pytest.mark.parametrize(
    "part",
    [
        {"type": "text", "text": "a"},
        image(url(sample_files.picture())),
        image(url(sample_files.picture("JPEG"), "image/jpeg"), detail="high"),
        image("https://example.com/a.png"),
        file(filename="a.pdf", file_data=PDF),
        file(file_id="file-1"),
        sound(data=encoded(sample_files.recording("mp3")), format="mp3"),
        sound(data=encoded(sample_files.recording("wav")), format="wav"),
    ],
)
def test_taken(part: object) -> None:
    """Parts in the form of https://platform.openai.com/docs/api-reference/chat/create."""
    assert refusal(part) is None


@pytest.mark.parametrize(
    "part",
    [
        {"type": "text"},
        {"type": "text", "text": ""},
        {"type": "image_url"},
        {"type": "image_url", "image_url": url(sample_files.picture())},
        image(None),
        image(url(b"no picture")),
        image(url(sample_files.picture(), "image/jpeg")),
        image(url(sample_files.picture("HEIF"), "image/heic")),
        image("data:image/png;base64,not base64!"),
        image("http://example.com/a.png"),
        image(url(sample_files.picture()), detail="highest"),
        {"type": "file"},
        {"type": "input_audio"},
        sound(data=encoded(sample_files.recording("ipod")), format="m4a"),
        sound(data=encoded(sample_files.recording("wav")), format="mp3"),
        sound(data=url(sample_files.recording("mp3"), "audio/mp3"), format="mp3"),
        file(file_data=PDF),
        file(filename="a.pdf"),
        file(filename="a.pdf", file_data=PDF.partition(",")[2]),
        file(filename="a.pdf", file_data=url(b"no document", "application/pdf")),
        file(filename="a.docx", file_data=url(sample_files.docx("a"), "application/msword")),
    ],
)
def test_refused(part: object) -> None:
    """A part whose content does not match its type is refused."""
    assert (refusal(part) or "").startswith("messages[0].content[0]")
