"""From a chunk of a streamed chat completion to its deltas.

Chunks are read as plain JSON, and leniently: servers leave fields out, send null for them, or send
several at once. What is not understood yields nothing.
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
from slackbot.llm.openai.json_fields import count, field, number, text

FINISH_REASONS: Mapping[str, FinishReason] = {
    "length": "length",
    "content_filter": "content_filter",
}
"""All others mean `stop`: the model had no more to say."""


def deltas(chunk: object) -> Iterator[ModelDelta]:
    """What the model writes, then its tool calls, then how it ended, then what it cost."""
    choices = field(chunk, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = field(choice, "delta")
    if content := text(delta, "content"):
        yield TextDelta(content)
    if not content or len(delta) > 1:  # most chunks hold nothing but text
        yield from _other_output(delta)
    if finish := text(choice, "finish_reason"):
        yield FinishDelta(FINISH_REASONS.get(finish, "stop"))
    if usage := field(chunk, "usage"):
        yield UsageDelta(_usage(usage))


def _other_output(delta: object) -> Iterator[ModelDelta]:
    yield from _audio(field(delta, "audio"))
    if refusal := text(delta, "refusal"):
        yield RefusalDelta(refusal)
    yield from _tool_calls(delta)


def _tool_calls(delta: object) -> Iterator[ToolCallDelta]:
    """Pieces of tool calls, and of the single call that older servers send."""
    calls = field(delta, "tool_calls")
    for position, call in enumerate(calls if isinstance(calls, list) else ()):
        index = field(call, "index")
        function = field(call, "function")
        yield ToolCallDelta(
            index if isinstance(index, int) else position,
            text(call, "id"),
            text(function, "name"),
            text(function, "arguments"),
        )
    if isinstance(call := field(delta, "function_call"), dict):
        yield ToolCallDelta(0, "", text(call, "name"), text(call, "arguments"))


def _audio(audio: object) -> Iterator[ModelDelta]:
    """https://platform.openai.com/docs/guides/audio - its text is the transcript of its sound."""
    if transcript := text(audio, "transcript"):
        yield TextDelta(transcript)
    if data := text(audio, "data"):
        with suppress(ValueError):
            yield AudioDelta(b64decode(data))
    audio_id, expires = text(audio, "id"), number(audio, "expires_at")
    if audio_id or expires:
        yield AudioRefDelta(AudioRef(audio_id, expires))


def _usage(usage: object) -> TokenUsage:
    return TokenUsage(
        prompt=count(usage, "prompt_tokens"),
        completion=count(usage, "completion_tokens"),
        cached=count(field(usage, "prompt_tokens_details"), "cached_tokens"),
        reasoning=count(field(usage, "completion_tokens_details"), "reasoning_tokens"),
    )
