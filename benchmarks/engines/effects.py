"""A log of what workers did, in a table of its own: the engines know nothing of it.

Each row stands for a call to Slack, or for a write to a table of ours.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

NO_PREPARED_STATEMENTS: dict[str, Any] = {"prepare_threshold": None}
"""PgBouncer takes them since 1.21 only."""

POOL_SIZE = 10

EDITS = 40
"""How often an answer is edited, ten times a second."""

WAIT_SECONDS = 60

Database = psycopg.AsyncConnection[TupleRow]

TABLES = """
CREATE TABLE effects (number bigserial PRIMARY KEY, worker text, thread text, what text);
CREATE TABLE inbox (identity text PRIMARY KEY, number bigserial, value json NOT NULL)
"""


@asynccontextmanager
async def new_database(url: str) -> AsyncIterator[str]:
    """Creates a database with these tables; gives its address, and drops it at the end."""
    name = f"trial_{os.getpid()}_{time.monotonic_ns()}"
    async with connection(url) as server:
        await server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        try:
            created = urlsplit(url)._replace(path=name).geturl()
            async with connection(created) as database:
                await database.execute(TABLES)
            yield created
        finally:
            await server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@asynccontextmanager
async def connection(url: str) -> AsyncIterator[Database]:
    """A connection that commits each statement."""
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, prepare_threshold=None
    ) as opened:
        yield opened


class Effects:
    """What the workers did."""

    def __init__(self, database: Database, worker: str = "") -> None:
        self.database = database
        self.worker = worker

    async def add(self, thread: str, what: str) -> None:
        await self.database.execute(
            "INSERT INTO effects (worker, thread, what) VALUES (%s, %s, %s)",
            (self.worker, thread, what),
        )

    async def stream(self, thread: str) -> None:
        for number in range(EDITS):
            await self.add(thread, f"edit {number}")
            await asyncio.sleep(0.1)

    async def of(self, thread: str) -> list[tuple[str, str]]:
        """Who did what in a thread (a pattern of LIKE), in order."""
        rows = await self.database.execute(
            "SELECT worker, what FROM effects WHERE thread LIKE %s ORDER BY number", (thread,)
        )
        return [(worker, what) for worker, what in await rows.fetchall()]

    async def summary(self, thread: str) -> str:
        counts = Counter((worker, what.split()[0]) for worker, what in await self.of(thread))
        return ", ".join(f"{worker}: {number} {what}" for (worker, what), number in counts.items())

    async def until(self, thread: str, what: str, *, times: int = 1, worker: str = "") -> str:
        """Waits until a worker, or any, did this so many times; says how long that took."""
        begin = time.monotonic()
        while time.monotonic() < begin + WAIT_SECONDS:
            done = [each for each in await self.of(thread) if each[0] == worker or not worker]
            if sum(each.startswith(what) for _, each in done) >= times:
                return f"{time.monotonic() - begin:.2f} s"
            await asyncio.sleep(0.01)
        return f"more than {WAIT_SECONDS} s"

    async def log_bytes(self) -> int:
        """How much the server has written to its write-ahead log."""
        rows = await self.database.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        row = await rows.fetchone()
        assert row is not None
        return int(row[0])
