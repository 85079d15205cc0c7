"""A database that is a copy of one: what waits there may be answered by now."""

import asyncio
from pathlib import Path

import psycopg

from slackbot.conversation.ids import Ts
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.playground.postgres_server import EMPTY_TEMPLATE, PostgresServer
from slackbot.store.postgres import PostgresStore
from tests.app.standby import Standby
from tests.store.postgres.test_backup_commands import dump, restore
from tests.store.postgres.test_store import T1, T2, THREADS, message

NOT_ALLOWED = """
REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_current_wal_lsn() FROM PUBLIC;
"""


async def ask(address: str) -> None:
    """A message waits, and another one is not looked at yet."""
    store = await PostgresStore.open(address)
    for number in (1, 2):
        await store.append(MessageReceived(message(T1, number)), opens=True)
    await store.receive(THREADS[T1], 1, message(T1, 1))
    await store.close()


async def restored_until(address: str) -> Ts:
    store = await PostgresStore.open(address)
    await store.append(MessageReceived(message(T1, 3)), opens=True)  # since
    pending = await store.waiting(THREADS[T1])
    assert not (await store.waiting(THREADS[T2])).restored_until
    await store.close()
    assert pending.messages
    return pending.restored_until


async def test_the_same_database(address: str) -> None:
    """It looks for nothing in Slack, however often it is opened."""
    await ask(address)
    assert [await restored_until(address) for _ in range(2)] == ["", ""]


async def test_another_database(address: str, postgres: PostgresServer, tmp_path: Path) -> None:
    """What waited when the backup was restored, and nothing that came later."""
    await ask(address)
    await asyncio.to_thread(dump, address, tmp_path / "x.dump")
    new = postgres.create_database(EMPTY_TEMPLATE)
    await asyncio.to_thread(restore, tmp_path / "x.dump", new)
    assert await restored_until(new) == message(T1, 2).ts
    assert await restored_until(new) == message(T1, 2).ts
    assert await restored_until(address) == ""


async def test_a_database_that_the_server_copies(address: str, postgres: PostgresServer) -> None:
    """With `createdb --template`: it copies everything, OIDs too."""
    await ask(address)
    new = postgres.create_database(address.rpartition("/")[2])
    assert await restored_until(new) == message(T1, 2).ts


async def test_the_database_of_that_name(
    address: str, other: psycopg.Connection, tmp_path: Path
) -> None:
    """The backup replaces what is there."""
    await ask(address)
    await asyncio.to_thread(dump, address, tmp_path / "x.dump")
    other.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await asyncio.to_thread(restore, tmp_path / "x.dump", address)
    assert await restored_until(address) == message(T1, 2).ts


async def test_a_recovery() -> None:
    """It begins another timeline, on the same server or on a standby."""
    with PostgresServer() as primary:
        address = primary.create_database()
        await ask(address)
        with Standby(primary) as standby:
            primary.stop("immediate")
            standby.promote()
            there = address.replace(f":{primary.port}/", f":{standby.port}/")
            assert await restored_until(there) == message(T1, 2).ts


async def test_somebody_says_so(address: str, other: psycopg.Connection) -> None:
    """After what leaves no sign, such as a snapshot of the disk."""
    await ask(address)
    docs = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
    statement = "DELETE FROM database_identity"
    assert f'psql "$DATABASE_URL" --command="{statement}"' in docs
    other.execute(statement)
    assert await restored_until(address) == message(T1, 2).ts


async def test_what_a_provider_does_not_allow(postgres: PostgresServer) -> None:
    """The other signs remain: the table is created again by a restore."""
    address = postgres.create_database(EMPTY_TEMPLATE)
    with psycopg.connect(address) as connection:
        connection.execute("CREATE ROLE plain LOGIN; ALTER SCHEMA public OWNER TO plain")
        connection.execute(NOT_ALLOWED)
    address = address.replace("slackbot@", "plain@")
    await ask(address)
    assert await restored_until(address) == ""
    with psycopg.connect(address) as connection:
        connection.execute("ALTER TABLE database_identity RENAME TO before")
        connection.execute("CREATE TABLE database_identity AS TABLE before")
    assert await restored_until(address) == message(T1, 3).ts
