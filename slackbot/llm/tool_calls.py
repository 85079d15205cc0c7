"""What the heart knows of tools: what they are called, who calls them, and the rules of their use.

https://platform.openai.com/docs/guides/function-calling
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from slackbot.conversation.deltas import NOT_RUN, ToolCallDelta
from slackbot.conversation.history import ToolCall
from slackbot.markdown.unicode import to_well_formed

MOST_ROUNDS = 10
"""How often the model may call tools before it has to answer."""

MOST_CALLS = 16
"""How many calls of one round are run; they run together."""

LONGEST_RESULT = 20_000
"""Characters of a tool's result that the model reads: five thousand tokens or so."""

CUT = "\n[The rest was cut off: {length:,} characters in all.]"
TOO_MANY = f"{NOT_RUN}, because more than {MOST_CALLS} tools were called at once."
NO_OBJECT = "Error: the arguments are no JSON object. Call it again with one."
FAILED = "Error: the bot could not run this."
NO_MORE = f"{NOT_RUN}, because too many tools were used already. Answer with what you have."
STOPPED = "Error: a person stopped the answer before this had come to its end."
INTERRUPTED = (
    "Error: the bot was restarted before this had come to its end. Nobody knows whether it took "
    "effect: look before you call it again."
)
DECLINED = f"{NOT_RUN}, because the person did not agree. Don't call it again unasked."
UNCONFIRMED = f"{NOT_RUN}, because nobody confirmed it in time."
UNSHOWABLE = f"{NOT_RUN}, because the arguments are too long for a person to confirm them."

LONGEST_DESCRIPTION = 1_024
"""Characters of a tool's description; OpenAI takes no more."""

_NAME = re.compile(r"[^a-zA-Z0-9_-]")
LONGEST_NAME = 64
LONGEST_ID = 40
"""OpenAI takes back no longer ones; other servers give them."""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as the model is told of it. The name matches `^[a-zA-Z0-9_-]{1,64}$`."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """A JSON schema of type object."""
    requires_approval: bool = False
    """A person has to confirm each call."""

    @property
    def size(self) -> int:
        """In bytes of UTF-8, as it is counted in a request."""
        return len(json.dumps([self.name, self.description, self.parameters]).encode())


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a tool works for: a person, and where they asked. Never the model's to choose."""

    user: str
    """The person's Slack user id."""
    channel: str
    """The id of the channel or direct message."""
    team: str
    """The workspace's id."""
    thread: str = ""
    """The ts of the thread's first message."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Who takes part in the thread: Slack user id -> the name the model knows them by."""


class Tools(Protocol):
    def tools(self) -> Sequence[ToolDefinition]:
        """Those that can be called now."""

    def problem(self, call: ToolCall) -> str | None:
        """What the model is to read of a call that nobody need be asked about: it can't be run."""

    async def use(self, call: ToolCall, caller: Caller) -> str:
        """What the model is to read of a call's result; what goes wrong is told it there.

        Ends soon when it is cancelled.
        """


class ToolCallAssembler:
    """The calls of one round, gathered from their pieces."""

    def __init__(self) -> None:
        self._pieces: list[ToolCallDelta] = []
        self._last: dict[int, int] = {}
        """By index, which of the pieces goes on. There are servers that count no calls, and give
        all of them the same index: there a name with another id begins the next one.
        """

    def add(self, piece: ToolCallDelta) -> None:
        place = self._last.get(piece.index)
        if place is None or _begins_another(self._pieces[place], piece):
            place = self._last[piece.index] = len(self._pieces)
            self._pieces.append(ToolCallDelta(piece.index))
        known = self._pieces[place]
        self._pieces[place] = ToolCallDelta(
            piece.index,
            known.id or piece.id,
            known.name or piece.name,
            known.arguments + piece.arguments,
        )

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def gathered(self, taken: Iterable[str]) -> tuple[tuple[ToolCall, ...], Mapping[str, str]]:
        """The calls in order, and the results of those that can't be run, by their ids.

        Each has an id that is none of those that are `taken`, and arguments that a server takes
        back: a model may write what is no JSON, and a server may leave ids out or repeat them.
        """
        used = set(taken)
        calls: list[ToolCall] = []
        results: dict[str, str] = {}
        for piece in sorted(self._pieces, key=lambda piece: piece.index):
            number = _new_id(piece.id, used)
            used.add(number)
            name = _NAME.sub("_", piece.name)[:LONGEST_NAME] or "unnamed"
            arguments = to_well_formed(piece.arguments.strip()) or "{}"
            if not _is_object(arguments):
                results[number], arguments = NO_OBJECT, "{}"
            elif len(calls) >= MOST_CALLS:
                results[number] = TOO_MANY
            calls.append(ToolCall(number, name, arguments))
        return tuple(calls), results


def _begins_another(known: ToolCallDelta, piece: ToolCallDelta) -> bool:
    return bool(piece.name and piece.id and known.id and piece.id != known.id)


def _new_id(given: str, used: Collection[str]) -> str:
    """The id that a server gave, if it can be taken back."""
    if 0 < len(given) <= LONGEST_ID and given not in used:
        return given
    return next(name for name in (f"call_{n}" for n in count(len(used))) if name not in used)


def unknown(name: str, tools: Iterable[ToolDefinition]) -> str:
    """What the model is told that has called a tool which there is not."""
    there = ", ".join(tool.name for tool in tools) or "none"
    return f"Error: there is no tool {name}. There are: {there}."


def shortened(result: str) -> str:
    """A result with a note where it is longer than LONGEST_RESULT."""
    if len(result) <= LONGEST_RESULT:
        return to_well_formed(result)
    note = CUT.format(length=len(result))
    return to_well_formed(result[: LONGEST_RESULT - len(note)]) + note


def _is_object(arguments: str) -> bool:
    """Whether it is one that can be passed on: half a surrogate pair, escaped, can't."""
    try:
        found = json.loads(arguments)
        json.dumps(found, ensure_ascii=False).encode()
        return isinstance(found, dict)
    except (ValueError, RecursionError):
        return False
