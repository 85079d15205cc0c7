"""Combines deltas into an answer that is being written."""

from copy import copy
from typing import TYPE_CHECKING, Protocol, assert_never

from slackbot.conversation.deltas import (
    ApprovalRequestDelta,
    ApprovalResponseDelta,
    AudioDelta,
    AudioRefDelta,
    Delta,
    FinishDelta,
    NoteDelta,
    QuoteDelta,
    RefusalDelta,
    RetractDelta,
    RetryDelta,
    SourceDelta,
    TextDelta,
    TokenUsage,
    ToolCallDelta,
    ToolResultDelta,
    ToolRoundDelta,
    UsageDelta,
    WebSearchDelta,
)
from slackbot.conversation.growing_text import GrowingText
from slackbot.conversation.history import (
    Answer,
    AudioRef,
    Conversation,
    FinishReason,
    ToolCall,
    ToolRound,
)
from slackbot.conversation.refusals import declined

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SOURCES = 100
MAX_URL_CHARACTERS = 2_000
"""Of a page that an answer cites; a longer address is no source that people could open."""

MAX_SPEECH_BYTES = 20 * 60 * 48_000
"""Twenty minutes of speech, in the format of AudioDelta."""


class SentPrompt(Protocol):
    """The request that a draft answers: a `Prompt` of the llm package."""

    @property
    def start(self) -> int:
        """The number of the first turn that was sent."""

    @property
    def size(self) -> int:
        """The size of its text, in bytes of UTF-8."""

    @property
    def has_hidden_input(self) -> bool:
        """Whether the server counts more than its text."""


