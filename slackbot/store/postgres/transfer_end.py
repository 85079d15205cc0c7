"""A PostgreSQL database as one end of a transfer."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import sql

from slackbot.errors import StoreError
from slackbot.store.postgres.connection import OPTIONS, TimedConnection
from slackbot.store.postgres.errors import store_error
from slackbot.store.postgres.layout import KINDS, holds
from slackbot.store.postgres.opening import prepare
from slackbot.store.postgres.table import PostgresTable
from slackbot.store.row_digest import Row

PAGE_SECONDS = 120.0

IN_USE = """
SELECT 1 FROM replicas WHERE expires_at > now()
UNION ALL SELECT 1 FROM leases WHERE expires_at > now()
"""


class _Table(PostgresTable):
    """Its transactions are its own."""

    def __init__(self, connection: TimedConnection) -> None:
        super().__init__(connection)
        self._own = connection

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._own.deadline = time.monotonic() + PAGE_SECONDS
        with self._own.transaction():
            yield


class PostgresEnd:
    """Implements `transfer.TransferEnd`."""

    def __init__(self, connection: TimedConnection) -> None:
        self._connection = connection
        self.table = _Table(connection)

    def count(self) -> int:
        counts = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(kind.table))
            for kind in KINDS.values()
        )
        return sum(count for (count,) in self._connection.execute(counts))

    def pages(self, size: int) -> Iterator[Sequence[Row]]:
        for kind in KINDS:
            after = ""
            while page := self._page(after, f"{kind}/", size):
                yield page
                after = page[-1][0]

    def _page(self, after: str, prefix: str, size: int) -> Sequence[Row]:
        self._connection.deadline = time.monotonic() + PAGE_SECONDS
        return self.table.page(after, prefix, size)

    def holds(self, key: str) -> bool:
        return holds(key)

    def write(self, rows: Sequence[Row]) -> None:
        with self._connection.pipeline():
            for key, value in rows:
                self.table.put(key, value)

    def clear(self) -> None:
        tables = sql.SQL(", ").join(sql.Identifier(kind.table) for kind in KINDS.values())
        self._connection.execute(sql.SQL("TRUNCATE {}").format(tables))

    def check_unused(self) -> None:
        if self._connection.execute(IN_USE).fetchall():
            raise StoreError("A bot uses the PostgreSQL database: stop it.")


@contextmanager
def postgres_end(address: str) -> Iterator[PostgresEnd]:
    """The database at an address, with the tables of this version. Raises ConfigError and
    StoreError.
    """
    conninfo = prepare(address, whole=False)
    try:
        with TimedConnection.connect(conninfo, **OPTIONS) as connection:
            yield PostgresEnd(connection)
    except psycopg.Error as error:
        raise store_error(error) from error
