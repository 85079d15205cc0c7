"""What stands in the rows of the database.

A value is a JSON object in UTF-8 with the version of its layout. Files get damaged and edited:
what is read is either what could have been written here, or it is refused by its key.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Annotated, Any, get_args

from pydantic import ConfigDict, Field, TypeAdapter

from slackbot.conversation.addressing import Answering
from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import Conversation, Rating, Turn
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import Message, QueuedMessage
from slackbot.instructions.scopes import Extra, Revision, Scope, ScopeSettings
from slackbot.store.keys import event_key, event_number, open_key

VERSION = 4

EVENTS: TypeAdapter[InboxEvent] = TypeAdapter(
    Annotated[InboxEvent, Field(discriminator="kind")],
    config=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False),
)


class RowError(Exception):
    """A row that can't be used. Its text names the row, and never repeats what stands there."""


class UnreadableRowError(RowError):
    """The row does not hold what belongs there."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The row {key} of the database can't be read")


class NewerRowError(RowError):
    """The row follows a layout that came after this one."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The row {key} of the database is a newer version's")


@dataclass(frozen=True, slots=True)
class MessageIndex:
    """The thread of a message, by its ts, and the number of the turn that it belongs to."""

    thread: str
    turn: int | None = None
    pending: bool = False
    """It is in the inbox and was not received yet."""
    done: str = ""
    """Of a message that is part of no turn, a command for example: since when it said what needs
    no answer any more. A later edit may need one; empty where that can't be."""


@dataclass(frozen=True, slots=True)
class Header:
    """A conversation without its turns; `touched` is in seconds since the epoch."""

    conversation: Conversation
    length: int
    touched: int


