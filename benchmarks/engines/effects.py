"""A log of what workers did, in a table of its own: the engines know nothing of it.

Each row stands for a call to Slack, or for a write to a table of ours.
"""

import asyncio
import time
from collections import Counter

import psycopg
from psycopg.rows import TupleRow

EDITS = 40
"""How often an answer is edited, ten times a second."""

WAIT_SECONDS = 60

TABLES = """
CREATE TABLE effects (number bigserial PRIMARY KEY, worker text, thread text, what text);
CREATE TABLE inbox (identity text PRIMARY KEY, number bigserial, value json NOT NULL)
"""


class Effects:
    """What the workers did. Each statement is committed."""

    def __init__(self, database: psycopg.AsyncConnection[TupleRow], worker: str = "") -> None:
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
        """Who did what in a thread, in order."""
        rows = await self.database.execute(
            "SELECT worker, what FROM effects WHERE thread = %s ORDER BY number", (thread,)
        )
        return [(worker, what) for worker, what in await rows.fetchall()]

    async def summary(self, thread: str) -> str:
        counts = Counter((worker, what.split()[0]) for worker, what in await self.of(thread))
        return ", ".join(f"{worker}: {number} {what}" for (worker, what), number in counts.items())

    async def until(self, thread: str, what: str, worker: str = "") -> str:
        """Waits until a worker, or any, has done this; says how long that took."""
        begin = time.monotonic()
        while time.monotonic() < begin + WAIT_SECONDS:
            if any(did == what and by in (worker or by) for by, did in await self.of(thread)):
                return f"{time.monotonic() - begin:.2f} s"
            await asyncio.sleep(0.01)
        return f"more than {WAIT_SECONDS} s"

    async def log_bytes(self) -> int:
        """How much the server has written to its write-ahead log."""
        rows = await self.database.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
        row = await rows.fetchone()
        assert row is not None
        return int(row[0])
