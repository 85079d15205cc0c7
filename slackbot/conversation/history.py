"""What is said in a thread, as frozen values.

A thread's history is a row of turns. A turn is what people said since the last answer, and the
answer to it. It is stored whole or not at all, and sent to the model whole or not at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from slackbot.conversation.attachment import Attachment

FinishReason = Literal["stop", "length", "content_filter", "broken", "stopped"]
"""How an answer ended: the model's finish reason, `broken` when it never gave one, `stopped` when
a person had seen enough."""

Rating = Literal["good", "bad"]


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What one person wrote, in plain text; `name` is the one the model knows them by."""

    name: str
    text: str
    ts: str = ""
    """The message's, which people may still edit or delete."""
    user: str = ""
    files: tuple[Attachment, ...] = ()
    for_bot: bool = True
    """It is for the bot; what people say to each other in between is not."""
    edited_ts: str = ""
    """When its author last edited it, by Slack's clock; empty if never."""

    @property
    def whole(self) -> str:
        """The text, what was said aloud, and the other files' names."""
        files = (file.transcript if file.words else file.label for file in self.files)
        return "\n".join(line for line in (self.text, *files) if line)


@dataclass(frozen=True, slots=True)
class AudioRef:
    """The sound of an answer, which the server keeps for a while under an id.

    https://platform.openai.com/docs/guides/audio#multi-turn-conversations
    """

    id: str
    expires: int
    """In seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, as far as it came."""

    text: str
    finish_reason: FinishReason = "stop"
    refusal: str = ""
    """The words in which it declined to say more, or anything."""
    spoken: AudioRef | None = None
    """The model said it aloud; the text is what it said."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to have used; `arguments` is a JSON object."""

    id: str
    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class ToolRound:
    """What the model wrote before it called tools, its calls, and what came of each."""

    text: str
    calls: tuple[ToolCall, ...]
    results: Mapping[str, str] = field(default_factory=dict)
    """By the call's id, as the model is to read them; one that is missing is awaited."""

    @property
    def awaited(self) -> tuple[ToolCall, ...]:
        return tuple(call for call in self.calls if call.id not in self.results)

    def resulting(self, call: str, result: str) -> "ToolRound":
        return replace(self, results={**self.results, call: result})

    def ended(self, sentence: str) -> "ToolRound":
        """The same, with this sentence for every result that is awaited."""
        missing = {call.id: sentence for call in self.awaited}
        return replace(self, results={**self.results, **missing}) if missing else self


@dataclass(frozen=True, slots=True)
class Turn:
    messages: tuple[UserMessage, ...]
    answer: Answer | None = None
    """None while it is awaited, where none was wanted, and where the model wrote nothing."""
    reply_ts: tuple[str, ...] = ()
    """The ts of the messages in which the answer stands, or the sentence in its place."""
    feedback: Mapping[str, Rating] = field(default_factory=dict)
    """By user id."""
    tool_rounds: tuple[ToolRound, ...] = ()
    """The tools that were used for the answer, before it."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as the model is to see it.

    `turns` are those from number `start` on: the ones before stay stored and are no longer sent.
    """

    turns: tuple[Turn, ...] = ()
    start: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    """Slack user id -> the name the model knows them by; once given, it stays."""
    tokens_per_byte: float = 0.25
    """What the server's last report of usage said of this thread's text."""

    @property
    def length(self) -> int:
        """How many turns the thread has had, those no longer sent included."""
        return self.start + len(self.turns)

    def add(self, *turns: Turn) -> "Conversation":
        return replace(self, turns=(*self.turns, *turns))

    def answered(self, answer: Answer | None, place: tuple[str, ...]) -> "Conversation":
        """The same, the last turn with its answer, which stands in the messages of `place`."""
        *before, last = self.turns
        answered = replace(last, answer=answer, reply_ts=place, feedback={})
        return replace(self, turns=(*before, answered))

    def using(self, rounds: Iterable[ToolRound]) -> "Conversation":
        """The same, with the tools that have been used for the last turn's answer so far."""
        *before, last = self.turns
        return replace(self, turns=(*before, replace(last, tool_rounds=tuple(rounds))))

    def starting_at(self, start: int) -> "Conversation":
        """The same without the turns before number `start`."""
        return replace(self, start=start, turns=self.turns[start - self.start :])