def encode(data: Mapping[str, Any]) -> bytes:
    """Half a surrogate pair, which a model's stream may hold, is written as json.loads reads it."""
    text = json.dumps({"v": VERSION, **data}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def claim_data(claim: MessageIndex) -> dict[str, Any]:
    return asdict(claim)


def read_claim(key: str, value: bytes) -> MessageIndex:
    with _refusing(key):
        data = _decode(key, value)
        claim = MessageIndex(
            data["thread"], data["turn"], data.get("pending", False), data.get("done", "")
        )
        _require_texts(claim.thread, claim.done)
        _require(isinstance(claim.pending, bool))
        _require(claim.turn is None or isinstance(claim.turn, int))
    return claim


def header_data(header: Header) -> dict[str, Any]:
    return {
        "length": header.length,
        "touched": header.touched,
        **header.conversation.header(),
    }


def read_header(key: str, value: bytes) -> Header:
    with _refusing(key):
        data = _decode(key, value)
        header = Header(Conversation.from_json(data, ()), data["length"], data["touched"])
        conversation = header.conversation
        _require(isinstance(conversation.start, int), isinstance(header.length, int))
        _require(0 <= conversation.start <= header.length)
        _require(0 < conversation.tokens_per_byte < math.inf)
        _require(isinstance(header.touched, int) and header.touched >= 0)
        _require(isinstance(data["names"], dict))
        _require_texts(*conversation.names.values())
    return header


def read_turn(key: str, value: bytes) -> Turn:
    with _refusing(key):
        turn = Turn.from_json(_decode(key, value))
        for said in turn.messages:
            _require_texts(said.name, said.text, said.ts, said.user)
            _require_files(said.files)
            _require(isinstance(said.for_bot, bool))
        _require_texts(*turn.reply_ts)
        _require(all(verdict in get_args(Rating) for verdict in turn.feedback.values()))
        if turn.answer is not None:
            _require_texts(turn.answer.text, turn.answer.refusal)
            spoken = turn.answer.spoken
            _require(spoken is None or isinstance(spoken.expires, int))
        for each in turn.tool_rounds:
            _require_texts(each.text, *each.results.values())
            for call in each.calls:
                _require_texts(call.id, call.name, call.arguments)
    return turn


def open_data(waiting: QueuedMessage) -> dict[str, Any]:
    return {
        "message": waiting.message.to_json(),
        "reply_ts": waiting.reply_ts,
        "deleted": waiting.deleted,
    }


def read_open(key: str, value: bytes) -> QueuedMessage:
    with _refusing(key):
        data = _decode(key, value)
        message = Message.from_json(data["message"])
        waiting = QueuedMessage(message, tuple(data["reply_ts"]), data["deleted"])
        _require(isinstance(waiting.deleted, bool))
        _require(open_key(message) == key)
        _require_texts(
            message.ts, message.thread.ts, message.user, message.markup, *waiting.reply_ts
        )
        _require_files(message.files)
    return waiting


def event_data(event: InboxEvent) -> dict[str, Any]:
    return asdict(event)


def read_event(key: str, value: bytes) -> StoredEvent:
    with _refusing(key):
        data = _decode(key, value)
        del data["v"]
        EVENTS.validate_json(json.dumps(data, ensure_ascii=False).encode(errors="replace"))
        event = EVENTS.validate_python(data, strict=False)
        number = event_number(key)
        _require(event_key(number, event) == key)
    return StoredEvent(number, event)


def last_event(key: str, value: bytes) -> int:
    """The number of the last event that was appended."""
    with _refusing(key):
        number: int = _decode(key, value)["number"]
        _require(isinstance(number, int) and number >= 0)
    return number


def read_feedback(key: str, value: bytes) -> dict[Rating, int]:
    with _refusing(key):
        data = _decode(key, value)
        counted: dict[Rating, int] = {"good": data["good"], "bad": data["bad"]}
        _require(*(isinstance(number, int) for number in counted.values()))
    return counted


def revision_data(revision: Revision) -> dict[str, Any]:
    return asdict(revision)


def read_revision(key: str, value: bytes) -> Revision:
    with _refusing(key):
        data = _decode(key, value)
        setup = _setup(**data.pop("settings"))
        revision = Revision(
            **{name: data[name] for name in ("number", "at", "user", "restores", "origin")},
            settings=setup,
        )
        _require(isinstance(revision.number, int), isinstance(revision.at, int))
        _require_texts(revision.user, revision.origin)
        _require(revision.restores is None or isinstance(revision.restores, int))
    return revision


def _setup(
    *,
    text: str | None,
    model: str | None,
    answering: Answering | None,
    prompts: list[str] | None,
    extras: list[Extra] | None,
) -> ScopeSettings:
    _require_texts(text or "", model or "", *(prompts or ()))
    _require(answering is None or answering in get_args(Answering))
    _require(all(extra in get_args(Extra) for extra in extras or ()))
    shown = None if prompts is None else tuple(prompts)
    return ScopeSettings(text, model, answering, shown, None if extras is None else tuple(extras))


def change_data(scope: Scope, number: int) -> dict[str, Any]:
    return {"scope": asdict(scope), "number": number}


def read_change(key: str, value: bytes) -> tuple[Scope, int]:
    """The scope that was changed, and the number of the edition."""
    with _refusing(key):
        data = _decode(key, value)
        scope = Scope(**data["scope"])
        _require_texts(scope.team, scope.channel, scope.thread)
        _require(isinstance(data["number"], int))
    return scope, data["number"]


def _decode(key: str, value: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(value)
    version = data["v"]
    if version > VERSION:
        raise NewerRowError(key)
    _require(version == VERSION)
    return data


@contextmanager
def _refusing(key: str) -> Iterator[None]:
    """Whatever fails to become a value inside is an unreadable row."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableRowError(key) from error


def _require(*conditions: bool) -> None:
    if not all(conditions):
        raise ValueError


def _require_texts(*values: object) -> None:
    _require(*(isinstance(value, str) for value in values))


def _require_files(files: Iterable[Attachment]) -> None:
    for file in files:
        _require_texts(file.id, file.name, file.mimetype, file.words)
        _require(file.size is None or isinstance(file.size, int))
