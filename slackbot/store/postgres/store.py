"""The store in a PostgreSQL database, for any number of processes at a time.

Every operation is one transaction, which begins with the lock of its workspace: the operations of a
workspace take place one after the other, in whichever process they began. No transaction locks a
second workspace, so none of them can wait for each other.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from functools import partial
from typing import LiteralString, Self, TypeVar
from uuid import uuid4

import psycopg
from psycopg import sql

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import LostLeaseError, LostStoreError, StoreError, UnreadableDraftError
from slackbot.store import row_format
from slackbot.store.announcements import Announcement, NewWorkspaces, payload_of
from slackbot.store.drafts import LostDraftError
from slackbot.store.forgetting import DataDeletion, Steps
from slackbot.store.postgres import texts
from slackbot.store.postgres.connection import TimedConnection
from slackbot.store.postgres.database import Database
from slackbot.store.postgres.errors import (
    FailedGuardError,
    UnreachableDatabaseError,
    store_error,
)
from slackbot.store.postgres.notifications import CHANNEL
from slackbot.store.postgres.opening import prepare
from slackbot.store.postgres.pool import NOTHING, TRANSACTION_SECONDS, Pool
from slackbot.store.postgres.table import PostgresTable
from slackbot.store.record_access import Kind
from slackbot.store.record_store import RecordStore
from slackbot.store.records import Records
from slackbot.store.texts import CLOSED, LOST_DRAFT
from slackbot.store.thread_deletion import DeletionReport
from slackbot.workspaces.lease import Lease

T = TypeVar("T")

log = logging.getLogger(__name__)

LOCK = sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))")

NOT_DURABLE = sql.SQL("SET LOCAL synchronous_commit = off")

OWNS = sql.SQL("SELECT 1 FROM leases WHERE team_id = {} AND owner = {} AND epoch = {}")
HOLDS = sql.SQL(
    "SELECT 1 FROM leases WHERE team_id = {} AND owner = {} AND epoch = {} FOR KEY SHARE"
)
"""Nobody can take the workspace over before the transaction has ended."""

NOTIFY: LiteralString = f"SELECT pg_notify('{CHANNEL}', %s)"

REMOVE_LEASE = "DELETE FROM leases WHERE team_id = %s RETURNING team_id"
"""No owner can be writing: the transaction has the workspace's lock."""

EVERYBODY = TeamId("-")
"""In the place of a workspace: its lock is for what concerns all of them."""

CLEANUP_SECONDS = 3_300
"""For so long after one replica has begun to clean up no other does: all try it every hour."""

CLAIM_CLEANUP = """
INSERT INTO counters (name, team_id, value)
VALUES ('cleaned', '-', json_build_object('at', extract(epoch FROM clock_timestamp())))
ON CONFLICT (name, team_id) DO UPDATE SET value = excluded.value
WHERE (excluded.value ->> 'at')::numeric NOT BETWEEN
  (counters.value ->> 'at')::numeric AND (counters.value ->> 'at')::numeric + %s
RETURNING name
"""

THREADS = "SELECT DISTINCT team_id, channel_id, thread_ts FROM inbox WHERE team_id = ANY(%s)"


