"""From a chunk of a streamed chat completion to the deltas in it.

Chunks are read as plain JSON, and leniently: servers leave fields out, send null for them, or send
several at once. What can't be understood yields nothing.
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from collections.abc import Iterator, Mapping
from typing import Any

from slackbot.conversation import Ending
from slackbot.delta import CallPiece, Delta, Usage

ENDINGS: Mapping[str, Ending] = {"length": "length", "content_filter": "content_filter"}
"""All other finish reasons mean that the model had no more to say: `stop`."""


def deltas(chunk: object) -> Iterator[Delta]:
    """What was said, then the tools that are called, then how it ended, then what it cost."""
    choices = _field(chunk, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = _field(choice, "delta")
    if text := _text(delta, "content"):
        yield Delta("text", text)
    if refusal := _text(delta, "refusal"):
        yield Delta("refusal", refusal)
    for piece in _calls(delta):
        yield Delta("call", piece=piece)
    if finish := _text(choice, "finish_reason"):
        yield Delta("end", ending=ENDINGS.get(finish, "stop"))
    if usage := _field(chunk, "usage"):
        yield Delta("usage", usage=_usage(usage))


def _calls(delta: object) -> Iterator[CallPiece]:
    """Pieces of tool calls; also of a single one in the form of before there were several."""
    calls = _field(delta, "tool_calls")
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        index = _field(call, "index")
        function = _field(call, "function")
        yield CallPiece(
            index if isinstance(index, int) else place,
            _text(call, "id"),
            _text(function, "name"),
            _text(function, "arguments"),
        )
    if isinstance(call := _field(delta, "function_call"), dict):
        yield CallPiece(0, "", _text(call, "name"), _text(call, "arguments"))


def _usage(usage: object) -> Usage:
    return Usage(
        prompt=_number(usage, "prompt_tokens"),
        completion=_number(usage, "completion_tokens"),
        cached=_number(_field(usage, "prompt_tokens_details"), "cached_tokens"),
        reasoning=_number(_field(usage, "completion_tokens_details"), "reasoning_tokens"),
    )


def _field(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _text(value: object, key: str) -> str:
    text = _field(value, key)
    return text if isinstance(text, str) else ""


def _number(value: object, key: str) -> int:
    number = _field(value, key)
    return number if isinstance(number, int) else 0
