"""From a chunk of a streamed chat completion, or from a whole one, to its deltas.

They are read as plain JSON, and leniently: servers leave fields out, send null for them, or send
several at once. What is not understood yields nothing; nor does what the model thinks, which many
servers send in fields of its own: `reasoning_content`, `reasoning`, `thinking`.
https://platform.openai.com/docs/api-reference/chat-streaming
"""

import json
from base64 import b64decode
from collections.abc import Iterator
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
from slackbot.conversation.history import AudioRef
from slackbot.llm.openai.finish_reasons import meaning_of
from slackbot.llm.openai.json_fields import count, field, number, text
from slackbot.llm.openai.response_events import ResponseFailedError

TEXT_PARTS = frozenset({"", "text", "output_text"})
"""The types of parts that are text for people. Mistral's `thinking` and `reference` are none."""


def deltas(chunk: object, *, began: bool = False) -> Iterator[ModelDelta]:
    """What the model writes, then its tool calls, then how it ended, then what it cost.

    Where pieces of the answer came before, it has begun: a whole completion only repeats its text,
    as MiniMax's last chunk does.
    Raises ResponseFailedError if the answer ended with a failure.
    """
    choices = field(chunk, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    delta = field(choice, "delta")
    content = field(delta, "content")
    if content and isinstance(content, str):
        yield TextDelta(content)
    if not content or len(delta) > 1 or not isinstance(content, str):  # most hold text alone
        repeats = began and text(chunk, "object") == "chat.completion"
        yield from _other_output(choice, repeats=repeats)
    if finish := text(choice, "finish_reason"):
        reason = meaning_of(finish)
        if reason == "broken":
            raise ResponseFailedError(field(choice, "error") or {"type": finish})
        yield FinishDelta(reason)
    if usage := field(chunk, "usage"):
        yield UsageDelta(_usage(usage))


def _other_output(choice: object, *, repeats: bool) -> Iterator[ModelDelta]:
    """All but the text of a delta. A choice may hold a `message` or a `text` instead of one."""
    if error := field(
        choice, "error"
    ):  # OpenRouter: https://openrouter.ai/docs/api-reference/errors
        raise ResponseFailedError(error)
    delta = field(choice, "delta")
    if delta is None:
        delta = field(choice, "message")
        if repeats:
            yield from _tool_calls(delta)
            return
        if written := text(delta, "content") or text(choice, "text"):
            yield TextDelta(written)
    yield from _parts(field(delta, "content"))
    yield from _audio(field(delta, "audio"))
    if refusal := text(delta, "refusal"):
        yield RefusalDelta(refusal)
    yield from _tool_calls(delta)


def _parts(content: object) -> Iterator[TextDelta | RefusalDelta]:
    """https://docs.mistral.ai/capabilities/reasoning - a content may be a list of parts."""
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            yield TextDelta(part)
        elif text(part, "type") in TEXT_PARTS and (written := text(part, "text")):
            yield TextDelta(written)
        elif refusal := text(part, "refusal"):
            yield RefusalDelta(refusal)


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
            _arguments(field(function, "arguments")),
        )
    if isinstance(call := field(delta, "function_call"), dict):
        yield ToolCallDelta(0, "", text(call, "name"), _arguments(field(call, "arguments")))


def _arguments(value: object) -> str:
    """Ollama's own form is an object instead of its JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, dict) else ""


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