class PostgresStore(RecordStore):
    def __init__(
        self,
        database: Database,
        lease: Lease | None = None,
        holds: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database = database
        self._lease = lease
        self._holds = holds
        self._failed: asyncio.Future[LostStoreError] = asyncio.get_running_loop().create_future()

    @classmethod
    async def open(cls, address: str, seconds: float = TRANSACTION_SECONDS) -> "PostgresStore":
        """Connects, and brings an older database up to date.

        `seconds` is how long an operation may take. Raises ConfigError and StoreError, which say
        what to do, and do not repeat the address.
        """
        connections = list[TimedConnection]()
        try:
            conninfo = await asyncio.to_thread(prepare, address, on_connect=connections.append)
        except asyncio.CancelledError:
            for connection in connections:
                connection.deadline = 0.0  # the thread must not keep the process from its end
            raise
        return cls(Database(Pool(conninfo, seconds)))

    @property
    def pool(self) -> Pool:
        """For what has tables, or transactions, of its own."""
        return self._database.pool

    @property
    def id(self) -> str:
        """Tells what this process has announced from what others have."""
        return self._database.id

    @property
    def failed(self) -> asyncio.Future[LostStoreError]:
        """Only the store of an owner fails for good: when it has lost its workspace."""
        return self._failed

    def owned(self, lease: Lease, holds: Callable[[], bool] = lambda: True) -> Self:
        return type(self)(self._database, lease, holds)

    async def close(self) -> None:
        """Closes the owners' stores too."""
        if not self._database.closed:
            self._database.closed = True
            if self._database.running:
                await asyncio.wait(self._database.running)
            await self._database.pool.close()

    async def _begin_removal(self, team: TeamId) -> None:
        """Nobody owns the workspace from then on: what its owner writes fails."""

        def work(table: PostgresTable, records: Records) -> None:
            records.begin_removal(team)
            table.execute(REMOVE_LEASE, team)
            self._announce(table, NewWorkspaces())

        await self._transact(team, work, "durable")

    async def threads_with_events(self, teams: Sequence[TeamId]) -> Sequence[ThreadKey]:
        """One statement for all workspaces: this is asked every few seconds."""
        rows = await self._transact(
            None, lambda table, _: table.execute(THREADS, list(teams)), "reading"
        )
        return [ThreadKey(TeamId(team), ChannelId(channel), Ts(ts)) for team, channel, ts in rows]

    async def claim_cleanup(self) -> bool:
        def work(table: PostgresTable, _: Records) -> bool:
            return bool(table.execute(CLAIM_CLEANUP, CLEANUP_SECONDS))

        return await self._transact(EVERYBODY, work, "passing")

    async def check(self) -> None:
        key = f"check/{uuid4()}"

        def work(table: PostgresTable, _: Records) -> None:
            with table.transaction():
                table.put(key, row_format.EMPTY)
                table.remove(key)

        await self._transact(None, work, "durable")

    async def _run(
        self,
        team: TeamId | None,
        work: Callable[[Records], T],
        kind: Kind = "durable",
        *,
        announcement: Announcement | None = None,
    ) -> T:
        def change(table: PostgresTable, records: Records) -> T:
            result = work(records)
            if announcement is not None and result is not False:
                self._announce(table, announcement)
            return result

        return await self._transact(team, change, kind)

    async def _delete(self, team: TeamId, begin: Callable[[DataDeletion], Steps]) -> DeletionReport:
        """Each step is a transaction."""
        steps: Steps | None = None
        deleting: PostgresTable

        def step(table: PostgresTable, records: Records) -> DeletionReport | None:
            nonlocal steps, deleting
            if steps is None:
                deleting, steps = table, begin(records.forgetting)
            deleting.go_on(table)
            try:
                next(steps)
            except StopIteration as end:
                report: DeletionReport = end.value
                return report
            return None

        gone = None
        while gone is None:
            gone = await self._transact(team, step, "passing")
        return gone

    async def _transact(
        self, team: TeamId | None, work: Callable[[PostgresTable, Records], T], kind: Kind
    ) -> T:
        if self._database.closed:
            raise StoreError(CLOSED)
        if self._failed.done():
            raise self._lost()
        if self._lease is not None and not self._holds():
            raise LostLeaseError(texts.LOST_LEASE, f"The lease of {self._lease.team} is over")
        if self._lease is not None and team not in (None, self._lease.team):
            raise LostLeaseError(texts.LOST_LEASE, f"The lease is that of {self._lease.team}")
        task = asyncio.create_task(self._in_turn(team, work, kind))
        self._database.running.add(task)
        task.add_done_callback(self._database.end)
        return await asyncio.shield(task)

    async def _in_turn(
        self, team: TeamId | None, work: Callable[[PostgresTable, Records], T], kind: Kind
    ) -> T:
        pool = self._database.pool
        deadline = time.monotonic() + pool.seconds
        carry_out = partial(self._carry_out, work, kind)
        prelude = self._prelude(team, kind)
        try:
            if team is None:
                return await pool.run(carry_out, prelude, snapshot=True)
            async with self._database.turn(team, pool.seconds):
                return await pool.run(carry_out, prelude, deadline=deadline)
        except FailedGuardError as error:
            self._lose()
            raise self._lost() from error
        except (psycopg.Error, UnreachableDatabaseError) as error:
            raise store_error(error) from error
        except LostDraftError as error:
            raise UnreadableDraftError(LOST_DRAFT) from error

    def _carry_out(
        self,
        work: Callable[[PostgresTable, Records], T],
        kind: Kind,
        connection: TimedConnection,
    ) -> T:
        guard = self._guard(HOLDS) if kind == "reading" else None
        table = PostgresTable(connection, guard)
        try:
            return work(table, Records(table, table.now))
        except LostDraftError:  # what could not be read is set aside, and stays there
            connection.execute("COMMIT")
            raise

    def _prelude(self, team: TeamId | None, kind: Kind) -> sql.Composable:
        """The first statements of a transaction; the last one gives a row if it may go on."""
        guard = self._guard(OWNS if kind == "reading" else HOLDS)
        statements = (
            NOT_DURABLE if kind == "passing" else None,
            LOCK.format(sql.Literal(team)) if team is not None else NOTHING,
            guard,
        )
        return sql.SQL("; ").join(each for each in statements if each is not None)

    def _guard(self, condition: sql.SQL) -> sql.Composed | None:
        if self._lease is None:
            return None
        return condition.format(*map(sql.Literal, astuple(self._lease)))

    def _announce(self, table: PostgresTable, announcement: Announcement) -> None:
        """Tells all processes that listen, once the transaction is committed."""
        table.execute(NOTIFY, payload_of(announcement, self.id))

    def _lose(self) -> None:
        if self._lease is not None and not self._failed.done():
            error = LostLeaseError(
                texts.LOST_LEASE, f"Another process owns the workspace {self._lease.team} by now"
            )
            log.warning("%s", error.reason)
            self._failed.set_result(error)

    def _lost(self) -> LostStoreError:
        error = self._failed.result()
        return type(error)(error.user_message, error.reason)
