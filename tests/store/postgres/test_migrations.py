"""A database is brought up to date once, by the process that comes first."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import psycopg
import pytest

from slackbot.conversation.inbox_events import MessageReceived
from slackbot.errors import ConfigError, StoreError
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer
from slackbot.store.postgres import PostgresStore
from slackbot.store.postgres.connection import OPTIONS, TimedConnection
from slackbot.store.postgres.layout import KINDS
from slackbot.store.postgres.migrations import LOCK, Migration, migrate, migrations
from slackbot.store.row_format import VERSION
from tests.store.postgres.test_server_defaults import wait_for
from tests.store.postgres.test_store import T1, THREADS, message


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


async def test_a_start_that_is_given_up(address: str, other: psycopg.Connection) -> None:
    """While it waits for another replica that migrates: nothing keeps the process from its end."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    with other.transaction():
        other.execute(LOCK)
        opening = asyncio.create_task(PostgresStore.open(address))
        await wait_for([opening], other)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        async with asyncio.timeout(30.0):
            await asyncio.to_thread(int)  # the only thread is free


EXPANDING = b"ALTER TABLE turns ADD COLUMN note text"
CONTRACTING = b"ALTER TABLE turns DROP COLUMN value"


def upgrade(address: str, sql: bytes, *, works_from: int) -> None:
    """A newer version, with one more migration, opens the database."""
    known = migrations()
    newer = Migration(sql, works_from, VERSION)
    with TimedConnection.connect(address, **OPTIONS) as connection:
        migrate(connection, {**known, max(known) + 1: newer})


async def test_an_older_version_starts(store: PostgresStore, address: str) -> None:
    """On tables that a newer one has expanded: a replica is restarted in the middle of an upgrade,
    or a release is rolled back. Those that run already go on.
    """
    upgrade(address, EXPANDING, works_from=1)
    again = await PostgresStore.open(address)
    for each in (store, again):
        assert await each.append(MessageReceived(message(T1, 1)), opens=True) is (each is store)
        assert len(await each.events(THREADS[T1])) == 1
    await again.close()
    upgrade(address, EXPANDING, works_from=1)  # it finds its migration done


async def test_an_older_version_is_too_old(store: PostgresStore, address: str) -> None:
    """A newer one has removed what it needs: one sentence says so, and nothing has changed."""
    newest = max(migrations())
    upgrade(address, CONTRACTING, works_from=newest + 1)
    for _ in range(2):
        with pytest.raises(StoreError, match="this one is too old for it: update the bot, or"):
            await PostgresStore.open(address)
    await store.check()  # what it still can do


async def test_the_newest_demand_counts(
    store: PostgresStore, address: str, other: psycopg.Connection
) -> None:
    """A migration that expands the tables does not take back what an earlier one has removed."""
    await store.check()
    newest = max(migrations())
    for version, works_from in ((newest + 1, newest + 1), (newest + 2, 1)):
        other.execute(
            "INSERT INTO schema_versions (version, works_from) VALUES (%s, %s)",
            [version, works_from],
        )
    with pytest.raises(StoreError, match="too old"):
        await PostgresStore.open(address)


def test_other_rows_need_other_programs() -> None:
    """The last migration knows the version of the rows. One that changes it says which programs
    read them: not all that worked with the tables before.
    """
    steps = [known for _, known in sorted(migrations().items())]
    assert steps[-1].rows == VERSION
    for before, after in pairwise(steps):
        assert after.rows == before.rows or after.works_from > before.works_from


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
