"""Checks the parts of a message's content as OpenAI's server does.

https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

IMAGE_SIGNATURES: Mapping[str, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
"""The first bytes of each type."""

AUDIO_SIGNATURES: Mapping[str, tuple[bytes, ...]] = {
    "wav": (b"RIFF",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
}

MAX_IMAGE_BYTES = 20 * 2**20
MAX_FILE_BYTES = 50 * 10**6
IMAGE_DETAILS = (None, "auto", "low", "high", "original")

_DATA_URL = re.compile(r"data:(?P<type>[\w.+-]+/[\w.+-]+);base64,(?P<data>.*)", re.DOTALL)


def kinds_of(messages: Iterable[Mapping[str, Any]]) -> set[str]:
    """Returns the types of all parts other than text."""
    contents = (message.get("content") for message in messages)
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return {part["type"] for part in parts} - {"text", "refusal"}


def problem_of(part: Mapping[str, Any]) -> str | None:
    """Returns what is wrong with a part of a known type, or None."""
    return _CHECKS[part["type"]](part)


def input_problem_of(part: Mapping[str, Any]) -> str | None:
    """The same for a part of an item of the Responses API.

    https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
    """
    match part["type"]:
        case "input_image":
            return _image_url({"image_url": {"url": part.get("image_url")}})
        case "input_file":
            return _file({"file": part})
    return None


def decoded(data: object) -> bytes | None:
    """Decodes strict Base64; returns None if it is invalid."""
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else None
    except binascii.Error:
        return None


def _text(part: Mapping[str, Any]) -> str | None:
    text = part.get("text")
    return None if isinstance(text, str) and text else "Expected a text that is not empty."


def _refusal(part: Mapping[str, Any]) -> str | None:
    return None if isinstance(part.get("refusal"), str) else "Expected a text."


def _image_url(part: Mapping[str, Any]) -> str | None:
    image = part.get("image_url")
    if not isinstance(image, dict) or not isinstance(image.get("url"), str):
        return "Expected an object with the field url."
    if image.get("detail") not in IMAGE_DETAILS:
        return f"Expected one of {IMAGE_DETAILS}."
    if image["url"].startswith("https://"):
        return None
    url = _DATA_URL.fullmatch(image["url"])
    content = decoded(url["data"]) if url else None
    if url is None or content is None:
        return "Expected a base64-encoded data URL with an image MIME type."
    sign = IMAGE_SIGNATURES.get(url["type"])
    if sign is None or not content.startswith(sign):
        return "You uploaded an unsupported image. Please make sure your image is valid."
    return None if len(content) <= MAX_IMAGE_BYTES else "The image is too large."


def _file(part: Mapping[str, Any]) -> str | None:
    """https://platform.openai.com/docs/guides/pdf-files"""
    file = part.get("file")
    if not isinstance(file, dict):
        return "Expected an object."
    if isinstance(file.get("file_id"), str):
        return None
    if not isinstance(file.get("filename"), str) or not file["filename"]:
        return "Missing required parameter: filename."
    url = _DATA_URL.fullmatch(str(file.get("file_data")))
    content = decoded(url["data"]) if url else None
    if url is None or content is None or url["type"] != "application/pdf":
        return "Expected a base64-encoded data URL with the MIME type application/pdf."
    if b"%PDF-" not in content[:1024]:
        return "The file is not a PDF document."
    return None if len(content) <= MAX_FILE_BYTES else "The file is too large."


def _input_audio(part: Mapping[str, Any]) -> str | None:
    """https://platform.openai.com/docs/guides/audio"""
    audio = part.get("input_audio")
    if not isinstance(audio, dict) or audio.get("format") not in AUDIO_SIGNATURES:
        return f"Expected an object with one of the formats {', '.join(AUDIO_SIGNATURES)}."
    content = decoded(audio.get("data"))
    if content is None or not content.startswith(AUDIO_SIGNATURES[audio["format"]]):
        return f"The data is not base64-encoded {audio['format']}."
    return None


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "file": _file,
    "image_url": _image_url,
    "input_audio": _input_audio,
    "refusal": _refusal,
    "text": _text,
}
