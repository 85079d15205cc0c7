"""The small pieces in which a model's answer arrives, and the draft they are folded into."""

from dataclasses import dataclass
from typing import Literal

from slackbot.conversation.history import AudioRef, Ending, ToolCall


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """What the server counted for one request, in tokens."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of the tool call number `index`; id and name come once, arguments bit by bit."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """One piece of an answer. The last `end` says how it ended; an answer without one broke off.

    From the model: `text` and `refusal` come with `text`, `call` with `piece`, `end` with `ending`,
    `usage` with `usage`. `sound` is a piece of what it says aloud, 16 bits a sample at 24 kHz; the
    words come as `text`, and `spoken` tells where the server keeps it, id and end perhaps apart. A
    `search` tells that the web is being searched, and a `source` what was found there: its address
    is the `text`.

    From those who run its tools: what was written so far ends with `calls`. For one that a person
    has to confirm first there is an `ask`, and `asked` when that is over; each has a `result`, its
    `text`. After `anew` the model begins once more: what came since its last calls does not count.

    From the bot itself: a `note` is a sentence, its `text`, that is to stand under the answer; a
    `quote` is what a person said aloud, to stand above it.
    """

    kind: Literal[
        "text",
        "refusal",
        "sound",
        "spoken",
        "search",
        "source",
        "call",
        "calls",
        "ask",
        "asked",
        "result",
        "end",
        "usage",
        "anew",
        "note",
        "quote",
    ]
    text: str = ""
    title: str = ""
    """A source's."""
    ending: Ending = "stop"
    usage: TokenUsage | None = None
    piece: ToolCallDelta | None = None
    calls: tuple[ToolCall, ...] = ()
    """All calls of a round; of `ask`, `asked` and `result` the one that it is about."""
    sound: bytes = b""
    spoken: AudioRef | None = None


NOT_RUN = "Error: not run"
"""How the result of a call begins that was not run, for whatever reason."""
