"""The model server's endpoints for audio and images.

https://platform.openai.com/docs/api-reference/audio
"""

import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from slackbot.playground.fake_openai.content_checks import AUDIO_SIGNATURES
from slackbot.playground.fake_openai.script import Refusal, Script

MAX_RECORDING_BYTES = 25 * 2**20

IMAGE_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")
IMAGE_PARAMETERS = frozenset(
    {"model", "prompt", "size", "n", "quality", "background", "output_format"}
)
"""The parameters of newer models, which have no `response_format`."""

ONE_PIXEL_PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""An image."""

MAX_SPEECH_CHARACTERS = 4_096

RECORDING_SUFFIXES = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
"""The allowed suffixes of a recording's name."""


class ModelMedia:
    """Records requests for audio and images; answers with planned failures or a fixed result."""

    def __init__(self) -> None:
        self.recordings: list[bytes] = []
        """The recordings to transcribe."""
        self.image_requests: list[Mapping[str, Any]] = []
        """The requests for images."""
        self.picture = ONE_PIXEL_PNG
        self.spoken_texts: list[str] = []
        """The texts to read aloud."""
        self.speech = b"ID3 not quite music"
        self.audio_expiry: dict[str, int] = {}
        """Audio id -> when the server forgets it, in seconds since the epoch."""
        self.transcript = "Hello, can you hear me?"
        self.failures: deque[Script] = deque()
        """The failures of the next requests."""

    def violation(self, request: Mapping[str, Any]) -> Refusal | None:
        """Returns the refusal of a request that refers to unknown or expired audio."""
        for message in request["messages"]:
            name = (message.get("audio") or {}).get("id")
            if name is not None and self.audio_expiry.get(name, 0) < time.time():
                return Refusal(404, f"Audio with ID {name} not found.", param="messages")
        return None

    async def speak(self, request: web.Request) -> bytes | Refusal:
        """https://platform.openai.com/docs/api-reference/audio/createSpeech"""
        if self.failures and (refusal := self.failures.popleft().refusal):
            return refusal
        body = await request.json()
        wanted = ("model", "voice", "input")
        for name in wanted:
            if not isinstance(body.get(name), str) or not body[name]:
                return Refusal(message=f"Missing required parameter: '{name}'.", param=name)
        if len(body["input"]) > MAX_SPEECH_CHARACTERS:
            return Refusal(message="string too long", code="string_above_max_length")
        self.spoken_texts.append(body["input"])
        return self.speech

    async def draw(self, request: web.Request) -> dict[str, Any] | Refusal:
        """https://platform.openai.com/docs/api-reference/images/create"""
        if self.failures and (refusal := self.failures.popleft().refusal):
            return refusal
        body = await request.json()
        if not isinstance(body.get("prompt"), str) or not body["prompt"]:
            return Refusal(message="Missing required parameter: 'prompt'.", param="prompt")
        if body.get("size") not in IMAGE_SIZES:
            return Refusal(message=f"Supported sizes are {', '.join(IMAGE_SIZES)}.", param="size")
        if set(body) - IMAGE_PARAMETERS:
            return Refusal(message=f"Unknown parameter: {min(set(body) - IMAGE_PARAMETERS)!r}.")
        self.image_requests.append(body)
        data = b64encode(self.picture).decode()
        return {"created": int(time.time()), "data": [{"b64_json": data}]}

    async def transcribe(self, request: web.Request) -> dict[str, Any] | Refusal:
        """https://platform.openai.com/docs/api-reference/audio/createTranscription"""
        if self.failures and (refusal := self.failures.popleft().refusal):
            return refusal
        form = await request.post()
        file = form.get("file")
        if not isinstance(form.get("model"), str):
            return Refusal(message="you must provide a model parameter")
        if not isinstance(file, web.FileField):
            return Refusal(message="Expected a file.", param="file")
        content = file.file.read()
        if problem := _problem(file.filename, content):
            return Refusal(message=problem, param="file")
        self.recordings.append(content)
        return {"text": self.transcript, "usage": {"type": "duration", "seconds": 1}}


def _problem(name: str, content: bytes) -> str | None:
    if not name.endswith(RECORDING_SUFFIXES):
        return "Unsupported file format."
    if name.endswith("mp3") and not content.startswith(AUDIO_SIGNATURES["mp3"]):
        return "The audio file could not be decoded."
    return "Maximum content size limit exceeded." if len(content) > MAX_RECORDING_BYTES else None
