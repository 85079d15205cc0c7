"""Encodes a script as an answer of OpenAI's Chat Completions, as a whole or in chunks.

https://platform.openai.com/docs/api-reference/chat-streaming
"""

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from slackbot.playground.fake_openai.script import Script, text_in
from slackbot.playground.fake_openai.sse import DONE, event

CHARACTERS_PER_TOKEN = 4

SILENT_AUDIO = bytes(4_800)
"""The audio of each word: 0.1 s of silence, 16 bits a sample at 24 kHz."""


@dataclass(frozen=True, slots=True)
class ScriptedCompletion:
    """The answer to one request."""

    script: Script
    request: Mapping[str, Any]
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    done = DONE
    """What follows the last chunk."""

    def chunks(self) -> Iterator[bytes]:
        """Yields a chunk for each delta, then the finish reason and the usage."""
        role: dict[str, Any] = {"role": "assistant"}
        for delta in self.script.deltas:
            yield event(
                self._chunk({**role, **(self._as_audio(delta) if self.wants_audio else delta)})
            )
            role = {}
        if self.script.finish is None:
            return
        if self.wants_audio:
            yield event(self._chunk({"audio": {"expires_at": self.audio_expires_at}}))
        yield event(self._chunk(role, finish=self.script.finish or None))
        if (self.request.get("stream_options") or {}).get("include_usage"):
            head = self._head("chat.completion.chunk")
            yield event({**head, "choices": [], "usage": self._usage()})

    def error(self, error: Mapping[str, Any]) -> bytes:
        """Returns the event of a failure in mid-stream."""
        return event({"error": error})

    @property
    def wants_audio(self) -> bool:
        """Whether the request asks for audio; the text is then its transcript."""
        return "audio" in (self.request.get("modalities") or ())

    @property
    def audio_id(self) -> str:
        return f"audio_{self.id.removeprefix('chatcmpl-')}"

    @property
    def audio_expires_at(self) -> int:
        """When the server forgets the audio, in seconds since the epoch."""
        return self.created + 3600

    def _as_audio(self, delta: Mapping[str, Any]) -> Mapping[str, Any]:
        """https://platform.openai.com/docs/guides/audio"""
        said = delta.get("content")
        if said is None:
            return delta
        data = b64encode(SILENT_AUDIO).decode()
        return {"audio": {"id": self.audio_id, "transcript": said, "data": data}}

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
        for delta in self.script.deltas:
            message = _joined(message, delta)
        choice = {"index": 0, "message": message, "logprobs": None}
        if self.script.finish is None:
            return {**self._head("chat.completion"), "choices": [choice]}
        return {
            **self._head("chat.completion"),
            "choices": [{**choice, "finish_reason": self.script.finish or None}],
            "usage": self._usage(),
        }

    def _chunk(self, delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
        """A delta may hold a whole `choice` or `chunk`, as servers send them that differ."""
        head = self._head("chat.completion.chunk")
        if "chunk" in delta:
            return {**head, **delta["chunk"]}
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [delta.get("choice", choice)]}

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.request["model"],
        }

    def _usage(self) -> dict[str, Any]:
        prompt, completion = self.script.usage or (
            tokens(length_of(self.request)),
            tokens(len(self.script.text)),
        )
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }


def _joined(value: Any, piece: Any) -> Any:
    """Merges deltas as a client does: joins texts, matches list items by `index`, sets the rest."""
    if isinstance(value, dict) and isinstance(piece, Mapping):
        joined = {key: _joined(value.get(key), more) for key, more in piece.items()}
        return {**value, **joined}
    if isinstance(piece, list) and "index" not in piece[0]:
        return [*(value or ()), *piece]
    if isinstance(piece, list):
        entries = {entry["index"]: entry for entry in value or []}
        for more in piece:
            entries[more["index"]] = _joined(entries.get(more["index"], {}), more)
        return list(entries.values())
    if isinstance(value, str):
        return value + piece
    return dict(piece) if isinstance(piece, Mapping) else piece


def length_of(request: Mapping[str, Any]) -> int:
    """Returns the number of characters in all messages of a request."""
    return sum(len(text_of(message)) for message in request["messages"])


def text_of(message: Mapping[str, Any]) -> str:
    """Returns a message's text, from a string or from parts."""
    return text_in(message.get("content") or "")


def tokens(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
