"""Transactions on the connections to one database, from threads, so that nobody waits for them.

Each transaction ends in time, successfully or not. Connections that the server has closed are
replaced; while there is no server, each transaction fails at once.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from slackbot.store.postgres.connection import CONNECT_SECONDS, OPTIONS, TimedConnection
from slackbot.store.postgres.errors import (
    DeadlineError,
    FailedGuardError,
    UnreachableDatabaseError,
)

T = TypeVar("T")

Work = Callable[[TimedConnection], T]

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 8

TRANSACTION_SECONDS = 20.0
"""How long a transaction may take, with the wait for its turn."""

IDLE_SECONDS = 10.0
"""After this, the server ends the transaction of a process that says nothing: others may wait for
its locks.
"""

WAIT_SECONDS = 0.25
"""Between two looks whether there is a connection, or whether the server refuses it."""

BEGIN: LiteralString = (
    "BEGIN ISOLATION LEVEL {isolation}; SET LOCAL statement_timeout = {statement_ms}; "
    "SET LOCAL lock_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = {idle_ms}; "
    "{prelude}"
)
"""In one round trip. Settings last no longer than the transaction, and count instead of those that
the address, the database or its user has.
"""

NOTHING = sql.SQL("SELECT 1")


class Pool:
    def __init__(self, address: str, seconds: float = TRANSACTION_SECONDS) -> None:
        """`address` is a connection string of libpq. Opens no connection yet."""
        self.seconds = seconds
        """How long a transaction may take, unless it gets another deadline."""
        self._refusals = 0
        self._threads = ThreadPoolExecutor(MAX_CONNECTIONS, thread_name_prefix="database")
        self._connections = ConnectionPool(
            address,
            connection_class=TimedConnection,
            kwargs=OPTIONS,
            min_size=0,
            max_size=MAX_CONNECTIONS,
            open=True,
            name="database",
            reconnect_timeout=0,  # the next transaction tries again
            reconnect_failed=self._count_refusal,
            num_workers=1,
        )

    async def run(
        self,
        work: Work[T],
        prelude: sql.Composable = NOTHING,
        *,
        deadline: float | None = None,
        snapshot: bool = False,
    ) -> T:
        """Carries out work that blocks, as one transaction.

        `prelude` are the transaction's first statements, and cost nothing extra. If its last one
        gives no row, raises FailedGuardError. `deadline` is a time of `time.monotonic`. With
        `snapshot`, all statements see one state of the database.

        Raises psycopg.Error and UnreachableDatabaseError. If the connection is lost in the COMMIT,
        nobody knows whether it took place: that is psycopg.OperationalError too.
        """
        begin = sql.SQL(BEGIN).format(
            isolation=sql.SQL("REPEATABLE READ" if snapshot else "READ COMMITTED"),
            statement_ms=sql.Literal(int(self.seconds * 1000)),
            idle_ms=sql.Literal(int(IDLE_SECONDS * 1000)),
            prelude=prelude,
        )
        if deadline is None:
            deadline = time.monotonic() + self.seconds
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._transact, begin, work, deadline)

    async def close(self) -> None:
        """Waits for the transactions under way."""
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._connections.close, 1.0)

    def _transact(self, begin: sql.Composed, work: Work[T], deadline: float) -> T:
        if time.monotonic() > deadline:  # the others took too long
            raise DeadlineError
        connection = self._begin(begin, deadline)
        try:
            value = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            _roll_back(connection, error)
            raise
        finally:
            self._connections.putconn(connection)
        return value

    def _begin(self, begin: sql.Composed, deadline: float) -> TimedConnection:
        """A connection with a transaction. One that was lost while it was idle is replaced."""
        while True:
            connection = self._connect(deadline)
            connection.deadline = deadline
            try:
                if not _has_row(connection.execute(begin)):
                    raise FailedGuardError  # noqa: TRY301 - it ends the transaction too
            except BaseException as error:
                _roll_back(connection, error)
                lost = connection.closed and not isinstance(error, DeadlineError)
                self._connections.putconn(connection)
                if not (lost and connection.has_worked):
                    raise
            else:
                connection.has_worked = True
                return connection

    def _connect(self, deadline: float) -> TimedConnection:
        refusals = self._refusals
        end = min(deadline, time.monotonic() + CONNECT_SECONDS)
        while time.monotonic() < end:
            with suppress(PoolTimeout):
                return self._connections.getconn(WAIT_SECONDS)
            if self._refusals != refusals and not self._connections.get_stats()["pool_size"]:
                break
        raise UnreachableDatabaseError

    def _count_refusal(self, _: object) -> None:
        self._refusals += 1


def _has_row(cursor: psycopg.Cursor[tuple[object, ...]]) -> bool:
    """Whether the last of several statements has given a row."""
    while cursor.nextset():
        pass
    return cursor.fetchone() is not None


def _roll_back(connection: TimedConnection, error: BaseException) -> None:
    """After an error that another connection might not give, there is no way back to this one."""
    passing = isinstance(error, psycopg.errors.ReadOnlySqlTransaction | DeadlineError)
    with suppress(psycopg.Error):
        if not connection.closed and not passing:
            connection.rollback()
            return
    connection.close()
