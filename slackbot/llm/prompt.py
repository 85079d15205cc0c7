"""One request to a model, whichever server and API it goes to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from slackbot.attachments.media_parts import AudioContent, MediaPart
from slackbot.conversation.history import ToolCall
from slackbot.llm.tool_calls import ToolDefinition

MESSAGE_OVERHEAD_BYTES = 16
"""What a message costs next to its content: role, name, separators. About four tokens."""


@dataclass(frozen=True, slots=True)
class PromptMessage:
    role: Literal["developer", "user", "assistant", "tool"]
    content: str
    name: str = ""
    """A user's."""
    refusal: str = ""
    """An assistant's, next to its content."""
    calls: tuple[ToolCall, ...] = ()
    """An assistant's; a tool message follows for each."""
    call_id: str = ""
    """A tool message's: the call whose result it is."""
    media: tuple[MediaPart, ...] = ()
    """A user's."""
    audio_id: str = ""
    """An assistant's: where the server keeps it as sound."""

    @property
    def size(self) -> int:
        """Of its text, in bytes of UTF-8: closer to tokens than characters are, in every script."""
        texts = [self.content, self.refusal, self.name]
        texts += [part for call in self.calls for part in (call.name, call.arguments)]
        messages = 1 + len(self.calls)
        return sum(len(text.encode()) for text in texts) + messages * MESSAGE_OVERHEAD_BYTES

    def tokens(self, tokens_per_byte: float) -> float:
        """An estimate."""
        return self.size * tokens_per_byte + sum(part.tokens for part in self.media)


@dataclass(frozen=True, slots=True)
class Prompt:
    messages: tuple[PromptMessage, ...]
    start: int = 0
    """The number of the first turn among the messages."""
    tools: tuple[ToolDefinition, ...] = ()
    must_answer: bool = False
    """The model may not call the tools any more."""
    aloud: bool = False
    """The model is to speak its answer as well as write it."""
    search: bool = False
    """The model may search the web."""

    @property
    def size(self) -> int:
        """Of its text, in bytes of UTF-8."""
        return sum(message.size for message in self.messages) + size_of_tools(self.tools)

    @property
    def has_hidden_input(self) -> bool:
        """Whether the server counts tokens for more than its text: for media, for speech that it
        keeps, for what a search finds, for the reasoning that is sent back with tool calls.
        """
        hidden = (each.media or each.audio_id or each.calls for each in self.messages)
        return self.search or any(hidden)

    @property
    def has_audio(self) -> bool:
        return any(isinstance(part, AudioContent) for each in self.messages for part in each.media)

    def tokens(self, tokens_per_byte: float) -> float:
        """An estimate."""
        tools = size_of_tools(self.tools) * tokens_per_byte
        return tools + sum(message.tokens(tokens_per_byte) for message in self.messages)


def size_of_tools(tools: Iterable[ToolDefinition]) -> int:
    """In bytes of UTF-8."""
    return sum(tool.size for tool in tools)
