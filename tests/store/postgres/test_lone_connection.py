"""One connection that does not wait for ever, against a real server."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import psycopg
import pytest

from slackbot.errors import StoreError
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.lone_connection import LoneConnection, Row
from tests.store.postgres.hung_server import hung


@pytest.fixture
async def connection(postgres: PostgresServer) -> AsyncIterator[LoneConnection]:
    lone = LoneConnection(postgres.create_database(), deadline_seconds=1.0)
    yield lone
    await lone.close()


async def test_values(connection: LoneConnection) -> None:
    """A statement returns rows, and none if it gives none."""
    assert await connection.run("SELECT %(one)s + 1, 'two'", {"one": 1}) == [(2, "two")]
    assert await connection.run("CREATE TABLE t (a int)") == []
    assert await connection.run("SELECT a FROM t") == []


async def test_an_error_of_the_server(connection: LoneConnection) -> None:
    """It becomes a StoreError, and the next statement works."""
    with pytest.raises(StoreError):
        await connection.run("SELECT 1 / 0")
    assert await connection.run("SELECT 1") == [(1,)]


async def test_a_connection_that_was_ended(
    connection: LoneConnection, postgres: PostgresServer
) -> None:
    """The statement that finds it out fails; the next one connects again."""
    ((pid,),) = await connection.run("SELECT pg_backend_pid()")
    with psycopg.connect(postgres.create_database(), autocommit=True) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 10000)", [pid]).fetchone() == (True,)
    with pytest.raises(StoreError):
        await connection.run("SELECT 1")
    assert await connection.run("SELECT 1") == [(1,)]


async def test_a_server_that_hangs(connection: LoneConnection, postgres: PostgresServer) -> None:
    """All statements that wait fail together, with or without a connection; later ones work."""
    await connection.run("SELECT 1")
    for _ in range(2):  # first on an open connection, then on a new one
        with hung(postgres):
            began = time.monotonic()
            results = await asyncio.gather(
                *(connection.run("SELECT 1") for _ in range(20)), return_exceptions=True
            )
            assert time.monotonic() - began < 10.0  # not one after the other
        assert all(isinstance(result, StoreError) for result in results)
    assert await connection.run("SELECT 1") == [(1,)]


async def test_a_statement_that_nobody_waits_for(
    connection: LoneConnection, postgres: PostgresServer
) -> None:
    """One that is cancelled ends at once, and leaves the others alone."""
    slow = asyncio.create_task(connection.run("SELECT pg_sleep(0.8), 'slow'"))
    other = LoneConnection(postgres.create_database())
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%SELECT pg_sleep(0.8)%%'"
    while await other.run(running + " AND pid <> pg_backend_pid()") == [(0,)]:
        pass
    behind = asyncio.create_task(connection.run("SELECT 2"))
    given_up = asyncio.create_task(connection.run("SELECT 3"))
    await other.run("SELECT 1")  # both wait by now
    given_up.cancel()
    slow.cancel()
    assert await behind == [(2,)]
    results = await asyncio.gather(slow, given_up, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    await other.close()


async def test_the_server_ends_what_takes_too_long(postgres: PostgresServer) -> None:
    """A statement has a limit on the server too, which does not outlast it."""
    lone = LoneConnection(postgres.create_database(), deadline_seconds=60.0)
    with pytest.raises(StoreError) as caught:
        await lone.run("SELECT pg_sleep(60)")
    assert isinstance(caught.value.__cause__, psycopg.errors.QueryCanceled)
    await lone.close()


async def test_an_address_whose_first_hosts_are_dead(postgres: PostgresServer) -> None:
    """Connecting goes on when a statement's time is over, so a later one gets an answer."""
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        dead.listen()  # and never answers
        port, database = dead.getsockname()[1], postgres.create_database().rpartition("/")[2]
        hosts = f"127.0.0.1:{port},127.0.0.1:{port},127.0.0.1:{postgres.port}"
        address = f"postgresql://slackbot@{hosts}/{database}"
        lone = LoneConnection(address, deadline_seconds=1.0)
        with pytest.raises(StoreError):
            await lone.run("SELECT 1")
        rows: Sequence[Row] = []
        async with asyncio.timeout(60.0):
            while not rows:
                with suppress(StoreError):
                    rows = await lone.run("SELECT 1")
        assert rows == [(1,)]
        await lone.close()


async def test_a_close_while_it_connects() -> None:
    """Nothing goes on after it."""
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        dead.listen()
        port = dead.getsockname()[1]
        lone = LoneConnection(f"postgresql://slackbot@127.0.0.1:{port}/db", deadline_seconds=0.1)
        with pytest.raises(StoreError):
            await lone.run("SELECT 1")
        await lone.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}
