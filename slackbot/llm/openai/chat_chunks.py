"""From a chunk of a streamed chat completion to the deltas in it.

Chunks are read as plain JSON, and leniently: servers leave fields out, send null for them, or send
several at once. What can't be understood yields nothing.
https://platform.openai.com/docs/api-reference/chat-streaming
"""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress

from slackbot.conversation.deltas import (
    AudioDelta,
    AudioRefDelta,
    FinishDelta,
    ModelDelta,
    RefusalDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    UsageDelta,
)
from slackbot.conversation.history import AudioRef, FinishReason
from slackbot.llm.openai.json_fields import field, number, text

ENDINGS: Mapping[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}
"""All other finish reasons mean that the model had no more to say: `stop`."""


def deltas(chunk: object) -> Iterator[ModelDelta]:
    """What was said, then the tools that are called, then how it ended, then what it cost."""
    choices = field(chunk, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = field(choice, "delta")
    if said := text(delta, "content"):
        yield TextDelta(said)
    yield from _aloud(field(delta, "audio"))
    if refusal := text(delta, "refusal"):
        yield RefusalDelta(refusal)
    yield from _calls(delta)
    if finish := text(choice, "finish_reason"):
        yield FinishDelta(ENDINGS.get(finish, "stop"))
    if usage := field(chunk, "usage"):
        yield UsageDelta(_usage(usage))


def _calls(delta: object) -> Iterator[ToolCallDelta]:
    """Pieces of tool calls; also of a single one in the form of before there were several."""
    calls = field(delta, "tool_calls")
    for place, call in enumerate(calls if isinstance(calls, list) else ()):
        index = field(call, "index")
        function = field(call, "function")
        yield ToolCallDelta(
            index if isinstance(index, int) else place,
            text(call, "id"),
            text(function, "name"),
            text(function, "arguments"),
        )
    if isinstance(call := field(delta, "function_call"), dict):
        yield ToolCallDelta(0, "", text(call, "name"), text(call, "arguments"))


def _aloud(audio: object) -> Iterator[ModelDelta]:
    """https://platform.openai.com/docs/guides/audio - its text is the transcript of its sound."""
    if said := text(audio, "transcript"):
        yield TextDelta(said)
    if data := text(audio, "data"):
        with suppress(ValueError):
            yield AudioDelta(b64decode(data))
    name, expires = text(audio, "id"), number(audio, "expires_at")
    if name or expires:
        yield AudioRefDelta(AudioRef(name, expires))


def _usage(usage: object) -> TokenUsage:
    return TokenUsage(
        prompt=number(usage, "prompt_tokens"),
        completion=number(usage, "completion_tokens"),
        cached=number(field(usage, "prompt_tokens_details"), "cached_tokens"),
        reasoning=number(field(usage, "completion_tokens_details"), "reasoning_tokens"),
    )
