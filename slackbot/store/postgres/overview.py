"""What people can see of a database: its version, which replicas live, and who owns what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import LiteralString

from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.workspaces.overview import LastingLease, ReplicaOverview

READ: LiteralString = """
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
SELECT
  (SELECT json_agg(id ORDER BY id) FROM replicas, clock WHERE expires_at > now),
  (SELECT json_object_agg(team_id, json_build_array(owner, extract(epoch FROM expires_at)))
   FROM leases, clock WHERE owner IS NOT NULL AND expires_at > now),
  (SELECT count(*) FROM leases)
"""

VERSIONS: LiteralString = (
    "SELECT current_setting('server_version'), max(version) FROM schema_versions"
)


class PostgresOverview:
    """The OverviewReader of a PostgreSQL database that is up to date."""

    def __init__(self, connection: LoneConnection) -> None:
        self._connection = connection

    async def read(self) -> ReplicaOverview:
        ((replicas, leases, workspaces),) = await self._connection.run(READ)
        return ReplicaOverview(
            replicas or (),
            {
                team: LastingLease(owner, ends_at)
                for team, (owner, ends_at) in (leases or {}).items()
            },
            workspaces,
        )

    async def versions(self) -> tuple[str, int]:
        """That of the server, and the number of the last migration. Raises StoreError."""
        ((server, migration),) = await self._connection.run(VERSIONS)
        return str(server).partition(" ")[0], migration


@asynccontextmanager
async def open_overview(address: str) -> AsyncIterator[PostgresOverview]:
    """Connects at the first look."""
    connection = LoneConnection(address)
    try:
        yield PostgresOverview(connection)
    finally:
        await connection.close()
