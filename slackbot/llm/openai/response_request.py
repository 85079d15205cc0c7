"""From a prompt to the body of a request to the Responses API, the newer way to OpenAI's models.

https://platform.openai.com/docs/api-reference/responses/create

Nothing is kept on the server: each request holds the whole conversation. The newest reasoning
models take function tools only here. People have no names here, so those go into the text.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from slackbot.attachments.media_parts import ImageContent, MediaPart, PdfContent
from slackbot.llm.openai.chat_request import ChatRequest, Feature, data_url, filename, shown
from slackbot.llm.openai.reasoning_cache import ReasoningCache
from slackbot.llm.prompt import PromptMessage
from slackbot.llm.tool_calls import ToolDefinition

LEAST_LIMIT = 16
"""Tokens; a smaller `max_output_tokens` is refused."""


def features(request: ChatRequest) -> Iterator[Feature]:
    """Those that this request makes use of, the ones refused most often first."""
    if any(message.role == "developer" for message in request.prompt.messages):
        yield "developer"
    if request.prompt.search:
        yield "web_search"
    if request.uses_tools:
        yield "tools"
    yield "encrypted_content"
    yield from request.enclosed


def body(
    request: ChatRequest, without: Collection[Feature], reasoning: ReasoningCache
) -> dict[str, Any]:
    prompt = request.prompt
    sent: dict[str, Any] = {
        "model": request.model,
        "input": list(_input(request, without, reasoning)),
        "stream": True,
        "store": False,
    }
    if "encrypted_content" not in without:
        sent["include"] = ["reasoning.encrypted_content"]
    if request.cache_key:
        sent["prompt_cache_key"] = request.cache_key
    if request.limit is not None:
        sent["max_output_tokens"] = max(request.limit, LEAST_LIMIT)
    tools = [] if "tools" in without else [_tool(tool) for tool in prompt.tools]
    if prompt.search and "web_search" not in without:
        tools.append({"type": "web_search"})
    if tools:
        sent["tools"] = tools
        if prompt.to_answer:
            sent["tool_choice"] = "none"
    return sent


def _input(
    request: ChatRequest, without: Collection[Feature], reasoning: ReasoningCache
) -> Iterator[Mapping[str, Any]]:
    for message in request.prompt.messages:
        if message.answers:
            if "tools" not in without:
                yield {
                    "type": "function_call_output",
                    "call_id": message.answers,
                    "output": message.content,
                }
            continue
        if message.content or message.refusal or not message.calls:
            role = message.role
            if role == "developer" and "developer" in without:
                yield {"role": "system", "content": message.content}
            else:
                yield {"role": role, "content": _content(message, without)}
        if "tools" not in without:
            thinks = "encrypted_content" not in without
            yield from _calls(message, request.model, reasoning if thinks else ReasoningCache())


def _content(
    message: PromptMessage, without: Collection[Feature]
) -> str | Sequence[dict[str, Any]]:
    if message.refusal:
        parts = [{"type": "output_text", "text": message.content}] if message.content else []
        return [*parts, {"type": "refusal", "refusal": message.refusal}]
    # Always: the model is to know who asks, and who joins later must not change the beginning.
    text = f"{message.name}: {message.content}" if message.name else message.content
    if not message.media:
        return text
    text, sent = shown(text, message.media, {*without, "input_audio"})
    parts = [_part(each) for each in sent]
    return [{"type": "input_text", "text": text}, *parts] if parts else text


def _part(media_part: MediaPart) -> dict[str, Any]:
    """https://platform.openai.com/docs/guides/images-vision and /pdf-files; sound is not taken."""
    if isinstance(media_part, PdfContent):
        name, url = filename(media_part), data_url(media_part.content, "application/pdf")
        return {"type": "input_file", "filename": name, "file_data": url}
    assert isinstance(media_part, ImageContent)  # noqa: S101 - there is nothing else
    url = data_url(media_part.content, media_part.mimetype)
    return {"type": "input_image", "image_url": url, "detail": "auto"}


def _calls(
    message: PromptMessage, model: str, reasoning: ReasoningCache
) -> Iterator[Mapping[str, Any]]:
    for call in message.calls:
        yield from reasoning.before(model, call.id)
        yield {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }


def _tool(tool: ToolDefinition) -> dict[str, Any]:
    """Not strict, which is the default here: not every schema can be."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": False,
    }
