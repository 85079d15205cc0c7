"""Where the rows of each kind of key (`keys.py`) stand: in which table, and in which columns.

    inbox/T1/C1/1.2/000000000017/message/1.2
    -> inbox (team_id 'T1', channel_id 'C1', thread_ts '1.2', number 17, identity 'message/1.2')

The columns of a key are the primary key of its table, in this order, so that rows with a prefix are
next to each other in the index. `migrations/` creates the tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from slackbot.store.table import end_of

ABSENT = -1
"""Stands in a number's column where the key has no such part."""


@dataclass(frozen=True, slots=True)
class Column:
    """A part of a key."""

    name: LiteralString
    digits: int = 0
    """Of a number, which a key holds with leading zeros; 0 for a text."""
    optional: bool = False
    """The key may end before this part."""

    def value(self, part: str) -> str | int:
        return int(part) if self.digits else part

    @property
    def key_part(self) -> LiteralString:
        """The part of a key, with the slash before it, as an expression of SQL."""
        if not self.digits:
            return f"'/' || {self.name}"
        width: LiteralString = "0" * self.digits
        number: LiteralString = f"'/' || to_char({self.name}, 'FM{width}')"
        return f"CASE WHEN {self.name} < 0 THEN '' ELSE {number} END" if self.optional else number


@dataclass(frozen=True, slots=True)
class Kind:
    """The keys of one kind. The last column takes the rest of a key, with the slashes in it."""

    name: LiteralString
    table: LiteralString
    columns: Sequence[Column]

    @property
    def names(self) -> LiteralString:
        """Of the columns, with commas between them."""
        return ", ".join(column.name for column in self.columns)

    @property
    def descending(self) -> LiteralString:
        return ", ".join(f"{column.name} DESC" for column in self.columns)

    @property
    def key(self) -> LiteralString:
        """The key of a row, as an expression of SQL."""
        return f"'{self.name}' || " + " || ".join(column.key_part for column in self.columns)

    def values(self, key: str) -> list[str | int]:
        """What stands in the columns for a key, without its kind's name."""
        found = self.first_values(self.split(key))
        return found + [ABSENT] * (len(self.columns) - len(found))

    def text(self, values: Sequence[str | int]) -> str:
        """The key with these values, as `key` writes it."""
        parts = (
            f"{value:0{column.digits}d}" if column.digits else str(value)
            for column, value in zip(self.columns, values, strict=True)
            if not (column.optional and value == ABSENT)
        )
        return "/".join((self.name, *parts))

    def first_values(self, parts: Sequence[str]) -> list[str | int]:
        return [column.value(part) for column, part in zip(self.columns, parts, strict=False)]

    def split(self, rest: str) -> list[str]:
        return rest.split("/", len(self.columns) - 1)


def _text(*names: LiteralString) -> tuple[Column, ...]:
    return tuple(map(Column, names))


_THREAD = _text("team_id", "channel_id", "thread_ts")

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("inbox", "inbox", (*_THREAD, Column("number", 12), Column("identity"))),
        Kind("seen", "seen_events", (*_THREAD, Column("identity"))),
        Kind("claim", "messages", _text("team_id", "channel_id", "ts")),
        Kind("open", "waiting_messages", (*_THREAD, Column("ts"))),
        Kind("again", "regenerations", (*_THREAD, Column("number", 8))),
        Kind("header", "conversations", _THREAD),
        Kind("turn", "turns", (*_THREAD, Column("number", 8))),
        Kind("lost", "lost_messages", (*_THREAD, Column("ts"))),
        Kind(
            "draft",
            "drafts",
            (
                *_THREAD,
                Column("draft"),
                Column("round", 4, optional=True),
                Column("call", 4, optional=True),
            ),
        ),
        Kind("instructions", "instructions", (*_THREAD, Column("number", 8))),
        Kind("amended", "instruction_changes", (*_text("team_id"), Column("number", 8))),
        Kind("allowed", "allowed_people", _text("team_id", "channel_id", "user_id")),
        Kind("feedback", "feedback", _text("team_id")),
        Kind("request", "requests", (*_text("team_id"), Column("at", 12), Column("digest"))),
        Kind("pins", "tool_pins", _text("team_id", "server")),
        Kind("installation", "installations", _text("enterprise_id", "team_id")),
        Kind("rates", "rates", _text("team_id")),
        Kind("corrupt", "unreadable_rows", _text("set_aside_at", "key")),
        Kind("meta", "counters", _text("name", "team_id")),
        Kind("check", "checks", _text("id")),
    )
}


def kind_of(key: str) -> tuple[Kind, str]:
    """The kind of a key, or of a prefix, and the rest after the slash."""
    name, _, rest = key.partition("/")
    return KINDS[name], rest


def holds(key: str) -> bool:
    """Whether a row can stand under this key: it names a kind, and comes out as it went in."""
    try:
        kind, rest = kind_of(key)
        values = kind.values(rest)
    except (KeyError, ValueError):
        return False
    return "\0" not in key and key == kind.text(values)


def condition(prefix: str) -> tuple[Kind, LiteralString, list[str | int]]:
    """The rows whose keys begin with `prefix`, as a condition of SQL and its values."""
    kind, rest = kind_of(prefix)
    *parts, beginning = kind.split(rest)
    values = kind.first_values(parts)
    terms: list[LiteralString] = [f"{each.name} = %s" for each in kind.columns[: len(parts)]]
    if beginning:
        last = kind.columns[len(parts)]
        if last.digits:
            terms.append(f"{last.name} = %s")
            values.append(last.value(beginning))
        else:
            terms.append(f"{last.name} >= %s AND {last.name} < %s")
            values += [beginning, end_of(beginning)]
    return kind, " AND ".join(terms) or "true", values


def from_key(key: str, relation: LiteralString) -> tuple[LiteralString, list[str | int]]:
    """The rows of a kind before or after a key, as a condition of SQL and its values."""
    kind, rest = kind_of(key)
    marks: LiteralString = ", ".join(["%s"] * len(kind.columns))
    return f"({kind.names}) {relation} ({marks})", kind.values(rest)
