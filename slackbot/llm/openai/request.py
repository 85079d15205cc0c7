"""One request to an OpenAI-compatible server, whichever of its APIs it goes to."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from slackbot.attachments.media_parts import MediaPart
from slackbot.conversation.history import ToolCall
from slackbot.llm.openai.media import MediaFeature, feature_of, is_hidden, without_images
from slackbot.llm.openai.message_shapes import ShapeFeature
from slackbot.llm.prompt import Prompt, PromptMessage

Feature = Literal[
    MediaFeature,
    ShapeFeature,
    "developer",
    "stream_options",
    "name",
    "max_completion_tokens",
    "tools",
    "used_tools",
    "web_search",
    "encrypted_content",
    "audio",
    "audio_id",
]
"""What OpenAI's own server takes in a request, and other servers or some models refuse.

`used_tools`: calls and results in the conversation. A server that takes an offer of tools may have
no place for these; without them none are offered.
"""

TOOL_FEATURES: frozenset[Feature] = frozenset({"tools", "used_tools"})
"""Without one of them there are no tools in a request at all."""


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    model: str
    prompt: Prompt
    cache_key: str = ""
    """Requests with the same key share a prompt cache; empty for none."""
    max_tokens: int | None = None
    """Of the answer; None for no limit."""
    conversation: str = ""
    """Which one it belongs to. No server is told."""
    whole: bool = False
    """The answer is to be sent as a whole, not streamed."""

    @property
    def uses_tools(self) -> bool:
        return bool(self.prompt.tools) or any(self.calls)

    @property
    def tool_features(self) -> Iterator[Feature]:
        """Those of its tools."""
        if self.uses_tools:
            yield "tools"
        if any(self.calls):
            yield "used_tools"

    @property
    def calls(self) -> Iterator[ToolCall]:
        """Those that the model has made."""
        for message in self.prompt.messages:
            yield from message.calls

    @property
    def media_features(self) -> Iterator[MediaFeature]:
        """Those of its media, each once."""
        yield from dict.fromkeys(map(feature_of, _media(self.prompt.messages)))

    def hidden_media(self, without: Collection[Feature]) -> set[MediaFeature]:
        """What people sent since the last answer that the model does not get in any form."""
        messages = self.prompt.messages
        answers = [n for n, each in enumerate(messages) if each.role == "assistant"]
        newest = messages[answers[-1] + 1 if answers else 0 :]
        return {feature_of(each) for each in _media(newest) if is_hidden(each, without)}

    def without_images(self) -> "OpenAIRequest":
        """The same without its images; it says where there was one."""
        messages = tuple(map(_without_images, self.prompt.messages))
        return replace(self, prompt=replace(self.prompt, messages=messages))


def _media(messages: Iterable[PromptMessage]) -> Iterator[MediaPart]:
    for message in messages:
        yield from message.media


def _without_images(message: PromptMessage) -> PromptMessage:
    content, media = without_images(message.content, message.media)
    return replace(message, content=content, media=media)
