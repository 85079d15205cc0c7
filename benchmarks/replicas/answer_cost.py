"""What an answer costs the database: time, rows and bytes."""

import asyncio
import re
import time
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.environment import running_bot, temporary_folder
from benchmarks.replicas.questions import answer, short_answers
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer

FLUSH_SECONDS = 11.0
"""Idle processes of PostgreSQL write their statistics at most ten seconds late."""

STATISTICS = """
SELECT active_time, tup_inserted + tup_updated + tup_deleted, xact_commit
FROM pg_stat_database WHERE datname = current_database()
"""

LOG_POSITION = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"
"""Known at once; what is written to the log later, such as by a checkpoint, is no answer's."""


class Cost(NamedTuple):
    """Of a number of answers, in the database."""

    milliseconds: float
    rows: float
    transactions: float
    log_bytes: float

    def less(self, other: "Cost") -> "Cost":
        return Cost(*(a - b for a, b in zip(self, other, strict=True)))


async def cost_of_answers(
    server: PostgresServer, count: int, *, flush_seconds: float = FLUSH_SECONDS
) -> Cost:
    """One after the other, each in a thread of its own, without what an idle replica costs."""
    async with temporary_folder() as folder, Workspace() as workspace, short_answers() as model:
        database = server.create_database()
        async with running_bot(workspace, model, folder, DATABASE_URL=database):
            await answer(workspace, 3)
            before = await _statistics(database, flush_seconds)
            began, position = time.monotonic(), await _log_position(database)
            await answer(workspace, count)
            log_bytes = await _log_position(database) - position
            after, length = await _statistics(database, flush_seconds), time.monotonic() - began
            await asyncio.sleep(length)
            idle = (await _statistics(database, flush_seconds)).less(after)
    cost = after.less(before).less(idle)._replace(log_bytes=log_bytes)
    return Cost(*(each / count for each in cost))


async def sqlite_bytes(count: int) -> float:
    """What a bot on SQLite has written to the disk for each of so many answers."""
    async with (
        temporary_folder() as folder,
        Workspace() as workspace,
        short_answers() as model,
        running_bot(workspace, model, folder) as pid,
    ):
        await answer(workspace, 3)
        before = _written(pid)
        await answer(workspace, count)
        return (_written(pid) - before) / count


async def _statistics(database: str, flush_seconds: float) -> Cost:
    await asyncio.sleep(flush_seconds)
    async with await psycopg.AsyncConnection.connect(database) as connection:
        ((milliseconds, rows, transactions),) = await (
            await connection.execute(STATISTICS)
        ).fetchall()
    return Cost(float(milliseconds), float(rows), float(transactions), 0.0)


async def _log_position(database: str) -> float:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        ((position,),) = await (await connection.execute(LOG_POSITION)).fetchall()
    return float(position)


def _written(pid: int) -> int:
    """What a process has had written to a disk, in bytes."""
    found = re.search(r"^write_bytes: (\d+)", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
