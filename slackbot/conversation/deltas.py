"""The small pieces in which an answer arrives; a Draft folds them together."""

from dataclasses import dataclass

from slackbot.conversation.history import AudioRef, FinishReason, ToolCall

NOT_RUN = "Error: not run"
"""The beginning of the result of each call that was not run, for whatever reason."""


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What the server counted for one request, in tokens."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The model writes, or the transcript of what it says aloud grows."""

    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """The model declines."""

    text: str


@dataclass(frozen=True, slots=True)
class AudioDelta:
    """The model speaks: 16 bits a sample, 24,000 samples a second, one channel."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class AudioRefDelta:
    """Where the server keeps what the model said aloud; the id and the expiry may come apart."""

    ref: AudioRef


@dataclass(frozen=True, slots=True)
class WebSearchDelta:
    """The model begins to search the web."""


@dataclass(frozen=True, slots=True)
class SourceDelta:
    """The model cites a page of the web."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the tool call number `index`; id and name come once, arguments bit by bit."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class FinishDelta:
    """The model has finished. An answer without this delta broke off."""

    reason: FinishReason = "stop"


@dataclass(frozen=True, slots=True)
class UsageDelta:
    """What the request cost."""

    usage: TokenUsage


@dataclass(frozen=True, slots=True)
class NoteDelta:
    """A sentence of the bot's own to show below the answer."""

    text: str


ModelDelta = (
    TextDelta
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
"""What a model's stream consists of."""


@dataclass(frozen=True, slots=True)
class ToolRoundDelta:
    """What the model wrote so far ends with these calls; each of them gets a result."""

    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class ToolResultDelta:
    """What a call of the last round came to, as the model is to read it."""

    call_id: str
    result: str


@dataclass(frozen=True, slots=True)
class ApprovalRequestDelta:
    """A person is asked whether a call of the last round may be run."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class ApprovalResponseDelta:
    """The question about this call is settled, whatever was said."""

    call: ToolCall


@dataclass(frozen=True, slots=True)
class RetryDelta:
    """The model is asked again: what it wrote since its last tool calls does not count."""


@dataclass(frozen=True, slots=True)
class QuoteDelta:
    """What a person said aloud, to show above the answer."""

    text: str


AgentDelta = (
    ToolRoundDelta
    | ToolResultDelta
    | ApprovalRequestDelta
    | ApprovalResponseDelta
    | RetryDelta
    | QuoteDelta
)
"""What the agent adds to it."""

Delta = ModelDelta | AgentDelta
