"""A database is brought up to date once, whoever comes first."""

import asyncio

import psycopg
import pytest

from slackbot.errors import ConfigError, StoreError
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer
from slackbot.store.postgres import PostgresStore
from slackbot.store.postgres.layout import KINDS
from slackbot.store.postgres.migrations import migrations


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    """That of an empty database."""
    return postgres.create_database(EMPTY_TEMPLATE)


def test_numbers_have_no_gaps() -> None:
    """The version of a database is the number of its last migration."""
    assert sorted(migrations()) == [*range(1, len(migrations()) + 1)]


async def test_all_tables_are_there(store: PostgresStore, other: psycopg.Connection) -> None:
    """Each kind of key has a table whose primary key is its columns, in their order."""
    await store.check()
    for kind in KINDS.values():
        columns = other.execute(
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid "
            "AND attnum = ANY(indkey) WHERE indrelid = %s::regclass AND indisprimary "
            "ORDER BY array_position(indkey::int2[], attnum)",
            [kind.table],
        ).fetchall()
        assert [name for (name,) in columns] == [column.name for column in kind.columns]


async def test_replicas_that_start_at_once(address: str, other: psycopg.Connection) -> None:
    """One of them migrates, the others wait for it and find it done."""
    stores = await asyncio.gather(*(PostgresStore.open(address) for _ in range(4)))
    versions = other.execute("SELECT version FROM schema_versions ORDER BY version").fetchall()
    assert [version for (version,) in versions] == sorted(migrations())
    for store in stores:
        await store.close()


async def test_a_newer_database_is_refused(
    store: PostgresStore, address: str, other: psycopg.Connection
) -> None:
    """One sentence says so; a replica that runs already goes on."""
    other.execute("INSERT INTO schema_versions (version) VALUES (9999)")
    with pytest.raises(StoreError, match="from a newer version of the bot: update the bot"):
        await PostgresStore.open(address)
    await store.check()


async def test_a_migration_that_fails_leaves_nothing(
    address: str, other: psycopg.Connection
) -> None:
    """All of it is one transaction: the next start begins with the same database."""
    other.execute("CREATE TABLE turns (of_somebody_else int)")
    with pytest.raises(ConfigError, match="something else uses"):
        await PostgresStore.open(address)
    ((tables,),) = other.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    ).fetchall()
    assert tables == 1
    other.execute("DROP TABLE turns")
    store = await PostgresStore.open(address)
    await store.check()
    await store.close()
