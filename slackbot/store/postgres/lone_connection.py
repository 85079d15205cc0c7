"""One connection for short statements that must not wait behind the busy ones of a pool."""

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, LiteralString

import psycopg

from slackbot.background import note_outcome
from slackbot.errors import StoreError
from slackbot.store.postgres import texts
from slackbot.store.postgres.connection import OPTIONS
from slackbot.store.postgres.errors import store_error

DEADLINE_SECONDS = 3.0
"""For each statement, with the wait for those before it and for a connection."""

CONNECT_TIMEOUT_SECONDS = 3
"""For each host of an address that names several."""

LIMITS = (
    "SET LOCAL transaction_isolation = 'read committed'; "
    "SET LOCAL statement_timeout = 2500; SET LOCAL lock_timeout = 2000; "
)
"""Milliseconds: the server ends what nobody waits for any more. As part of one message with the
statement they hold for its transaction alone, so they work behind PgBouncer too.
https://www.postgresql.org/docs/15/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
"""

Row = tuple[Any, ...]


class LoneConnection:
    """Connects when it is first needed, and again after an error.

    Each statement is a transaction of its own, sent as one message: a process that is paused in the
    middle holds no lock.
    """

    def __init__(self, address: str, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self._address = address
        self._deadline_seconds = deadline_seconds
        self._connection: psycopg.AsyncConnection[Row] | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._working: asyncio.Task[Any] | None = None
        """The task whose turn it is."""

    async def run(
        self, statement: LiteralString, values: Mapping[str, object] | None = None
    ) -> Sequence[Row]:
        """The rows that one statement returns.

        Raises StoreError if there is no answer in time; it may have taken effect then.
        """
        work = asyncio.ensure_future(self._run(statement, values))
        try:
            await asyncio.wait({work}, timeout=self._deadline_seconds)
            if not work.done():
                raise StoreError(texts.SLOW)
            return work.result()
        except psycopg.Error as err:
            raise store_error(err) from err
        finally:
            if not work.done():
                await self._give_up(work)
            note_outcome(work)  # the caller may have been cancelled at the same moment

    async def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        await self._disconnect()

    async def _connect(self) -> None:
        """Goes on when the statement's time is over: the first hosts of several may be dead."""
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.create_task(self._open())
            self._connecting.add_done_callback(note_outcome)
        await asyncio.shield(self._connecting)

    async def _open(self) -> None:
        self._connection = await connect(self._address)

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _run(
        self, statement: LiteralString, values: Mapping[str, object] | None
    ) -> Sequence[Row]:
        async with self._turn:
            self._working = asyncio.current_task()
            try:
                if self._connection is None:
                    await self._connect()
                assert self._connection is not None  # noqa: S101 - it is open
                cursor = psycopg.AsyncClientCursor(self._connection)
                await cursor.execute(LIMITS + statement, values)
                while cursor.nextset():
                    pass
                return await cursor.fetchall() if cursor.description else []
            except BaseException:
                await self._disconnect()
                raise
            finally:
                self._working = None

    async def _give_up(self, work: asyncio.Future[Sequence[Row]]) -> None:
        """Ends a statement that the server does not answer.

        psycopg would ask the server to cancel it, and wait for that for some seconds.
        """
        if self._connection is not None and self._working is work:
            cut(self._connection)
        else:
            work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def connect(address: str) -> psycopg.AsyncConnection[Row]:
    """Raises psycopg.Error."""
    return await psycopg.AsyncConnection.connect(
        address,
        **OPTIONS,
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=10_000,
        application_name="slackbot",
    )


def cut(connection: psycopg.AsyncConnection[Row]) -> None:
    """Lets everything that waits for the server fail at once."""
    with (
        suppress(OSError, psycopg.OperationalError),
        socket.socket(fileno=os.dup(connection.pgconn.socket)) as wire,
    ):
        wire.shutdown(socket.SHUT_RDWR)
