"""The pieces in which an answer arrives; `Draft` combines them."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.history import AudioRef, FinishReason, ToolCall

ToolReview = Literal["accepted", "changed", "new"]
"""Whether the server of a tool has changed it, or has added it, and no admin has accepted that."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """The usage of one request, in tokens, as the server counted it."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Text that the model writes, or the transcript of its speech."""

    text: str


@dataclass(frozen=True, slots=True)
class RetractDelta:
    """The text since the last tool calls was what the model thought: it is dropped."""


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """A piece of the model's refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """The model's speech: mono 16-bit PCM, 24,000 samples a second."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class AudioRefDelta:
    """The server's reference to the model's speech; the ID and the expiry may arrive separately."""

    ref: AudioRef


@dataclass(frozen=True, slots=True)
class WebSearchDelta:
    """The model has begun to search the web."""


@dataclass(frozen=True, slots=True)
class SourceDelta:
    """The model cites a web page."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of tool call number `index`. ID and name come once, the arguments in pieces, and then
    as a whole again from some servers.
    """

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class FinishDelta:
    """The model has finished. An answer without this delta is incomplete."""

    reason: FinishReason = "stop"


@dataclass(frozen=True, slots=True)
class UsageDelta:
    """The usage of the request."""

    usage: TokenUsage


@dataclass(frozen=True, slots=True)
class NoteDelta:
    """A sentence by the bot, shown below the answer."""

    text: str


ModelDelta = (
    TextDelta
    | RetractDelta
    | RefusalDelta
    | AudioDelta
    | AudioRefDelta
    | WebSearchDelta
    | SourceDelta
    | ToolCallDelta
    | FinishDelta
    | UsageDelta
    | NoteDelta
)
"""A model's stream consists of these."""


@dataclass(frozen=True, slots=True)
class ToolRoundDelta:
    """The model's text so far ends with these calls; each gets a result."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class ToolResultDelta:
    """The result of a call of the last round, as the model reads it."""

    call_id: str
    result: str


@dataclass(frozen=True, slots=True)
class ApprovalRequestDelta:
    """A person is asked to approve a call of the last round."""

    call: ToolCall
    question: str
    """The ID of the question, as in `Confirm`."""
    review: ToolReview = "accepted"


@dataclass(frozen=True, slots=True)
class ApprovalResponseDelta:
    """The approval was given, declined, or timed out."""


@dataclass(frozen=True, slots=True)
class RetryDelta:
    """The model is asked again: its text since the last tool calls is dropped."""


@dataclass(frozen=True, slots=True)
class QuoteDelta:
    """The transcript of a voice message, shown above the answer."""

    text: str


AgentDelta = (
    ToolRoundDelta
    | ToolResultDelta
    | ApprovalRequestDelta
    | ApprovalResponseDelta
    | RetryDelta
    | QuoteDelta
)
"""The agent adds these."""

Delta = ModelDelta | AgentDelta
