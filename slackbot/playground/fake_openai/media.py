"""The parts of the model server that are not about text: it listens, speaks and draws.

https://platform.openai.com/docs/api-reference/audio
"""

import time
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from slackbot.playground.fake_openai.content_checks import SOUNDS
from slackbot.playground.fake_openai.script import Refusal, Script

LARGEST_RECORDING = 25 * 2**20

SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536")
DRAWING = frozenset({"model", "prompt", "size", "n", "quality", "background", "output_format"})
"""What the newer models take; `response_format` is none of it."""

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture."""

LONGEST_SPEECH = 4_096

RECORDINGS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
"""What a recording's name may end with."""


class ModelMedia:
    """What is asked for, and what is answered: scripts that fail in order, else always the same."""

    def __init__(self) -> None:
        self.recordings: list[bytes] = []
        """What was to be transcribed."""
        self.image_requests: list[Mapping[str, Any]] = []
        """What was to be drawn: the requests."""
        self.picture = PIXEL
        self.spoken_texts: list[str] = []
        """What was to be said aloud."""
        self.speech = b"ID3 not quite music"
        self.audio_expiry: dict[str, int] = {}
        """When what was said in chat completions is forgotten, by id."""
        self.transcript = "Hello, can you hear me?"
        self.failures: deque[Script] = deque()
        """The next requests fail like this."""

    def violation(self, request: Mapping[str, Any]) -> Refusal | None:
        """What is wrong with a request that refers to sound which the server is to have."""
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
        if len(body["input"]) > LONGEST_SPEECH:
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
        if body.get("size") not in SIZES:
            return Refusal(message=f"Supported sizes are {', '.join(SIZES)}.", param="size")
        if set(body) - DRAWING:
            return Refusal(message=f"Unknown parameter: {min(set(body) - DRAWING)!r}.")
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
    if not name.endswith(RECORDINGS):
        return "Unsupported file format."
    if name.endswith("mp3") and not content.startswith(SOUNDS["mp3"]):
        return "The audio file could not be decoded."
    return "Maximum content size limit exceeded." if len(content) > LARGEST_RECORDING else None
