"""From a request to the body of a response, in the Responses API, the newer of OpenAI's two.

https://platform.openai.com/docs/api-reference/responses/create

Nothing is kept on the server: each request holds the whole conversation. The newest reasoning
models take function tools only here. Messages have no names here, so those go into the text.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, assert_never

from slackbot.attachments.media_parts import AudioContent, ImageContent, MediaPart, PdfContent
from slackbot.conversation.history import ToolCall
from slackbot.llm.openai.media import data_url, filename, sendable
from slackbot.llm.openai.message_shapes import (
    shape_features,
    shaped,
    with_names_in_text,
    without_tools,
)
from slackbot.llm.openai.reasoning_cache import ReasoningCache
from slackbot.llm.openai.request import TOOL_FEATURES, Feature, OpenAIRequest
from slackbot.llm.prompt import PromptMessage
from slackbot.llm.tool_calls import ToolDefinition

MIN_OUTPUT_TOKENS = 16
"""A smaller `max_output_tokens` is refused."""

Json = dict[str, Any]


def features(request: OpenAIRequest) -> Iterator[Feature]:
    """Those that this request makes use of, the ones refused most often first."""
    if any(message.role == "developer" for message in request.prompt.messages):
        yield "developer"
    if request.prompt.search:
        yield "web_search"
    yield from shape_features(request.prompt.messages)
    yield from request.tool_features
    yield "encrypted_content"
    yield "max_completion_tokens"
    yield from request.media_features


def body(request: OpenAIRequest, without: Collection[Feature], reasoning: ReasoningCache) -> Json:
    prompt = request.prompt
    body: Json = {
        "model": request.model,
        "input": list(_input(request, without, reasoning)),
        "stream": True,
        "store": False,
    }
    if "encrypted_content" not in without:
        body["include"] = ["reasoning.encrypted_content"]
    if request.cache_key:
        body["prompt_cache_key"] = request.cache_key
    if "max_completion_tokens" not in without:
        body["max_output_tokens"] = max(request.max_tokens, MIN_OUTPUT_TOKENS)
    has_tools = TOOL_FEATURES.isdisjoint(without)
    tools = [_tool(tool) for tool in prompt.tools] if has_tools else []
    if prompt.search and "web_search" not in without:
        tools.append({"type": "web_search"})
    if tools:
        body["tools"] = tools
        if prompt.must_answer:
            body["tool_choice"] = "none"
    return body


def _input(
    request: OpenAIRequest, without: Collection[Feature], reasoning: ReasoningCache
) -> Iterator[Json]:
    # Always with names: who joins later must not change the beginning.
    messages: Sequence[PromptMessage] = with_names_in_text(request.prompt.messages)
    if not TOOL_FEATURES.isdisjoint(without):
        messages = without_tools(messages)
    for message in shaped(messages, without):
        if message.call_id:
            yield _call_output(message)
            continue
        if message.content or message.refusal or not message.calls:
            is_system = message.role == "developer" and "developer" in without
            role = "system" if is_system else message.role
            yield {"role": role, "content": _content(message, without)}
        for call in message.calls:
            if "encrypted_content" not in without:
                yield from reasoning.before(request, call.id)
            yield _call(call)


def _content(message: PromptMessage, without: Collection[Feature]) -> str | Sequence[Json]:
    if message.refusal:
        parts = [{"type": "output_text", "text": message.content}] if message.content else []
        return [*parts, {"type": "refusal", "refusal": message.refusal}]
    if not message.media:
        return message.content
    text, media = sendable(message.content, message.media, {*without, "input_audio"})
    if not media:
        return text
    texts = [{"type": "input_text", "text": text}] if text.strip() else []
    return [*texts, *map(_part, media)]


def _part(media_part: MediaPart) -> Json:
    """https://platform.openai.com/docs/guides/images-vision and /pdf-files"""
    match media_part:
        case PdfContent():
            name, url = filename(media_part), data_url(media_part.content, "application/pdf")
            return {"type": "input_file", "filename": name, "file_data": url}
        case ImageContent():
            url = data_url(media_part.content, media_part.mimetype)
            return {"type": "input_image", "image_url": url, "detail": "auto"}
        case AudioContent():
            raise AssertionError("The Responses API takes no audio.")
        case _:
            assert_never(media_part)


def _call(call: ToolCall) -> Json:
    return {
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
    }


def _call_output(message: PromptMessage) -> Json:
    return {
        "type": "function_call_output",
        "call_id": message.call_id,
        "output": message.content,
    }


def _tool(tool: ToolDefinition) -> Json:
    """Not strict, unlike the default here: not every schema can be."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": False,
    }
