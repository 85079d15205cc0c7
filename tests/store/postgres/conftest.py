from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres import PostgresStore


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    """That of a new database. Tests of its first opening have an empty one."""
    return postgres.create_database()


@pytest.fixture
async def store(address: str) -> AsyncIterator[PostgresStore]:
    store = await PostgresStore.open(address)
    yield store
    await store.close()


@pytest.fixture
async def replica(store: PostgresStore, address: str) -> AsyncIterator[PostgresStore]:
    """The store of another process, on the same database."""
    del store  # it is opened first
    replica = await PostgresStore.open(address)
    yield replica
    await replica.close()


@pytest.fixture
def other(address: str) -> Iterator[psycopg.Connection]:
    """Another program's connection."""
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection
