"""What stands in the rows of the database.

A value is a JSON object in UTF-8 with the version of its layout. Files get damaged and edited:
what is read is either what could have been written here, or it is refused by its key.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from slackbot.conversation.history import Conversation, ToolRound, Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import QueuedMessage, RegenerationCause
from slackbot.conversation.post_intent import PostIntent
from slackbot.conversation.token_rate import plausible_rate
from slackbot.delivery.rate_memory import RateMemory
from slackbot.instructions.revisions import Revision
from slackbot.instructions.scopes import Scope
from slackbot.llm.tool_pins import ServerPins
from slackbot.store import keys
from slackbot.workspaces.installations import Installation

VERSION = 5

T = TypeVar("T")

Natural = Annotated[int, Field(ge=0)]

TurnNumber = Annotated[int, Field(ge=0, lt=2**63)]
"""SQLite has no larger numbers."""

_BEGIN = f'{{"v":{VERSION},'.encode()
"""Every row that was written here begins with this."""

_HALF_PAIR = re.compile("[\ud800-\udfff]")

_REPLACED = "\ufffd".encode()

EMPTY = f'{{"v":{VERSION}}}'.encode()
"""The value of a row whose key says it all."""


class UnreadableRowError(Exception):
    """A row does not hold what belongs there: it is damaged, or has the version of another layout.

    The text names the row, and never repeats what stands there.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"The row {key} of the database can't be read")


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
        """Raises UnreadableRowError."""
        try:
            value = self._read(_content(row))
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
    cause: RegenerationCause = "pressed"
    unless: tuple[Ts, ...] = ()
    """Messages that waited when the question was edited: once one of them is answered, the question
    is no longer the last, and its turn stays as it is."""


@dataclass(frozen=True, slots=True)
class Header:
    """A conversation without its turns."""

    length: TurnNumber
    newest: Natural
    """When something last happened in the thread, by Slack's clock, in seconds since the epoch."""
    start: TurnNumber
    names: Mapping[UserId, str]
    tokens_per_byte: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    lost: bool = False
    """As in Conversation."""

    @classmethod
    def of(cls, conversation: Conversation, newest: int) -> "Header":
        return cls(
            conversation.length,
            newest,
            conversation.start,
            conversation.names,
            conversation.tokens_per_byte,
            conversation.lost,
        )

    @property
    def conversation(self) -> Conversation:
        rate = plausible_rate(self.tokens_per_byte)
        return Conversation((), self.start, self.names, rate, self.lost)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of one call of a draft's tools."""

    call: str
    """The call's ID."""
    result: str


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


@dataclass(frozen=True, slots=True)
class Restored:
    """The database was restored from a backup."""

    until: Ts
    """The newest message that waited in it."""


MESSAGE_INDEX = RowFormat[MessageIndex](MessageIndex)
QUEUED_MESSAGE = RowFormat[QueuedMessage](
    QueuedMessage, lambda key, waiting: keys.open_key(waiting.message) == key
)
REGENERATION = RowFormat[Regeneration](Regeneration)
HEADER = RowFormat[Header](Header, lambda _, header: header.start <= header.length)
TURN = RowFormat[Turn](Turn)
TOOL_ROUND = RowFormat[ToolRound](ToolRound)
"""A round of a draft; its results have rows of their own."""
TOOL_RESULT = RowFormat[ToolResult](ToolResult)
REVISION = RowFormat[Revision](
    Revision,
    lambda key, revision: revision.settings is not None and revision.number == keys.number_of(key),
)
REVISION_INDEX = RowFormat[RevisionIndex](RevisionIndex)
RATING_COUNT = RowFormat[RatingCount](RatingCount)
RATES = RowFormat[RateMemory](RateMemory)
SERVER_PINS = RowFormat[ServerPins](ServerPins)
INSTALLATION = RowFormat[Installation](
    Installation, lambda key, installation: keys.installation_key(installation.key) == key
)
RESTORED = RowFormat[Restored](Restored)
EVENT_COUNT = RowFormat[EventCount](EventCount)
EVENT = RowFormat[InboxEvent](
    Annotated[InboxEvent, Field(discriminator="kind")],
    lambda key, event: keys.event_key(keys.event_number(key), event) == key,
)


def read_event(key: str, row: bytes) -> StoredEvent:
    """Raises UnreadableRowError."""
    return StoredEvent(keys.event_number(key), EVENT.read(key, row))


def escape_half_pairs(text: str) -> str:
    """JSON in which half a surrogate pair is an escape: UTF-8 has no room for it."""
    return _HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _content(row: bytes) -> bytes:
    """The row without its version. Raises ValueError if that is another layout's."""
    if row.startswith(_BEGIN):
        return b"{" + row[len(_BEGIN) :]
    data = json.loads(row)  # somebody has written it by hand
    if data.pop("v") != VERSION:
        raise ValueError
    return _dump(data)


def _dump(data: Any) -> bytes:
    """JSON in which half a surrogate pair stands as json.loads reads it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
