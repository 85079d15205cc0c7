"""A thread's history as frozen values. Their fields are part of the stored layout.

A history is a sequence of turns. A turn holds the messages since the last answer, and the answer to
them. It is stored and sent to the model as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.token_rate import DEFAULT_TOKENS_PER_BYTE

FinishReason = Literal["stop", "length", "content_filter", "broken", "stopped"]
"""How an answer ended: the model's finish reason, `broken` without one, `stopped` by a person."""

Rating = Literal["good", "bad"]

NOT_RUN = "Error: not run"
"""Every result of a call that was not run begins with this."""


@dataclass(frozen=True, slots=True)
class UserMessage:
    """A person's message in plain text; `name` is the person's name for the model."""

    name: str
    text: str
    ts: Ts = Ts("")
    """The Slack message's ts: people may still edit or delete it."""
    user: UserId = UserId("")
    files: tuple[Attachment, ...] = ()
    for_bot: bool = True
    """False for messages between people."""
    edited_ts: Ts = Ts("")
    """When its author last edited it, by Slack's clock; empty if never."""

    @property
    def whole(self) -> str:
        """The text, the transcripts of recordings, and the names of other files."""
        files = (file.transcript if file.words else file.label for file in self.files)
        return "\n".join(line for line in (self.text, *files) if line)


@dataclass(frozen=True, slots=True)
class AudioRef:
    """A spoken answer's audio, which the server stores for a while.

    https://platform.openai.com/docs/guides/audio#multi-turn-conversations
    """

    id: str
    expires: int
    """In seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The model's answer; `finish_reason` says whether it is complete."""

    text: str
    finish_reason: FinishReason = "stop"
    refusal: str = ""
    """The model's refusal, instead of the text or after it."""
    spoken: AudioRef | None = None
    """Refers to the audio if the model spoke; the text is the transcript then."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool by the model; `arguments` is a JSON object."""

    id: str
    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True)
class ToolRound:
    """The model's text before it called tools, its calls, and their results."""

    text: str
    calls: tuple[ToolCall, ...]
    results: Mapping[str, str] = field(default_factory=dict)
    """By call ID, as the model reads them; a missing one is awaited."""

    @property
    def awaited(self) -> tuple[ToolCall, ...]:
        return tuple(call for call in self.calls if call.id not in self.results)

    @property
    def begun(self) -> tuple[ToolCall, ...]:
        """The calls that were run, or are awaited."""
        results = self.results
        return tuple(
            call for call in self.calls if not results.get(call.id, "").startswith(NOT_RUN)
        )

    def resulting(self, call: str, result: str) -> "ToolRound":
        return replace(self, results={**self.results, call: result})

    def ended(self, sentence: str) -> "ToolRound":
        """Returns the round with this sentence as every awaited result."""
        missing = {call.id: sentence for call in self.awaited}
        return replace(self, results={**self.results, **missing}) if missing else self


@dataclass(frozen=True, slots=True)
class Turn:
    messages: tuple[UserMessage, ...]
    answer: Answer | None = None
    """None while it is awaited, if none was wanted, or if the model wrote nothing."""
    reply_ts: tuple[Ts, ...] = ()
    """The ts of the messages that show the answer, or an error instead of it."""
    feedback: Mapping[UserId, Rating] = field(default_factory=dict)
    """By user ID."""
    tool_rounds: tuple[ToolRound, ...] = ()
    """The tools that were used for the answer."""

    @property
    def asker(self) -> UserId:
        """The person who is answered: the author of the first message for the bot."""
        asking = [each for each in self.messages if each.for_bot] or [*self.messages]
        return asking[0].user if asking else UserId("")

    @property
    def is_unanswered(self) -> bool:
        """Nothing shows an answer, not even a part of one."""
        return self.answer is None and not self.reply_ts

    def was_only_read(self, ts: Ts, edited_ts: Ts) -> bool:
        """Whether this version of a message is in the turn as one between people, which nobody
        answered.
        """
        between_people = {(each.ts, each.edited_ts) for each in self.messages if not each.for_bot}
        return self.is_unanswered and (ts, edited_ts) in between_people

    @property
    def is_unfinished(self) -> bool:
        """There is no answer, or it broke off."""
        return self.answer is None or self.answer.finish_reason == "broken"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread as the model sees it.

    `turns` begin with turn number `start`; earlier turns stay stored and are no longer sent.
    """

    turns: tuple[Turn, ...] = ()
    start: int = 0
    names: Mapping[UserId, str] = field(default_factory=dict)
    """Slack user ID -> the person's name for the model, which never changes."""
    tokens_per_byte: float = DEFAULT_TOKENS_PER_BYTE
    """Of this thread's text, learned from the usage that the server reports."""
    lost: bool = False
    """What was said before could not be read, and nobody in the thread has been told so yet."""
    unread: str = ""
    """Tells people that the earlier messages in Slack could not be read, and why. It is for the
    first answer, and is not stored."""

    @property
    def length(self) -> int:
        """The number of all turns, including those that are no longer sent."""
        return self.start + len(self.turns)

    def add(self, *turns: Turn) -> "Conversation":
        return replace(self, turns=(*self.turns, *turns))

    def answered(self, answer: Answer | None, place: tuple[Ts, ...]) -> "Conversation":
        """Returns the conversation with its last turn answered in the messages `place`."""
        *before, last = self.turns
        answered = replace(last, answer=answer, reply_ts=place, feedback={})
        return replace(self, turns=(*before, answered))

    def using(self, rounds: Iterable[ToolRound]) -> "Conversation":
        """Returns the conversation with these tool rounds in its last turn."""
        *before, last = self.turns
        return replace(self, turns=(*before, replace(last, tool_rounds=tuple(rounds))))

    def starting_at(self, start: int) -> "Conversation":
        """Returns the conversation without the turns before number `start`."""
        return replace(self, start=start, turns=self.turns[start - self.start :])
