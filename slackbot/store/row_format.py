"""What stands in the rows of the database.

A value is a JSON object in UTF-8 with the version of its layout. Files get damaged and edited:
what is read is either what could have been written here, or it is refused by its key.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import QueuedMessage
from slackbot.conversation.post_intent import PostIntent
from slackbot.conversation.token_rate import plausible_rate
from slackbot.delivery.rate_memory import RateMemory
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.store import keys

VERSION = 4

T = TypeVar("T")

Natural = Annotated[int, Field(ge=0)]

_BEGIN = f'{{"v":{VERSION},'.encode()
"""Every row that was written here begins with this."""

_REPLACED = "\ufffd".encode()

EMPTY = f'{{"v":{VERSION}}}'.encode()
"""The value of a row whose key says it all."""


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


class RowFormat(Generic[T]):
    """How values of one kind stand in rows. `fits` says whether a value belongs under a key."""

    def __init__(self, kind: Any, fits: Callable[[str, T], bool] = lambda *_: True) -> None:
        self._kind = kind
        self._fits = fits

    def encode(self, value: T) -> bytes:
        """Also half a surrogate pair, which a model's stream may hold, and pydantic refuses in a
        text and replaces in a dictionary's key.
        """
        try:
            content = self._adapter.dump_json(value)
        except PydanticSerializationError:
            content = _REPLACED
        if _REPLACED in content:
            content = _dump(self._adapter.dump_python(value))
        return _BEGIN + content[1:]

    def read(self, key: str, row: bytes) -> T:
        """Raises RowError."""
        try:
            value = self._read(_content(key, row))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise UnreadableRowError(key) from None  # the cause would repeat what stands there
        if not self._fits(key, value):
            raise UnreadableRowError(key)
        return value

    def _read(self, content: bytes) -> T:
        try:
            return self._adapter.validate_json(content, strict=True, extra="forbid")
        except ValidationError:
            data = json.loads(content)
            plain = json.dumps(data, ensure_ascii=False).encode(errors="replace")
            if plain == json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"):
                raise
        # pydantic reads half a surrogate pair from Python's values alone, and those less strictly.
        self._adapter.validate_json(plain, strict=True, extra="forbid")
        return self._adapter.validate_python(data, extra="forbid")

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)


@dataclass(frozen=True, slots=True)
class MessageIndex:
    """The thread of a message, by its ts, and the number of the turn that it belongs to."""

    thread: Ts
    turn: int | None = None
    pending: bool = False
    """It is in the inbox and was not received yet."""
    carried_out: bool = False
    """It was a command; an edit may still make a question of it."""
    edited_ts: Ts = Ts("")
    """When the command was last edited."""
    deleted: bool = False
    """Somebody deleted the message, perhaps before the bot knew that it had posted it."""


@dataclass(frozen=True, slots=True)
class Regeneration:
    """A turn to answer again; its row was empty before there were intents."""

    posting: PostIntent | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """A conversation without its turns; `touched` is in seconds since the epoch."""

    length: int
    touched: Natural
    start: Natural
    names: Mapping[UserId, str]
    tokens_per_byte: Annotated[float, Field(gt=0, allow_inf_nan=False)]

    @classmethod
    def of(cls, conversation: Conversation, touched: int) -> "Header":
        return cls(
            conversation.length,
            touched,
            conversation.start,
            conversation.names,
            conversation.tokens_per_byte,
        )

    @property
    def conversation(self) -> Conversation:
        return Conversation((), self.start, self.names, plausible_rate(self.tokens_per_byte))


@dataclass(frozen=True, slots=True)
class RatingCount:
    """How often people said what about an answer."""

    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class RevisionIndex:
    """Which revision a change made, and for which scope."""

    scope: Scope
    number: int


@dataclass(frozen=True, slots=True)
class EventCount:
    """The number of the event that was appended last."""

    number: Natural


MESSAGE_INDEX = RowFormat[MessageIndex](MessageIndex)
QUEUED_MESSAGE = RowFormat[QueuedMessage](
    QueuedMessage, lambda key, waiting: keys.open_key(waiting.message) == key
)
REGENERATION = RowFormat[Regeneration](Regeneration)
HEADER = RowFormat[Header](Header, lambda _, header: header.start <= header.length)
TURN = RowFormat[Turn](Turn)
REVISION = RowFormat[Revision](Revision)
REVISION_INDEX = RowFormat[RevisionIndex](RevisionIndex)
RATING_COUNT = RowFormat[RatingCount](RatingCount)
RATES = RowFormat[RateMemory](RateMemory)
EVENT_COUNT = RowFormat[EventCount](EventCount)
EVENT = RowFormat[InboxEvent](
    Annotated[InboxEvent, Field(discriminator="kind")],
    lambda key, event: keys.event_key(keys.event_number(key), event) == key,
)


def read_event(key: str, row: bytes) -> StoredEvent:
    """Raises RowError."""
    return StoredEvent(keys.event_number(key), EVENT.read(key, row))


def _content(key: str, row: bytes) -> bytes:
    """The row without its version."""
    if row.startswith(_BEGIN):
        return b"{" + row[len(_BEGIN) :]
    data = json.loads(row)  # somebody has written it by hand
    version = data.pop("v")
    if version > VERSION:
        raise NewerRowError(key)
    if version != VERSION:
        raise UnreadableRowError(key)
    return _dump(data)


def _dump(data: Any) -> bytes:
    """JSON in which half a surrogate pair stands as json.loads reads it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
