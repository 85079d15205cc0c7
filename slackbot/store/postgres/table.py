"""The rows of a PostgreSQL database, by their keys, within one transaction after the other."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, LiteralString

from psycopg import sql

from slackbot.errors import StoreError
from slackbot.store import keys
from slackbot.store.postgres import texts
from slackbot.store.postgres.connection import TimedConnection
from slackbot.store.postgres.errors import FailedGuardError
from slackbot.store.postgres.layout import Kind, condition, from_key, kind_of
from slackbot.store.row_format import VERSION, escape_half_pairs
from slackbot.store.table import NO_LIMIT

log = logging.getLogger(__name__)

TEAMS: LiteralString = """
WITH RECURSIVE found AS (
    SELECT min(team_id) AS team_id FROM {table}
    UNION ALL
    SELECT (SELECT min(team_id) FROM {table} WHERE team_id > found.team_id)
    FROM found WHERE found.team_id IS NOT NULL
)
SELECT team_id FROM found WHERE team_id IS NOT NULL
"""
"""Looks at one row of the index for each workspace, where DISTINCT would look at all."""

ANY: tuple[LiteralString, list[str | int]] = ("true", [])
"""The condition that all rows meet."""

_VERSION = re.compile(r'\{"v":(\d{1,9})[,}]')
"""How every row begins that a program has written."""


class PostgresTable:
    """Implements `Table`. Each operation of the store brings its connection, whose transaction is
    committed after it. psycopg.Error comes out as it is.

    What reads the value of a row that a newer version of the bot has written raises StoreError:
    during an upgrade both use the database, and nothing that can't be read here may be set aside.
    """

    def __init__(self, connection: TimedConnection, guard: sql.Composed | None = None) -> None:
        """`guard` is a statement without whose row nothing may be changed."""
        self._connection = connection
        self._guard = guard

    def go_on(self, other: "PostgresTable") -> None:
        """Goes on in the transaction of another table."""
        self._connection, self._guard = other._connection, other._guard  # noqa: SLF001 - its own

    def __contains__(self, key: str, /) -> bool:
        where, values = from_key(key, "=")
        kind, _ = kind_of(key)
        return bool(self.execute(f"SELECT 1 FROM {kind.table} WHERE {where}", *values))

    def get(self, key: str) -> bytes | None:
        where, values = from_key(key, "=")
        kind, _ = kind_of(key)
        rows = self.execute(f"SELECT value::text FROM {kind.table} WHERE {where}", *values)
        return _encoded(key, rows[0][0]) if rows else None

    def range(self, first: str, prefix: str, most: int = NO_LIMIT) -> list[tuple[str, bytes]]:
        return self._rows(prefix, most, *(from_key(first, ">=") if first != prefix else ANY))

    def page(self, after: str, prefix: str, most: int) -> list[tuple[str, bytes]]:
        return self._rows(prefix, most, *(from_key(after, ">") if after else ANY))

    def ranges(self, *prefixes: str) -> list[tuple[str, bytes]]:
        parts = map(condition, prefixes)
        return self._union((_select(kind, where), values) for kind, where, values in parts)

    def keys(self, prefix: str) -> list[str]:
        kind, where, values = condition(prefix)
        statement: LiteralString = (
            f"SELECT {kind.key} FROM {kind.table} WHERE {where} ORDER BY {kind.names}"
        )
        return [key for (key,) in self.execute(statement, *values)]

    def last(self, *prefixes: str) -> list[tuple[str, bytes]]:
        parts = map(condition, prefixes)
        return self._union(
            (f"({_select(kind, where)} ORDER BY {kind.descending} LIMIT 1)", values)
            for kind, where, values in parts
        )

    def teams(self, kind: str) -> list[str]:
        found, _ = kind_of(kind)
        return [team for (team,) in self.execute(TEAMS.format(table=found.table))]

    def naming(self, text: str, prefix: str, most: int) -> Iterator[list[str]]:
        kind, where, values = condition(prefix)
        after, beyond = list[str | int](), ""
        while True:
            named: LiteralString = f"strpos(value::text, %s) > 0 OR strpos({kind.key}, %s) > 0"
            bound, after = from_key(beyond, ">") if beyond else ANY
            found = self.execute(
                f"SELECT {kind.key}, {named} FROM {kind.table} WHERE {where} AND {bound} "
                f"ORDER BY {kind.names} LIMIT %s",
                *(text, text, *values, *after, most),
            )
            if not found:
                return
            yield [key for key, is_named in found if is_named]
            beyond = found[-1][0]

    def put(self, key: str, value: bytes) -> None:
        kind, rest = kind_of(key)
        marks: LiteralString = ", ".join(["%s"] * (len(kind.columns) + 1))
        self.execute(
            f"INSERT INTO {kind.table} ({kind.names}, value) VALUES ({marks}) "
            f"ON CONFLICT ({kind.names}) DO UPDATE SET value = excluded.value",
            *(*kind.values(rest), _json(value)),
        )

    def remove(self, key: str) -> None:
        where, values = from_key(key, "=")
        kind, _ = kind_of(key)
        self.execute(f"DELETE FROM {kind.table} WHERE {where}", *values)

    def remove_rows(self, keys: Sequence[str]) -> None:
        for name, some in groupby(sorted(keys), lambda key: key.partition("/")[0]):
            kind, _ = kind_of(f"{name}/")
            columns = zip(*(kind.values(kind_of(key)[1]) for key in some), strict=True)
            types: LiteralString = ", ".join(
                "%s::bigint[]" if column.digits else "%s::text[]" for column in kind.columns
            )
            same: LiteralString = " AND ".join(
                f"{kind.table}.{column.name} = gone.{column.name}" for column in kind.columns
            )
            self.execute(
                f"DELETE FROM {kind.table} USING unnest({types}) AS gone ({kind.names}) "
                f"WHERE {same}",
                *map(list, columns),
            )

    def remove_all(self, prefix: str) -> None:
        kind, where, values = condition(prefix)
        self.execute(f"DELETE FROM {kind.table} WHERE {where}", *values)

    def move(self, prefix: str, to: str) -> None:
        for key, value in self.range(prefix, prefix):
            self.put(f"{to}{key}", value)
        self.remove_all(prefix)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The transaction is that of the whole operation, which an error undoes."""
        if self._guard is not None:
            if not self._connection.execute(self._guard).fetchall():
                raise FailedGuardError
            self._guard = None
        yield

    def shrink(self) -> None:
        """The server's own vacuum does it."""

    def now(self) -> float:
        """The server's time in seconds since the epoch: the clocks of its clients may differ."""
        ((now,),) = self.execute("SELECT extract(epoch FROM clock_timestamp())::double precision")
        return float(now)

    def _rows(
        self, prefix: str, most: int, bound: LiteralString, bound_values: Sequence[str | int]
    ) -> list[tuple[str, bytes]]:
        kind, where, values = condition(prefix)
        values += bound_values
        statement: LiteralString = f"{_select(kind, where)} AND {bound} ORDER BY {kind.names}"
        if most != NO_LIMIT:
            values.append(most)
            statement = f"{statement} LIMIT %s"
        return [(key, _encoded(key, value)) for key, value in self.execute(statement, *values)]

    def _union(
        self, parts: Iterator[tuple[LiteralString, list[str | int]]]
    ) -> list[tuple[str, bytes]]:
        selects, values = list[LiteralString](), list[str | int]()
        for select, some in parts:
            selects.append(select)
            values += some
        rows = self.execute(" UNION ALL ".join(selects), *values)
        return [(key, _encoded(key, value)) for key, value in rows]

    def execute(self, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Runs a statement, and returns its rows."""
        cursor = self._connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def _select(kind: Kind, where: LiteralString) -> LiteralString:
    return f"SELECT {kind.key}, value::text FROM {kind.table} WHERE {where}"


def _encoded(key: str, value: str) -> bytes:
    version = _VERSION.match(value)
    if version is not None and int(version[1]) > VERSION and not key.startswith(keys.CORRUPT):
        log.warning("A newer version of the bot has written the row %s", key)
        raise StoreError(texts.NEWER_ROW)
    return value.encode()


def _json(value: bytes) -> str:
    return escape_half_pairs(value.decode("utf-8", "surrogatepass"))
