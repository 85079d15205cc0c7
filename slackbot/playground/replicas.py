"""Several bots on one PostgreSQL database: one owns the workspace, and others take over from it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from slackbot.conversation.ids import TeamId
from slackbot.errors import ConfigError, StoreError
from slackbot.playground.bot_process import BotProcess
from slackbot.playground.postgres_server import MissingPostgresError, PostgresServer
from slackbot.workspaces.overview import LastingLease, OverviewReader
from slackbot.workspaces.replica_ids import process_id

OPTION = "--replicas"

LOOK_SECONDS = 0.3
"""How soon the page shows that another replica owns the workspace."""

OpenOverview = Callable[[str], AbstractAsyncContextManager[OverviewReader]]
"""Reads the leases at an address of a database."""


@dataclass(frozen=True, slots=True)
class ReplicaChoice:
    """How many replicas run, and how to look at their leases."""

    count: int
    open_overview: OpenOverview


class Replicas:
    def __init__(self, bots: Sequence[BotProcess], team: TeamId) -> None:
        self.bots = bots
        self._team = team
        self._lease: LastingLease | None = None

    def lease_ends_at(self, bot: BotProcess) -> float | None:
        """When the bot's lease on the workspace ends unless it renews it, in seconds since 1970;
        None if it has none.
        """
        lease = self._lease
        if lease is None or process_id(lease.owner) != bot.pid:
            return None
        return lease.ends_at

    async def follow(self, reader: OverviewReader, changed: Callable[[], None]) -> None:
        """Looks at the lease until it is cancelled; calls `changed` on every change."""
        while True:
            try:
                lease = (await reader.read()).leases.get(self._team)
            except StoreError:  # the first replica has not made the tables yet
                lease = None
            if lease != self._lease:
                self._lease = lease
                changed()
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def running_database() -> AsyncIterator[str]:
    """The address of an empty database, on a server that runs while the block does.

    Raises ConfigError if the machine has no PostgreSQL.
    """
    try:
        server = PostgresServer()
    except MissingPostgresError as err:
        raise ConfigError(OPTION, f"needs a PostgreSQL server of its own. {err}") from err
    await asyncio.to_thread(server.__enter__)
    try:
        yield await asyncio.to_thread(server.create_database)
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


@asynccontextmanager
async def running_replicas(
    choice: ReplicaChoice, environment: Mapping[str, str], team: TeamId, changed: Callable[[], None]
) -> AsyncIterator[Replicas]:
    """Starts the bots, and follows who owns the workspace."""
    bots = [BotProcess(environment, changed) for _ in range(choice.count)]
    replicas = Replicas(bots, team)
    async with choice.open_overview(environment["DATABASE_URL"]) as reader:
        following = asyncio.create_task(replicas.follow(reader, changed))
        try:
            await asyncio.gather(*(bot.start() for bot in bots))
            yield replicas
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await asyncio.gather(*(bot.close() for bot in bots))
