"""What a database or its user has as defaults for every session changes nothing for the bot."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from slackbot.conversation.ids import Ts
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer
from slackbot.store.postgres import PostgresStore
from slackbot.store.postgres.migrations import migrations
from tests.store.test_contract import HELLO

DEFAULTS = [
    ("default_transaction_isolation", "repeatable read"),
    ("default_transaction_isolation", "serializable"),
    ("lock_timeout", "1ms"),
    ("statement_timeout", "30ms"),
]

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture(params=DEFAULTS, ids="=".join)
def address(postgres: PostgresServer, request: pytest.FixtureRequest) -> str:
    """That of an empty database whose sessions begin with such a setting."""
    address = postgres.create_database(EMPTY_TEMPLATE)
    name, value = request.param
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute(
            sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                sql.Identifier(owner.info.dbname), sql.Identifier(name), sql.Literal(value)
            )
        )
    return address


@contextmanager
def locked(name: str, other: psycopg.Connection) -> Iterator[None]:
    """Another process has an advisory lock during the block, and none of these settings."""
    other.execute("SET statement_timeout = 0")
    with other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        yield


async def wait_for(tasks: Sequence[asyncio.Task[Any]], other: psycopg.Connection) -> None:
    """All of them wait for an advisory lock, for longer than the limits."""
    while other.execute(WAITING).fetchone() != (len(tasks),):
        assert not any(task.done() for task in tasks)
        await asyncio.sleep(0)
    other.execute("SELECT pg_sleep(0.1)")


async def test_replicas_that_start_at_once(address: str, other: psycopg.Connection) -> None:
    """One of them migrates, and the others find it done."""
    with locked("migrations", other):
        opening = [asyncio.create_task(PostgresStore.open(address)) for _ in range(3)]
        await wait_for(opening, other)
    stores = await asyncio.gather(*opening)
    assert other.execute("SELECT max(version) FROM schema_versions").fetchone() == (
        max(migrations()),
    )
    for store in stores:
        await store.close()


async def test_replicas_that_write_at_once(
    store: PostgresStore, replica: PostgresStore, other: psycopg.Connection
) -> None:
    """The second sees what the first has written while it waited, so each event has its number."""
    events = [MessageReceived(replace(HELLO, ts=Ts(f"170000000{n}.0"))) for n in range(2)]
    with locked(HELLO.thread.team, other):
        appending = [
            asyncio.create_task(one.append(event, opens=True))
            for one, event in zip((store, replica), events, strict=True)
        ]
        await wait_for(appending, other)
    assert await asyncio.gather(*appending) == [True, True]
    assert [stored.number for stored in await store.events(HELLO.thread)] == [1, 2]
