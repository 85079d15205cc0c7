"""What other replicas announce arrives, through a real server."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.store.postgres.notifications import Notifications
from tests.store.postgres.bouncer import bouncer
from tests.store.postgres.hung_server import hung
from tests.store.postgres.lease_tables import lease_database

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1.000100"))

DEADLINE_SECONDS = 45.0


class Ear:
    """Receives notifications of one database, and sends some."""

    def __init__(self, address: str) -> None:
        self.sender = LoneConnection(address)
        self.received: asyncio.Queue[object] = asyncio.Queue()

    def on_thread(self, thread: ThreadKey, store: str) -> None:
        self.received.put_nowait((thread, store))

    def on_workspaces(self) -> None:
        self.received.put_nowait("workspaces")

    def on_settings(self, team: TeamId, store: str) -> None:
        self.received.put_nowait((team, store))

    def on_gap(self) -> None:
        self.received.put_nowait("gap")

    async def next(self) -> object:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self.received.get()

    async def send(self, payload: str) -> None:
        await self.sender.run("SELECT pg_notify('slackbot', %(payload)s)", {"payload": payload})


@asynccontextmanager
async def listening(
    address: str, listen_address: str | None = None, probe_seconds: float = 15.0
) -> AsyncIterator[tuple[Ear, Notifications]]:
    ear = Ear(address)
    notifications = Notifications(
        listen_address or address,
        ear.sender,
        ear,
        probe_interval_seconds=probe_seconds,
        probe_timeout_seconds=min(probe_seconds, 5.0),
    )
    running = asyncio.create_task(notifications.run())
    try:
        yield ear, notifications
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await ear.sender.close()


async def logged(words: str) -> None:
    """Waits for a line of the log that has these words."""
    written = asyncio.Event()

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if words in record.getMessage():
                written.set()

    watch = Watch()
    logging.getLogger("slackbot").addHandler(watch)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await written.wait()
    finally:
        logging.getLogger("slackbot").removeHandler(watch)


async def test_threads_and_workspaces(postgres: PostgresServer) -> None:
    """Both are announced after the gap before the start; what others send is left out."""
    address = lease_database(postgres)
    leases = PostgresLeases(LoneConnection(address))
    async with listening(address) as (ear, notifications):
        assert not notifications.arrive()
        assert await ear.next() == "gap"
        assert notifications.arrive()
        for garbage in ("", "x", "[" * 5000, "[1]", "null", '{"thread": ["T1", "C1"]}'):
            await ear.send(garbage)
        for garbage in (
            '{"thread": [1, 2, 3], "store": "s"}',
            '{"workspaces": 1}',
            '{"probe": "x"}',
            "\x7f",
        ):
            await ear.send(garbage)
        await ear.send('{"thread": ["T1", "C1", "1.000100"], "store": "s"}')
        assert await ear.next() == (THREAD, "s")
        await leases.add(TeamId("T1"))
        assert await ear.next() == "workspaces"
        await leases.add(TeamId("T1"))  # changes nothing
        (lease,) = await leases.claim("A", 1, 60.0)
        await leases.beat("A", 60.0, "here")  # comes
        assert await ear.next() == "workspaces"
        await leases.beat("A", 60.0, "here")
        await leases.release([lease])
        assert await ear.next() == "workspaces"
        await leases.release([lease])
        await leases.beat("A", 60.0, "leaving")
        assert await ear.next() == "workspaces"
        await leases.beat("A", 60.0, "leaving")
        await ear.send('{"thread": ["T1", "C1", "1.000100"], "store": "s"}')
        assert await ear.next() == (THREAD, "s")
    await leases.close()


async def test_a_connection_that_is_ended(postgres: PostgresServer) -> None:
    """Another one is opened, and a gap is announced."""
    address = postgres.create_database()
    async with listening(address) as (ear, notifications):
        assert await ear.next() == "gap"
        await ear.sender.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert await ear.next() == "gap"
        assert notifications.arrive()


async def test_the_server_restarts(postgres: PostgresServer) -> None:
    """Listening goes on by itself when the server is back."""
    async with listening(postgres.create_database()) as (ear, notifications):
        assert await ear.next() == "gap"
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        assert await ear.next() == "gap"
        assert notifications.arrive()


async def test_a_server_that_hangs(postgres: PostgresServer) -> None:
    """A connection that falls silent is noticed, and opened again."""
    async with listening(postgres.create_database(), probe_seconds=0.5) as (ear, notifications):
        assert await ear.next() == "gap"
        with hung(postgres):
            await logged("Notifications don't arrive now")
        assert not notifications.arrive()
        assert await ear.next() == "gap"


async def test_behind_pgbouncer(postgres: PostgresServer) -> None:
    """One line in the log says which setting leads past it; with it, notifications arrive."""
    address = lease_database(postgres)
    with bouncer(address) as through:
        async with listening(through, probe_seconds=1.0) as (_, notifications):
            await logged("SLACKBOT_LISTEN_URL")
            assert not notifications.arrive()
        async with listening(through, listen_address=address) as (ear, notifications):
            assert await ear.next() == "gap"
            leases = PostgresLeases(LoneConnection(through))
            await leases.add(TeamId("T1"))
            assert await ear.next() == "workspaces"
            (lease,) = await leases.claim("A", 1, 60.0)
            assert (await leases.beat("A", 60.0, "here")).leases == {lease}
            await leases.close()
            assert notifications.arrive()
