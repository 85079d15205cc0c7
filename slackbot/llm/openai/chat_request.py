"""From a prompt to the body of a chat completion request, with or without what a server refuses.

https://platform.openai.com/docs/api-reference/chat/create
"""

from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from slackbot.attachments.media_parts import AudioContent, ImageContent, MediaPart, PdfContent
from slackbot.conversation.history import ToolCall
from slackbot.llm.prompt import Prompt, PromptMessage
from slackbot.llm.tool_calls import ToolDefinition

Feature = Literal[
    "developer",
    "stream_options",
    "name",
    "max_completion_tokens",
    "tools",
    "web_search",
    "encrypted_content",
    "image_url",
    "file",
    "input_audio",
    "audio",
    "audio_id",
]
"""What OpenAI's own server takes in a request and others, or some models, have been seen to
refuse."""

PARTS: Mapping[type[MediaPart], Feature] = {
    ImageContent: "image_url",
    PdfContent: "file",
    AudioContent: "input_audio",
}
"""The feature that each enclosure makes use of."""

VOICE = "alloy"
"""Which every model that speaks has had so far."""

HIDDEN: Mapping[Feature, str] = {
    "image_url": "(You can't see pictures.)",
    "file": "(You can't see the pages of PDF documents, and they hold no text.)",
    "input_audio": "(You can't hear recordings.)",
}
"""What a model that does not take them is told instead."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """`cache_key` and `limit`, in tokens of the answer, are left out where they are empty."""

    model: str
    prompt: Prompt
    cache_key: str = ""
    limit: int | None = None

    @property
    def uses_tools(self) -> bool:
        return bool(self.prompt.tools) or any(message.calls for message in self.prompt.messages)

    @property
    def features(self) -> Iterator[Feature]:
        """Those that this request makes use of, the ones refused most often first."""
        if any(message.role == "developer" for message in self.prompt.messages):
            yield "developer"
        yield "stream_options"
        if any(message.name for message in self.prompt.messages):
            yield "name"
        if self.uses_tools:
            yield "tools"
        if self.limit is not None:
            yield "max_completion_tokens"
        if self.prompt.aloud:
            yield "audio"
        if any(message.spoken for message in self.prompt.messages):
            yield "audio_id"
        yield from self.enclosed

    @property
    def enclosed(self) -> Iterator[Feature]:
        """Those of its enclosures, each once."""
        yield from dict.fromkeys(map(_part, _media(self.prompt.messages)))

    @property
    def blind(self) -> "ChatRequest":
        """The same without its pictures; it says where there was one."""
        messages = tuple(map(_blind, self.prompt.messages))
        return replace(self, prompt=replace(self.prompt, messages=messages))

    def unseen(self, without: Collection[Feature]) -> set[Feature]:
        """What people enclosed since the last answer that the model is not sent in any form."""
        messages = self.prompt.messages
        answers = [n for n, each in enumerate(messages) if each.role == "assistant"]
        newest = messages[answers[-1] + 1 if answers else 0 :]
        return {_part(each) for each in _media(newest) if _is_hidden(each, without)}

    def body(self, without: Collection[Feature]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": self._messages(without),
            "stream": True,
        }
        if "stream_options" not in without:
            body["stream_options"] = {"include_usage": True}
        if self.prompt.aloud and "audio" not in without:
            body["modalities"] = ["text", "audio"]
            body["audio"] = {"voice": VOICE, "format": "pcm16"}
        if self.cache_key:
            body["prompt_cache_key"] = self.cache_key
        if self.limit is not None and "max_completion_tokens" not in without:
            body["max_completion_tokens"] = self.limit
        if self.prompt.tools and "tools" not in without:
            body["tools"] = [_tool(tool) for tool in self.prompt.tools]
            if self.prompt.to_answer:
                body["tool_choice"] = "none"
        return body

    def _messages(self, without: Collection[Feature]) -> list[dict[str, Any]]:
        """With `system` for a refused `developer`; names go into the text where they matter."""
        prompt = self.prompt
        named = "name" not in without
        people = {message.name for message in prompt.messages if message.role == "user"}
        messages: list[dict[str, Any]] = []
        for message in prompt.messages:
            if "tools" in without and (message.answers or (message.calls and not message.content)):
                continue
            sent = _sent(message, named=named, told_apart=len(people) > 1)
            if message.spoken and "audio_id" not in without:
                sent = {"role": message.role, "audio": {"id": message.spoken}}
            if message.media:
                sent["content"] = _content(sent["content"], message.media, without)
            if message.role == "developer" and "developer" in without:
                sent["role"] = "system"
                if messages and messages[-1]["role"] == "system":
                    # Many chat templates take a single system message, and only at the beginning.
                    messages[-1]["content"] += f"\n\n{sent['content']}"
                    continue
            if message.calls and "tools" not in without:
                sent["tool_calls"] = [_call(call) for call in message.calls]
            messages.append(sent)
        return messages


def _blind(message: PromptMessage) -> PromptMessage:
    seen = tuple(each for each in message.media if not isinstance(each, ImageContent))
    if len(seen) == len(message.media):
        return message
    content = f"{message.content}\n{HIDDEN['image_url']}"
    return replace(message, content=content, media=seen)


def _tool(tool: ToolDefinition) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def _sent(message: PromptMessage, *, named: bool, told_apart: bool) -> dict[str, Any]:
    if message.refusal:
        # Content is required of a message without tool calls, and null is refused by some.
        return {"role": message.role, "content": message.content, "refusal": message.refusal}
    if message.answers:
        return {"role": "tool", "content": message.content, "tool_call_id": message.answers}
    if not message.name:
        return {"role": message.role, "content": message.content}
    if named:
        return {"role": message.role, "content": message.content, "name": message.name}
    text = f"{message.name}: {message.content}" if told_apart else message.content
    return {"role": message.role, "content": text}


def _media(messages: Iterable[PromptMessage]) -> Iterator[MediaPart]:
    for message in messages:
        yield from message.media


def _part(media_part: MediaPart) -> Feature:
    return PARTS[type(media_part)]


def shown(
    text: str, media: Iterable[MediaPart], without: Collection[Feature]
) -> tuple[str, list[MediaPart]]:
    """A message's text, and what may be enclosed with it. It says so where something may not, and
    holds what can be read of that.
    """
    media = list(media)
    sent = [each for each in media if _part(each) not in without]
    hidden = dict.fromkeys(_part(each) for each in media if _is_hidden(each, without))
    read = [each for each in media if isinstance(each, PdfContent) and "file" in without]
    texts = [each.extract.quoted for each in read if each.extract.text]
    return "\n".join((text, *texts, *(HIDDEN[feature] for feature in hidden))), sent


def data_url(content: bytes, mimetype: str) -> str:
    return f"data:{mimetype};base64,{b64encode(content).decode()}"


def filename(pdf: PdfContent) -> str:
    """Which has to be given."""
    return pdf.extract.name or "document.pdf"


def _content(
    text: str, media: Iterable[MediaPart], without: Collection[Feature]
) -> str | list[dict[str, Any]]:
    text, sent = shown(text, media, without)
    return [{"type": "text", "text": text}, *map(_sent_part, sent)] if sent else text


def _is_hidden(media_part: MediaPart, without: Collection[Feature]) -> bool:
    """Whether the model is told nothing of what it holds."""
    as_text = isinstance(media_part, PdfContent) and media_part.extract.text
    return _part(media_part) in without and not as_text


def _sent_part(media_part: MediaPart) -> dict[str, Any]:
    """https://platform.openai.com/docs/guides/images-vision, /pdf-files and /audio"""
    if isinstance(media_part, AudioContent):
        data = b64encode(media_part.content).decode()
        return {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}
    if isinstance(media_part, PdfContent):
        file = {
            "filename": filename(media_part),
            "file_data": data_url(media_part.content, "application/pdf"),
        }
        return {"type": "file", "file": file}
    return {
        "type": "image_url",
        "image_url": {"url": data_url(media_part.content, media_part.mimetype)},
    }
