"""What people can see of the replicas."""

import time

import psycopg

from slackbot.conversation.ids import TeamId
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.store.postgres.overview import open_overview
from slackbot.workspaces.overview import ReplicaOverview
from tests.store.postgres.lease_tables import lease_database

LIFE_SECONDS = 60.0


async def test_who_lives_and_owns(postgres: PostgresServer) -> None:
    """Replicas and leases that have expired are left out; a workspace is counted all the same."""
    address = lease_database(postgres)
    leases = PostgresLeases(LoneConnection(address))
    async with open_overview(address) as reader:
        assert await reader.read() == ReplicaOverview()
        for team in ("T1", "T2"):
            await leases.add(TeamId(team))
        for replica in ("a", "b"):
            await leases.beat(replica, LIFE_SECONDS, "here")
        await leases.claim("a", 1, LIFE_SECONDS)
        seen = await reader.read()
        assert (seen.replicas, seen.workspaces) == (["a", "b"], 2)
        assert [(team, lease.owner) for team, lease in seen.leases.items()] == [("T1", "a")]
        assert abs(seen.leases[TeamId("T1")].ends_at - time.time()) < LIFE_SECONDS + 1
        with psycopg.connect(address) as connection:
            connection.execute("UPDATE leases SET expires_at = now() - interval '1 second'")
            connection.execute("UPDATE replicas SET expires_at = now() - interval '1 second'")
        assert await reader.read() == ReplicaOverview(workspaces=2)
    await leases.close()
