"""What the rows of the database are called, and what stands in them.

There is a row for each thing that changes by itself, so that a change costs the same however
much is stored already:

    claim/TEAM/CHANNEL/TS                  a message was taken; stays for ever
    open/TEAM/CHANNEL/TS                   the same in full, with its reply's place; until answered
    thread/TEAM/CHANNEL/TS/header          a conversation, from the first claim in its thread on
    thread/TEAM/CHANNEL/TS/turn/00000017   one of its turns
    corrupt/TIME/...                       what could not be read, under its old keys

A value is a JSON object in UTF-8 with the version of this layout. Files get damaged and edited:
what is read is either what could have been written here, or it is refused by its key.
"""

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from slackbot.conversation import Conversation, Message, ThreadKey, Turn, Unanswered

VERSION = 1
OPEN = "open/"


class RowError(Exception):
    """A row that can't be used. Its text names the row, and never repeats what stands there."""


class UnreadableError(RowError):
    """The row does not hold what belongs there."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The row {key} of the database can't be read")


class NewerError(RowError):
    """The row follows a layout that came after this one."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The row {key} of the database is a newer version's")


def claim_key(message: Message) -> str:
    return f"claim/{_identity(message)}"


def open_key(message: Message) -> str:
    return f"{OPEN}{_identity(message)}"


def thread_prefix(thread: ThreadKey) -> str:
    return f"thread/{thread.team}/{thread.channel}/{thread.ts}/"


def header_key(thread: ThreadKey) -> str:
    return f"{thread_prefix(thread)}header"


def turns_prefix(thread: ThreadKey) -> str:
    return f"{thread_prefix(thread)}turn/"


def turn_key(thread: ThreadKey, number: int) -> str:
    """Numbers have eight digits, so that the order of keys is the order of turns."""
    return f"{turns_prefix(thread)}{number:08d}"


def _identity(message: Message) -> str:
    return f"{message.thread.team}/{message.thread.channel}/{message.ts}"


def encode(data: Mapping[str, Any]) -> bytes:
    """Half a surrogate pair, which a model's stream may hold, is written as json.loads reads it."""
    text = json.dumps({"v": VERSION, **data}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def header_data(conversation: Conversation) -> dict[str, Any]:
    return {"length": conversation.length, **conversation.header()}


def read_header(key: str, value: bytes) -> tuple[Conversation, int]:
    """The conversation without its turns, and the number of turns it has had."""
    with _refusing(key):
        data = _decode(key, value)
        conversation, length = Conversation.from_json(data, ()), data["length"]
        _require(isinstance(conversation.start, int), isinstance(length, int))
        _require(0 <= conversation.start <= length)
        _require(0 < conversation.tokens_per_byte < math.inf)
        _require(isinstance(data["names"], dict))
        _require_texts(*conversation.names.values())
    return conversation, length


def read_turn(key: str, value: bytes) -> Turn:
    with _refusing(key):
        turn = Turn.from_json(_decode(key, value))
        _require_texts(*(text for said in turn.said for text in (said.name, said.text)))
        if turn.answer is not None:
            _require_texts(turn.answer.text)
    return turn


def open_data(waiting: Unanswered) -> dict[str, Any]:
    return {"message": waiting.message.to_json(), "place": waiting.place}


def read_open(key: str, value: bytes) -> Unanswered:
    with _refusing(key):
        data = _decode(key, value)
        waiting = Unanswered(Message.from_json(data["message"]), tuple(data["place"]))
        message = waiting.message
        _require(open_key(message) == key)
        _require_texts(message.ts, message.thread.ts, message.user, message.markup, *waiting.place)
    return waiting


def _decode(key: str, value: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(value)
    version = data["v"]
    if version > VERSION:
        raise NewerError(key)
    _require(version == VERSION)
    return data


@contextmanager
def _refusing(key: str) -> Iterator[None]:
    """Whatever fails to become a value inside is an unreadable row."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableError(key) from error


def _require(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError


def _require_texts(*values: object) -> None:
    _require(*(isinstance(value, str) for value in values))
