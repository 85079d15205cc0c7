"""Replicas that live on leases in a real database."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import psycopg
import pytest

from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.store.postgres.notifications import Notifications
from slackbot.workspaces import Ownership
from tests.store.postgres.hung_server import hung
from tests.store.postgres.lease_tables import lease_database
from tests.store.postgres.recording_owner import RecordingOwner, until

SHORT_LEASE_SECONDS = 4.0
"""For tests that wait for an expiry."""


@pytest.fixture
async def address(postgres: PostgresServer) -> str:
    """A database with four workspaces that nobody owns."""
    created = lease_database(postgres)
    with psycopg.connect(created) as connection:
        connection.execute("INSERT INTO leases (team_id) VALUES ('T0'), ('T1'), ('T2'), ('T3')")
    return created


class Replicas:
    """Several in one process, each with a connection of its own to one database.

    Notifications wake them all.
    """

    def __init__(self, address: str, lease_seconds: float) -> None:
        self._address = address
        self._lease_seconds = lease_seconds
        self.changed = asyncio.Condition()
        self.owners: list[RecordingOwner] = []
        self.ownerships: list[Ownership] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.connections = [LoneConnection(address)]
        notifications = Notifications(address, self.connections[0], self)
        self._listening = asyncio.create_task(notifications.run())

    def start(self) -> None:
        number = len(self.owners)
        owner = RecordingOwner(self.changed)
        connection = LoneConnection(self._address)
        ownership = Ownership(
            f"R{number}", PostgresLeases(connection), owner, lease_seconds=self._lease_seconds
        )
        self.owners.append(owner)
        self.connections.append(connection)
        self.ownerships.append(ownership)
        self.tasks.append(asyncio.create_task(ownership.run()))

    def on_thread(self, thread: ThreadKey, store: str) -> None:
        raise AssertionError(thread, store)

    def on_settings(self, team: TeamId, store: str) -> None:
        raise AssertionError(team, store)

    def on_workspaces(self) -> None:
        for ownership in self.ownerships:
            ownership.wake()

    on_gap = on_workspaces

    async def until(self, predicate: Callable[[], bool]) -> None:
        await until(self.changed, predicate)

    def counts(self) -> Sequence[int]:
        """How many workspaces each believes to own; fails if two believe the same."""
        acting = [owner.acts_in() for owner in self.owners]
        assert sum(map(len, acting)) == len(set().union(*acting))
        return [len(teams) for teams in acting]

    async def close(self) -> None:
        await asyncio.gather(*(ownership.close() for ownership in self.ownerships))
        await asyncio.gather(*self.tasks)
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        for connection in self.connections:
            await connection.close()


@asynccontextmanager
async def replicas(
    address: str, count: int, lease_seconds: float = SHORT_LEASE_SECONDS
) -> AsyncIterator[Replicas]:
    started = Replicas(address, lease_seconds)
    for _ in range(count):
        started.start()
    try:
        yield started
    finally:
        await started.close()


async def test_replicas_share_the_workspaces(address: str) -> None:
    """Those of a replica that comes or goes pass on; in the end nobody has any."""
    async with replicas(address, 2) as running:
        await running.until(lambda: running.counts() == [2, 2])
        running.start()
        await running.until(lambda: sorted(running.counts()) == [1, 1, 2])
        await running.ownerships[0].close()
        await running.until(lambda: running.counts() == [0, 2, 2])
    assert running.counts() == [0, 0, 0]
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT count(owner) FROM leases").fetchone() == (0,)
        assert connection.execute("SELECT id FROM replicas").fetchall() == []


async def test_a_replica_that_is_gone(address: str) -> None:
    """The workspaces of a replica that no longer renews are taken when its leases expire."""
    async with replicas(address, 2) as running:
        await running.until(lambda: running.counts() == [2, 2])
        before = len(running.owners[0].calls)
        running.tasks.pop(0).cancel()
        await running.until(lambda: running.counts() == [0, 4])
        assert {call for call, _ in running.owners[0].calls[before:]} == {"lose"}


async def test_the_server_restarts(address: str, postgres: PostgresServer) -> None:
    """With the usual lease nobody loses anything, and the replicas go on."""
    async with replicas(address, 2, lease_seconds=15.0) as running:
        await running.until(lambda: running.counts() == [2, 2])
        before = [list(owner.calls) for owner in running.owners]
        await asyncio.to_thread(postgres.stop)
        await asyncio.to_thread(postgres.start)
        running.start()
        await running.until(lambda: sorted(running.counts()) == [1, 1, 2])
        for owner, calls in zip(running.owners, before, strict=False):
            assert owner.calls[: len(calls)] == calls
            assert "lose" not in {call for call, _ in owner.calls}


async def test_a_server_that_hangs(address: str, postgres: PostgresServer) -> None:
    """Each replica gives its workspaces up by its own clock, and takes them again afterwards."""
    async with replicas(address, 2) as running:
        await running.until(lambda: running.counts() == [2, 2])
        with hung(postgres):
            await running.until(
                lambda: [owner.calls[-1][0] for owner in running.owners] == ["lose", "lose"]
            )
            await running.until(lambda: running.counts() == [0, 0])
        await running.until(lambda: running.counts() == [2, 2])


async def test_a_process_that_is_stopped_and_wakes(address: str) -> None:
    """Its workspaces pass on while it is stopped; it gives them up first thing when it wakes."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("DELETE FROM leases WHERE team_id <> 'T0'")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.store.postgres.replica_process"),
        *("stopped", address, str(SHORT_LEASE_SECONDS)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"take T0 1 True\n"
        process.send_signal(signal.SIGSTOP)
        async with replicas(address, 1) as running:
            await running.until(lambda: running.counts() == [1])
            assert [lease.epoch for _, lease in running.owners[0].calls] == [2]
            process.send_signal(signal.SIGCONT)
            assert await process.stdout.readline() == b"lose T0 1 False\n"
            assert running.counts() == [1]
        taken = await process.stdout.readline()
        assert re.fullmatch(rb"take T0 (3|4|5) True\n", taken)  # later ones on a busy machine
    finally:
        process.kill()
        await process.wait()
