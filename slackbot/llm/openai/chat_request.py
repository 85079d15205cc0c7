"""From a request to the body of a chat completion, with or without what a server refuses.

https://platform.openai.com/docs/api-reference/chat/create
"""

from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from slackbot.attachments.media_parts import AudioContent, MediaPart, PdfContent
from slackbot.conversation.history import ToolCall
from slackbot.llm.openai.client import VOICE
from slackbot.llm.openai.media import data_url, filename, sendable
from slackbot.llm.openai.message_shapes import (
    is_blank,
    shape_features,
    shaped,
    without_names,
    without_tools,
)
from slackbot.llm.openai.request import TOOL_FEATURES, Feature, OpenAIRequest
from slackbot.llm.prompt import PromptMessage
from slackbot.llm.tool_calls import ToolDefinition

Json = dict[str, Any]

LIMIT_FIELDS: tuple[Feature, ...] = ("max_completion_tokens", "max_tokens")
"""The fields that limit an answer, the newer one first."""

UNKNOWN_REASONING = " "
"""What the model thought before its calls is not kept. Moonshot's server takes an empty text for
none, and this for some.
"""


def features(request: OpenAIRequest) -> Iterator[Feature]:
    """Those that this request makes use of, the ones refused most often first."""
    prompt = request.prompt
    if any(message.role == "developer" for message in prompt.messages):
        yield "developer"
    yield "stream_options"
    if any(message.name for message in prompt.messages):
        yield "name"
    yield from shape_features(prompt.messages)
    yield from request.tool_features
    yield from LIMIT_FIELDS
    if prompt.aloud:
        yield "audio"
    if any(message.audio_id for message in prompt.messages):
        yield "audio_id"
    yield from request.media_features


def body(request: OpenAIRequest, without: Collection[Feature]) -> Json:
    prompt = request.prompt
    body: Json = {
        "model": request.model,
        "messages": _messages(prompt.messages, without),
        "stream": True,
    }
    if "stream_options" not in without:
        body["stream_options"] = {"include_usage": True}
    if prompt.aloud and "audio" not in without:
        body["modalities"] = ["text", "audio"]
        body["audio"] = {"voice": VOICE, "format": "pcm16"}
    if request.cache_key:
        body["prompt_cache_key"] = request.cache_key
    if limit := next((each for each in LIMIT_FIELDS if each not in without), None):
        body[limit] = request.max_tokens
    if prompt.tools and TOOL_FEATURES.isdisjoint(without):
        body["tools"] = [_tool(tool) for tool in prompt.tools]
        if prompt.must_answer:
            body["tool_choice"] = "none"
    return body


def _messages(messages: Sequence[PromptMessage], without: Collection[Feature]) -> list[Json]:
    if not TOOL_FEATURES.isdisjoint(without):
        messages = without_tools(messages)
    if {"name", "repeated_roles"}.intersection(without):
        messages = without_names(messages)
    sent: list[Json] = []
    for message in shaped(messages, without):
        each = _message(message, without)
        if message.role == "developer" and "developer" in without:
            each["role"] = "system"
            if sent and sent[-1]["role"] == "system":
                # Many chat templates take a single system message, and only at the beginning.
                sent[-1]["content"] += f"\n\n{message.content}"
                continue
        sent.append(each)
    return sent


def _message(message: PromptMessage, without: Collection[Feature]) -> Json:
    if message.audio_id and "audio_id" not in without:
        return {"role": message.role, "audio": {"id": message.audio_id}}
    sent: Json = {"role": message.role}
    # Content is required of a message without tool calls, and null is refused by some.
    if not (message.calls and is_blank(message)):
        sent["content"] = _content(message, without)
    elif "blank_content" not in without:
        sent["content"] = ""
    if message.name:
        sent["name"] = message.name
    if message.refusal:
        sent["refusal"] = message.refusal
    if message.call_id:
        sent["tool_call_id"] = message.call_id
    if message.calls:
        sent["tool_calls"] = [_call(call) for call in message.calls]
        if "calls_without_reasoning" in without:
            sent["reasoning_content"] = UNKNOWN_REASONING
    return sent


def _content(message: PromptMessage, without: Collection[Feature]) -> str | list[Json]:
    text, media = sendable(message.content, message.media, without)
    if not media:
        return text
    texts = [{"type": "text", "text": text}] if text.strip() else []
    return [*texts, *map(_part, media)]


def _part(media_part: MediaPart) -> Json:
    """https://platform.openai.com/docs/guides/images-vision, /pdf-files and /audio"""
    if isinstance(media_part, AudioContent):
        data = b64encode(media_part.content).decode()
        return {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}
    if isinstance(media_part, PdfContent):
        url = data_url(media_part.content, "application/pdf")
        return {"type": "file", "file": {"filename": filename(media_part), "file_data": url}}
    url = data_url(media_part.content, media_part.mimetype)
    return {"type": "image_url", "image_url": {"url": url}}


def _tool(tool: ToolDefinition) -> Json:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _call(call: ToolCall) -> Json:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}