class Draft:
    """An answer that is being written, with its tools, sources and notes.

    Only the agent changes it, until its last delta.
    """

    def __init__(self, conversation: Conversation | None = None) -> None:
        self.conversation = conversation or Conversation()
        """The conversation to answer. Its last turn gets the transcripts of its recordings."""
        self.prompt: SentPrompt | None = None
        """The last request to the model; None before the first."""
        self.aloud = False
        """The answer is also spoken."""
        self.tool_rounds: tuple[ToolRound, ...] = ()
        self.replayed_rounds = 0
        """How many of them an earlier attempt has made."""
        self.asking: ApprovalRequestDelta | None = None
        """The call that a person is asked to approve."""
        self.on_asked: Callable[[str], object] = _ignore
        """Is called with the ID of a question once Slack shows it."""
        self.on_unasked: Callable[[str], object] = _ignore
        """Is called with the ID of a question that Slack shows without its buttons."""
        self.is_starting = False
        """The model does not answer yet: its server may be loading it."""
        self.on_starting: Callable[[], object] = _do_nothing
        """Is called when that begins: no delta comes meanwhile."""
        self.searching = False
        """The model is searching the web and has written nothing since."""
        self.sources: dict[str, str] = {}
        """The cited pages: URL -> title."""
        self._earlier_sources: dict[str, str] = {}
        """The pages cited before the last tool calls."""
        self.written = 0
        """How many characters the model has written, in all of its responses, blanks as well."""
        self.finish_reason: FinishReason = "broken"
        self.usage: TokenUsage | None = None
        """The usage of the last request."""
        self._notes: list[str] = []
        self._quotes: list[str] = []
        self._text = GrowingText()
        self._refusal = GrowingText()
        self._audio = _GrowingAudio()

    def start(self) -> None:
        """Notes that the model does not answer yet, until the next delta."""
        self.is_starting = True
        self.on_starting()

    def add(self, delta: Delta) -> None:
        """Adds the next delta. Pieces of tool calls change nothing: a ToolRoundDelta follows."""
        self.is_starting = False
        match delta:
            case TextDelta() | RetractDelta() | RefusalDelta() | AudioDelta() | AudioRefDelta():
                self._add_output(delta)
            case WebSearchDelta() | SourceDelta() | NoteDelta() | QuoteDelta():
                self._add_companion(delta)
            case ToolRoundDelta() | ToolResultDelta():
                self._add_tools(delta)
            case ApprovalRequestDelta():
                self.asking = delta
            case ApprovalResponseDelta():
                self.asking = None
            case FinishDelta():
                self.finish_reason = delta.reason
            case UsageDelta():
                self.usage = delta.usage
            case RetryDelta():
                self.sources = dict(self._earlier_sources)
                self._begin_response()
            case ToolCallDelta():
                pass
            case _:
                assert_never(delta)

    def _add_output(
        self, delta: TextDelta | RetractDelta | RefusalDelta | AudioDelta | AudioRefDelta
    ) -> None:
        match delta:
            case RetractDelta():
                self._text = GrowingText()
            case TextDelta():
                self._text.add(delta.text)
                self.written += len(delta.text)
                self.searching = False
            case RefusalDelta():
                self._refusal.add(delta.text)
                self.written += len(delta.text)
            case AudioDelta():
                self._audio.add(delta.pcm)
            case AudioRefDelta():
                self._audio.refer(delta.ref)
            case _:
                assert_never(delta)

    def _add_companion(self, delta: WebSearchDelta | SourceDelta | NoteDelta | QuoteDelta) -> None:
        """Adds what is shown around the text."""
        match delta:
            case WebSearchDelta():
                self.searching = True
            case SourceDelta():
                if len(self.sources) < MAX_SOURCES and len(delta.url) <= MAX_URL_CHARACTERS:
                    self.sources[delta.url] = delta.title
            case NoteDelta():
                self._notes.append(delta.text)
            case QuoteDelta():
                self._quotes.append(delta.text)
            case _:
                assert_never(delta)

    def _add_tools(self, delta: ToolRoundDelta | ToolResultDelta) -> None:
        match delta:
            case ToolRoundDelta():
                self.tool_rounds += (ToolRound(self.text, delta.calls),)
                self._earlier_sources = dict(self.sources)
                self._begin_response()
            case ToolResultDelta():
                *before, last = self.tool_rounds
                self.tool_rounds = (*before, last.resulting(delta.call_id, delta.result))
            case _:
                assert_never(delta)

    def _begin_response(self) -> None:
        """Resets what belongs to one response of the model."""
        self._text, self._refusal = GrowingText(), GrowingText()
        self._audio = _GrowingAudio()
        self.finish_reason, self.usage, self.searching = "broken", None, False

    def finished_as(self, reason: FinishReason) -> "Draft":
        """A copy with another finish reason."""
        draft = copy(self)
        draft.finish_reason = reason
        return draft

    def shortened(self, characters: int) -> "Draft":
        """A copy whose visible text has about so many characters; tools that were used stay."""
        draft, excess = copy(self), max(len(self.visible_text) - characters, 0)
        kept = str(self._refusal)[: -excess or None]
        excess -= len(str(self._refusal)) - len(kept)
        text = self.text[: -excess or None].rstrip()
        draft._refusal, draft._text = GrowingText(kept), GrowingText(text)  # noqa: SLF001 - a copy of this one
        return draft

    @property
    def notes(self) -> tuple[str, ...]:
        """Each note once, in order of arrival."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def quotes(self) -> tuple[str, ...]:
        return tuple(self._quotes)

    @property
    def audio(self) -> bytes:
        """The model's speech so far, in the format of AudioDelta."""
        return bytes(self._audio.pcm)

    @property
    def text(self) -> str:
        """The model's text since its last tool calls."""
        return str(self._text)

    @property
    def visible_text(self) -> str:
        """The whole text as people see it. It only grows, except after a RetryDelta or a
        RetractDelta.
        """
        texts = [each.text.strip() for each in self.tool_rounds]
        texts += [self.text if not any(texts) else self.text.lstrip()]
        if refusal := str(self._refusal):
            texts.append(declined(refusal))
        return "\n\n".join(text for text in texts if text)

    @property
    def tools_in_use(self) -> tuple[ToolCall, ...]:
        """The calls of the last round, until the model writes text."""
        has_new = len(self.tool_rounds) > self.replayed_rounds
        return self.tool_rounds[-1].calls if has_new and not self.text.strip() else ()

    @property
    def used_tools(self) -> tuple[ToolCall, ...]:
        """The calls that were run or begun."""
        begun = (call for each in self.tool_rounds for call in each.begun)
        asked = None if self.asking is None else self.asking.call
        return tuple(call for call in begun if call != asked)

    @property
    def answer(self) -> Answer | None:
        """None if the model wrote nothing but blanks."""
        refusal = str(self._refusal)
        if not (self.text.strip() or refusal.strip()):
            return None
        return Answer(self.text, self.finish_reason, refusal, self._audio.ref)


def _do_nothing() -> None:
    """For those who are not told."""


def _ignore(_: str) -> None:
    """For those who ask nothing."""


class _GrowingAudio:
    """The model's speech, and the server's reference to it."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self._ref = AudioRef("", 0)

    def add(self, pcm: bytes) -> None:
        self.pcm += pcm[: MAX_SPEECH_BYTES - len(self.pcm)]

    def refer(self, ref: AudioRef) -> None:
        known = self._ref
        self._ref = AudioRef(ref.id or known.id, ref.expires or known.expires)

    @property
    def ref(self) -> AudioRef | None:
        """None until the server has given both the id and the expiry."""
        return self._ref if self._ref.id and self._ref.expires else None
