"""An answer that is being written: deltas in, its text so far out."""

from slackbot.conversation.deltas import NOT_RUN, Delta, TokenUsage
from slackbot.conversation.history import Answer, AudioRef, FinishReason, ToolCall, ToolRound
from slackbot.conversation.refusals import declined
from slackbot.markdown.unicode import to_well_formed

FIRST_HALVES = "".join(map(chr, range(0xD800, 0xDC00)))
"""Of surrogate pairs: what ends with one waits for the other."""


class Draft:
    """An answer that is being written: deltas in, its text so far out."""

    def __init__(self) -> None:
        self.tool_rounds: tuple[ToolRound, ...] = ()
        self.asking: ToolCall | None = None
        """The call that somebody has to confirm."""
        self._notes: list[str] = []
        self._quotes: list[str] = []
        self.searching = False
        """The model searches the web, and has written nothing after that."""
        self.sources: dict[str, str] = {}
        """What it found there: address -> title."""
        self._sources_before: dict[str, str] = {}
        """Those that it had found when it called tools last."""
        self.finish_reason: FinishReason = "broken"
        self.usage: TokenUsage | None = None
        self._text = _Words()
        self._refusal = _Words()
        self._aloud = _Sound()

    def add(self, delta: Delta) -> None:
        match delta.kind:
            case "text":
                self._text.add(delta.text)
                self.searching = False
            case "refusal":
                self._refusal.add(delta.text)
            case "sound" | "spoken":
                self._aloud.add(delta)
            case "end":
                self.finish_reason = delta.finish_reason
            case "usage":
                self.usage = delta.usage
            case "anew":
                self.sources = dict(self._sources_before)
                self._begin()
            case _:
                self._use(delta)

    def _use(self, delta: Delta) -> None:
        """What becomes of the tools that the model calls."""
        match delta.kind:
            case "ask":
                self.asking = delta.calls[0]
            case "asked":
                self.asking = None
            case "calls":
                self.tool_rounds += (ToolRound(self.text, delta.calls),)
                self._sources_before = dict(self.sources)
                self._begin()
            case "result":
                *before, last = self.tool_rounds
                self.tool_rounds = (*before, last.resulting(delta.calls[0].id, delta.text))
            case _:
                self._put_beside(delta)

    def _put_beside(self, delta: Delta) -> None:
        """What is shown with the answer."""
        match delta.kind:
            case "search":
                self.searching = True
            case "source":
                self.sources[delta.text] = delta.title
            case "note":
                self._notes.append(delta.text)
            case "quote":
                self._quotes.append(delta.text)

    def _begin(self) -> None:
        """The model is asked; what it says of how it ended is still to come."""
        self._text, self._refusal = _Words(), _Words()
        self._aloud = _Sound()
        self.finish_reason, self.usage, self.searching = "broken", None, False

    @property
    def notes(self) -> tuple[str, ...]:
        """Each sentence once, in the order in which they came."""
        return tuple(dict.fromkeys(self._notes))

    @property
    def sound(self) -> bytes:
        """What the model has said aloud so far."""
        return bytes(self._aloud.sound)

    @property
    def quotes(self) -> tuple[str, ...]:
        return tuple(self._quotes)

    @property
    def text(self) -> str:
        """What has been written since the last tools were used."""
        return str(self._text)

    @property
    def shown(self) -> str:
        """All that has been written, as people are to see it: it only grows, but for `anew`."""
        texts = [round_.text.strip() for round_ in self.tool_rounds]
        texts += [self.text if not any(texts) else self.text.lstrip()]
        if refusal := str(self._refusal):
            texts.append(declined(refusal))
        return "\n\n".join(text for text in texts if text)

    @property
    def using(self) -> tuple[ToolCall, ...]:
        """The tools that were called last, as long as the model has written nothing after that."""
        return self.tool_rounds[-1].calls if self.tool_rounds and not self.text.strip() else ()

    @property
    def used(self) -> tuple[ToolCall, ...]:
        """The tools that have been run for the answer, or begun to."""
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
        return Answer(self.text, self.finish_reason, refusal, self._aloud.kept)


class _Words:
    """Text in pieces, joined when asked for, so that adding stays cheap."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        self._pieces.append(piece)

    def __str__(self) -> str:
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return to_well_formed("".join(self._pieces).rstrip(FIRST_HALVES))


class _Sound:
    """What is said aloud, in pieces."""

    def __init__(self) -> None:
        self.sound = bytearray()
        self._spoken = AudioRef("", 0)

    def add(self, delta: Delta) -> None:
        self.sound += delta.sound
        if delta.spoken is not None:
            known, told = self._spoken, delta.spoken
            self._spoken = AudioRef(told.id or known.id, told.expires or known.expires)

    @property
    def kept(self) -> AudioRef | None:
        """Where the server keeps it; None unless it has told that, and for how long."""
        return self._spoken if self._spoken.id and self._spoken.expires else None
