"""An answer that is being written: deltas in, its text so far out."""

from copy import copy
from typing import Protocol, assert_never

from slackbot.conversation.deltas import (
    NOT_RUN,
    ApprovalRequestDelta,
    ApprovalResponseDelta,
    AudioDelta,
    AudioRefDelta,
    Delta,
    FinishDelta,
    NoteDelta,
    QuoteDelta,
    RefusalDelta,
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
from slackbot.conversation.history import (
    Answer,
    AudioRef,
    Conversation,
    FinishReason,
    ToolCall,
    ToolRound,
)
from slackbot.conversation.refusals import declined
from slackbot.markdown.unicode import to_well_formed

HIGH_SURROGATES = "".join(map(chr, range(0xD800, 0xDC00)))
"""The first halves of surrogate pairs: text that ends with one waits for the other half."""


class SentPrompt(Protocol):
    """What a draft tells about the request that it answers: a `Prompt` of the llm package."""

    @property
    def start(self) -> int:
        """The number of the first turn that was sent."""

    @property
    def size(self) -> int:
        """Of its text, in bytes of UTF-8."""

    @property
    def is_text(self) -> bool:
        """Whether it holds nothing but text."""


class Draft:
    """An answer that is being written, and what was learned on the way.

    Only its owner changes it: the agent, until its last delta.
    """

    def __init__(self, conversation: Conversation | None = None) -> None:
        self.conversation = conversation or Conversation()
        """What is answered. The last turn holds the words of its recordings, once known."""
        self.prompt: SentPrompt | None = None
        """The last request to the model; None before the first."""
        self.aloud = False
        """The answer is to be spoken as well."""
        self.tool_rounds: tuple[ToolRound, ...] = ()
        self.asking: ToolCall | None = None
        """The call that a person is asked to approve."""
        self.searching = False
        """The model is searching the web, and has written nothing since."""
        self.sources: dict[str, str] = {}
        """The pages it cites: address -> title."""
        self._earlier_sources: dict[str, str] = {}
        """Those that it had cited before its last tool calls."""
        self.finish_reason: FinishReason = "broken"
        self.usage: TokenUsage | None = None
        """What the last request cost."""
        self._notes: list[str] = []
        self._quotes: list[str] = []
        self._text = _Text()
        self._refusal = _Text()
        self._audio = _Audio()

    def add(self, delta: Delta) -> None:
        """Folds the next delta in. Pieces of tool calls change nothing until their round is due."""
        match delta:
            case TextDelta() | RefusalDelta() | AudioDelta() | AudioRefDelta():
                self._add_output(delta)
            case WebSearchDelta() | SourceDelta() | NoteDelta() | QuoteDelta():
                self._add_companion(delta)
            case ToolRoundDelta() | ToolResultDelta():
                self._add_tools(delta)
            case ApprovalRequestDelta():
                self.asking = delta.call
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

    def _add_output(self, delta: TextDelta | RefusalDelta | AudioDelta | AudioRefDelta) -> None:
        match delta:
            case TextDelta():
                self._text.add(delta.text)
                self.searching = False
            case RefusalDelta():
                self._refusal.add(delta.text)
            case AudioDelta():
                self._audio.pcm += delta.pcm
            case AudioRefDelta():
                self._audio.refer(delta.ref)
            case _:
                assert_never(delta)

    def _add_companion(self, delta: WebSearchDelta | SourceDelta | NoteDelta | QuoteDelta) -> None:
        """Takes in what is shown around the text."""
        match delta:
            case WebSearchDelta():
                self.searching = True
            case SourceDelta():
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
        """The model is asked: the text, the finish reason and the usage are still to come."""
        self._text, self._refusal = _Text(), _Text()
        self._audio = _Audio()
        self.finish_reason, self.usage, self.searching = "broken", None, False

    def finished_as(self, reason: FinishReason) -> "Draft":
        """A copy with another finish reason."""
        draft = copy(self)
        draft.finish_reason = reason
        return draft

    @property
    def notes(self) -> tuple[str, ...]:
        """Each sentence once, in the order in which they came."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def quotes(self) -> tuple[str, ...]:
        return tuple(self._quotes)

    @property
    def audio(self) -> bytes:
        """What the model has said aloud so far, as AudioDelta describes it."""
        return bytes(self._audio.pcm)

    @property
    def text(self) -> str:
        """What the model has written since its last tool calls."""
        return str(self._text)

    @property
    def visible_text(self) -> str:
        """All that was written, as people see it. It only grows, except by a RetryDelta."""
        texts = [each.text.strip() for each in self.tool_rounds]
        texts += [self.text if not any(texts) else self.text.lstrip()]
        if refusal := str(self._refusal):
            texts.append(declined(refusal))
        return "\n\n".join(text for text in texts if text)

    @property
    def tools_in_use(self) -> tuple[ToolCall, ...]:
        """The last round of calls, until the model writes something."""
        return self.tool_rounds[-1].calls if self.tool_rounds and not self.text.strip() else ()

    @property
    def used_tools(self) -> tuple[ToolCall, ...]:
        """The calls that were run, or begun."""
        return tuple(
            call
            for each in self.tool_rounds
            for call in each.calls
            if call != self.asking and not each.results.get(call.id, "").startswith(NOT_RUN)
        )

    @property
    def answer(self) -> Answer | None:
        """None where nothing but blanks was written."""
        refusal = str(self._refusal)
        if not (self.text.strip() or refusal.strip()):
            return None
        return Answer(self.text, self.finish_reason, refusal, self._audio.ref)


class _Text:
    """Text in pieces, joined when asked for, so that adding stays cheap."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        self._pieces.append(piece)

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return to_well_formed("".join(self._pieces).rstrip(HIGH_SURROGATES))


class _Audio:
    """What is said aloud, and where the server keeps it."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self._ref = AudioRef("", 0)

    def refer(self, ref: AudioRef) -> None:
        known = self._ref
        self._ref = AudioRef(ref.id or known.id, ref.expires or known.expires)

    @property
    def ref(self) -> AudioRef | None:
        """None until the server has given both the id and the expiry."""
        return self._ref if self._ref.id and self._ref.expires else None
