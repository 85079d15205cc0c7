"""Tool calls arrive in pieces; here they are put together, so that a server takes them back."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from math import isfinite
from typing import Any

from slackbot.conversation.deltas import ToolCallDelta
from slackbot.conversation.history import ToolCall
from slackbot.llm.tool_calls import (
    ARGUMENTS_TOO_LONG,
    INVALID_ARGUMENTS,
    MAX_ARGUMENTS_CHARACTERS,
    MAX_CALLS_PER_ROUND,
    MAX_TOOL_NAME_CHARACTERS,
    TOO_MANY_CALLS,
)
from slackbot.markdown.unicode import to_well_formed

MAX_CALLS_RECEIVED = 128
"""Of one round. MAX_CALLS_PER_ROUND of them are run, and the model is told of the others."""

MAX_CALL_ID_CHARACTERS = 40
"""OpenAI takes back no longer ids; other servers give them."""

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


class ToolCallAssembler:
    """Assembles the calls of one round."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forgets all calls: the model begins its response again."""
        self._calls: list[_Call] = []
        self._latest: dict[int, int] = {}
        """By index, which of the calls goes on. Some servers give every call the same index: there
        a name with another id begins the next call; where there are no ids, another name, or one
        after a call that is whole.
        """
        self.is_full = False
        """Whatever follows would be refused: the model need not write on."""

    def add(self, piece: ToolCallDelta) -> None:
        place = self._latest.get(piece.index)
        if place is None or _begins_another(self._calls[place], piece):
            place = self._latest[piece.index] = self._place_of(piece)
        known = self._calls[place]
        known.id = known.id or piece.id
        known.name = known.name or piece.name
        known.add(piece.arguments)
        self.is_full = self.is_full or known.is_too_long or len(self._calls) > MAX_CALLS_RECEIVED

    def _place_of(self, piece: ToolCallDelta) -> int:
        """That of the call with this index and id, or of a new one."""
        for place, call in enumerate(self._calls):
            if piece.id and (call.index, call.id) == (piece.index, piece.id):
                return place
        self._calls.append(_Call(piece.index))
        return len(self._calls) - 1

    def __bool__(self) -> bool:
        return bool(self._calls)

    def assemble(self, taken: Iterable[str]) -> tuple[tuple[ToolCall, ...], Mapping[str, str]]:
        """The calls in order, and the results of those that can't be run, by their ids.

        Each call has an id that is none of those `taken`, and arguments that a server takes back:
        a model may write what is no JSON, and a server may leave ids out or repeat them.
        """
        used = set(taken)
        calls: list[ToolCall] = []
        results: dict[str, str] = {}
        for call in sorted(self._calls[:MAX_CALLS_RECEIVED], key=lambda call: call.index):
            call_id = _new_id(call.id, used)
            used.add(call_id)
            name = _NOT_IN_NAMES.sub("_", call.name)[:MAX_TOOL_NAME_CHARACTERS] or "unnamed"
            arguments = to_well_formed(call.arguments) or "{}"
            if call.is_too_long:
                results[call_id], arguments = ARGUMENTS_TOO_LONG, "{}"
            elif not _is_object(arguments):
                results[call_id], arguments = INVALID_ARGUMENTS, "{}"
            elif len(calls) >= MAX_CALLS_PER_ROUND:
                results[call_id] = TOO_MANY_CALLS
            calls.append(ToolCall(call_id, name, arguments))
        return tuple(calls), results


@dataclass(slots=True)
class _Call:
    index: int
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    """Its arguments: joined in the end, as they may come in a hundred thousand pieces."""
    size: int = 0
    """How many characters they have."""

    def add(self, arguments: str) -> None:
        self.size += len(arguments)
        self.pieces.append(arguments)
        if self.is_too_long:
            self.pieces.clear()

    @property
    def is_too_long(self) -> bool:
        return self.size > MAX_ARGUMENTS_CHARACTERS

    @property
    def arguments(self) -> str:
        """The pieces together, or the last one, where that repeats the ones before it."""
        joined = "".join(self.pieces).strip()
        last = next((piece.strip() for piece in reversed(self.pieces) if piece.strip()), "")
        if last == joined or not _is_object(last):
            return joined
        grows = all(last.startswith(piece.strip()) for piece in self.pieces)
        return last if grows or _is_object(joined.removesuffix(last)) else joined


def _begins_another(known: _Call, piece: ToolCallDelta) -> bool:
    if not (piece.name and known.name):
        return False
    if piece.id or known.id:
        return bool(piece.id and known.id and piece.id != known.id)
    return piece.name != known.name or _is_object("".join(known.pieces))


def _new_id(given: str, used: Collection[str]) -> str:
    """The id that a server gave, if it takes that back, or a new one."""
    if 0 < len(given) <= MAX_CALL_ID_CHARACTERS and given not in used:
        return given
    return next(name for name in (f"call_{n}" for n in count(len(used))) if name not in used)


def _is_object(arguments: str) -> bool:
    """Whether it is a JSON object that means the same to all who read it.

    Half a surrogate pair can't be passed on. Of two members with the same key one reader takes the
    first and another the last, and 1e400 is infinite to one and an error to another.
    """
    try:
        parsed = json.loads(
            arguments,
            object_pairs_hook=_with_each_key_once,
            parse_float=_finite,
            parse_constant=_finite,
        )
        json.dumps(parsed, ensure_ascii=False).encode()
        return isinstance(parsed, dict)
    except (ValueError, RecursionError):
        return False


def _with_each_key_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises ValueError for an object that has a key twice."""
    found = dict(members)
    if len(found) < len(members):
        raise ValueError
    return found


def _finite(number: str) -> float:
    """Raises ValueError for a number that is none."""
    value = float(number)
    if not isfinite(value):
        raise ValueError
    return value
