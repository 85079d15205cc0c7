"""Each transaction ends in time, and the next one works once the server does."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres import pool as pool_module
from slackbot.store.postgres.connection import TimedConnection
from slackbot.store.postgres.errors import DeadlineError, UnreachableDatabaseError
from slackbot.store.postgres.opening import prepare
from slackbot.store.postgres.pool import MAX_CONNECTIONS, Pool
from tests.store.postgres.bouncer import bouncer

TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def backend(connection: TimedConnection) -> int:
    return connection.info.backend_pid


@pytest.fixture
async def pool(address: str) -> AsyncIterator[Pool]:
    pool = Pool(await asyncio.to_thread(prepare, address), 2.0)
    yield pool
    await pool.close()


@contextmanager
def paused(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def test_a_server_that_hangs(pool: Pool, other: psycopg.Connection) -> None:
    """A transaction that gets no answer ends at its deadline, and takes its connection along."""
    before = await pool.run(backend)
    with paused([before]):
        began = time.monotonic()
        with pytest.raises(DeadlineError):
            await pool.run(backend)
        assert time.monotonic() - began < 20
        assert await pool.run(backend) != before
    del other


async def test_a_statement_that_takes_too_long(pool: Pool) -> None:
    """The server ends it too: nothing goes on there that nobody waits for."""
    with pytest.raises((psycopg.errors.QueryCanceled, DeadlineError)):
        await pool.run(lambda connection: connection.execute("SELECT pg_sleep(60)"))
    await pool.run(backend)


async def test_connections_that_were_lost_while_idle(pool: Pool, other: psycopg.Connection) -> None:
    """A restarted server costs no transaction: none was begun on the lost connections."""
    everybody_is_there = threading.Barrier(MAX_CONNECTIONS)

    def meet(connection: TimedConnection) -> int:
        everybody_is_there.wait(10)
        return connection.info.backend_pid

    pids = await asyncio.gather(*(pool.run(meet) for _ in range(MAX_CONNECTIONS)))
    assert len({*pids}) == MAX_CONNECTIONS
    other.execute(TERMINATE)
    assert await pool.run(backend) not in pids


async def test_a_server_that_is_away() -> None:
    """Each transaction fails at once, not at its deadline; the next one after the start works."""
    with PostgresServer() as server:
        pool = Pool(await asyncio.to_thread(prepare, server.create_database()), 60.0)
        await pool.run(backend)
        server.stop()
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(UnreachableDatabaseError):
                await pool.run(backend)
            assert time.monotonic() - began < 30
        server.start()
        await pool.run(backend)
        await pool.close()


async def test_a_bouncer_whose_server_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """PgBouncer takes connections all the same, and refuses what is asked for on them: that is no
    reason to connect again and again. The log says the same each time, so it can be counted.
    """
    with PostgresServer() as server, bouncer(server.create_database()) as through:
        pool = Pool(through, 2.0)
        await pool.run(backend)
        server.stop()
        for _ in range(5):
            with pytest.raises((psycopg.OperationalError, UnreachableDatabaseError)):
                await pool.run(backend)
        lines = [record.getMessage() for record in caplog.records]
        assert len(lines) < 30
        assert len({*lines}) < 5
        await pool.close()


async def test_a_server_that_became_a_standby(pool: Pool, other: psycopg.Connection) -> None:
    """A connection that takes no changes is replaced: after a failover, another host does."""
    before = await pool.run(backend)

    def write(connection: TimedConnection) -> None:
        connection.execute("SET LOCAL transaction_read_only = on")
        connection.execute("DELETE FROM rates")

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await pool.run(write)
    assert await pool.run(backend) != before
    del other


async def test_a_transaction_of_a_process_that_is_paused(
    pool: Pool, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends it after a while, so that nobody waits for its locks for long."""
    monkeypatch.setattr(pool_module, "IDLE_SECONDS", 0.2)
    locked, over = threading.Event(), threading.Event()

    def pause(connection: TimedConnection) -> None:
        connection.execute("LOCK TABLE rates")
        locked.set()
        over.wait(30)
        connection.execute("DELETE FROM rates")

    pausing = asyncio.create_task(pool.run(pause))
    await asyncio.to_thread(locked.wait, 30)
    other.execute("SET lock_timeout = '30s'")
    await asyncio.to_thread(other.execute, "TRUNCATE rates")
    over.set()
    with pytest.raises(psycopg.Error):
        await pausing


async def test_an_error_undoes_all(pool: Pool) -> None:
    """What was written before it is not there, and the connection is as good as before."""

    def fail(connection: TimedConnection) -> None:
        connection.execute("INSERT INTO rates VALUES ('T1', '{}')")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await pool.run(fail)
    rows = await pool.run(lambda connection: connection.execute("TABLE rates").fetchall())
    assert rows == []
