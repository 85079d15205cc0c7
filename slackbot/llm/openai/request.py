"""One request to an OpenAI-compatible server, whichever of its APIs it goes to."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from slackbot.attachments.media_parts import MediaPart
from slackbot.conversation.history import ToolCall
from slackbot.llm.openai.answer_limits import ANSWER_TOKENS
from slackbot.llm.openai.input_negotiation import SentInput
from slackbot.llm.openai.media import (
    InputKey,
    MediaFeature,
    feature_of,
    is_hidden,
    key_of,
    name_of,
    without_inputs,
)
from slackbot.llm.openai.message_shapes import ShapeFeature
from slackbot.llm.prompt import Prompt, PromptMessage

Feature = Literal[
    MediaFeature,
    ShapeFeature,
    "developer",
    "stream_options",
    "name",
    "max_completion_tokens",
    "max_tokens",
    "tools",
    "used_tools",
    "web_search",
    "encrypted_content",
    "audio",
    "audio_id",
]
"""What OpenAI's own server takes in a request, and other servers or some models refuse.

`used_tools`: calls and results in the conversation. A server that takes an offer of tools may have
no place for these; without them none are offered. `max_tokens` is the older name of
`max_completion_tokens`, for a server that does not know that one.
"""

TOOL_FEATURES: frozenset[Feature] = frozenset({"tools", "used_tools"})
"""Without one of them there are no tools in a request at all."""

LIMITS: frozenset[Feature] = frozenset({"max_completion_tokens", "max_tokens"})
"""Without both, the server alone decides how long an answer may get."""


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    model: str
    prompt: Prompt
    cache_key: str = ""
    """Requests with the same key share a prompt cache; empty for none."""
    max_tokens: int = ANSWER_TOKENS
    """Of the answer, with what the model thinks before it."""
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
    def texts(self) -> Iterator[str]:
        """What people, the model and its tools wrote: an error may repeat it."""
        for message in self.prompt.messages:
            if message.name:
                yield message.name
                yield f"{message.name}: {message.content}"
            yield message.content
            yield from (call.arguments for call in message.calls)
            yield from map(name_of, message.media)

    @property
    def media_features(self) -> Iterator[MediaFeature]:
        """Those of its media, each once."""
        yield from dict.fromkeys(map(feature_of, _media(self.prompt.messages)))

    def hidden_media(self, without: Collection[Feature]) -> set[MediaFeature]:
        """What people sent since the last answer that the model does not get in any form."""
        return {feature_of(each) for each in self.new_media if is_hidden(each, without)}

    @property
    def new_media(self) -> Sequence[MediaPart]:
        """What people sent since the last answer."""
        return [*_media(self.prompt.messages[self._new_from :])]

    @property
    def inputs(self) -> Sequence[SentInput]:
        """All its media, oldest first."""
        return [
            SentInput(key_of(each), feature_of(each), is_new=number >= self._new_from)
            for number, message in enumerate(self.prompt.messages)
            for each in message.media
        ]

    @property
    def _new_from(self) -> int:
        """The number of the first message since the last answer."""
        messages = self.prompt.messages
        answers = [n for n, each in enumerate(messages) if each.role == "assistant"]
        return answers[-1] + 1 if answers else 0

    def without_inputs(self, omitted: Collection[InputKey]) -> "OpenAIRequest":
        """The same without these media; it says where there was one."""
        if not omitted:
            return self
        messages = tuple(_without_inputs(each, omitted) for each in self.prompt.messages)
        return replace(self, prompt=replace(self.prompt, messages=messages))


def _media(messages: Iterable[PromptMessage]) -> Iterator[MediaPart]:
    for message in messages:
        yield from message.media


def _without_inputs(message: PromptMessage, omitted: Collection[InputKey]) -> PromptMessage:
    content, media = without_inputs(message.content, message.media, omitted)
    return replace(message, content=content, media=media)
