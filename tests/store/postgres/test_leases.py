"""Leases in a real database."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from slackbot.conversation.ids import TeamId
from slackbot.errors import StoreError
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.workspaces import Lease
from tests.store.postgres.hung_server import hung
from tests.store.postgres.lease_tables import lease_database, remove_workspace

TEAMS = [TeamId(f"T{number}") for number in range(4)]

HOUR_SECONDS = 3600.0


@pytest.fixture
def address(postgres: PostgresServer) -> str:
    return lease_database(postgres)


@pytest.fixture
async def leases(address: str) -> AsyncIterator[PostgresLeases]:
    """With four workspaces that nobody owns."""
    stored = PostgresLeases(LoneConnection(address))
    for team in TEAMS:
        await stored.add(team)
    yield stored
    await stored.close()


def expire(address: str, lease: Lease) -> None:
    """As if the owner had died long ago."""
    with psycopg.connect(address) as connection:
        connection.execute(
            "UPDATE leases SET expires_at = clock_timestamp() - interval '1 s' WHERE team_id = %s",
            [lease.team],
        )


async def test_claims(leases: PostgresLeases) -> None:
    """Each free workspace goes to one replica, with a new epoch; none of `excluding` does."""
    first = await leases.claim("A", 2, HOUR_SECONDS, excluding=[TEAMS[0]])
    assert first == [Lease(TEAMS[1], "A", 1), Lease(TEAMS[2], "A", 1)]
    assert await leases.claim("B", 9, HOUR_SECONDS) == [
        Lease(TEAMS[0], "B", 1),
        Lease(TEAMS[3], "B", 1),
    ]
    assert await leases.claim("C", 9, HOUR_SECONDS) == []


async def test_claims_at_the_same_time(address: str, leases: PostgresLeases) -> None:
    """Replicas that claim at once never get the same workspace, and leave none."""
    for number in range(4, 100):
        await leases.add(TeamId(f"T{number}"))
    replicas = [PostgresLeases(LoneConnection(address)) for _ in range(5)]
    claimed: list[TeamId] = []
    for _ in range(20):
        results = await asyncio.gather(
            *(one.claim(f"R{number}", 3, HOUR_SECONDS) for number, one in enumerate(replicas))
        )
        claimed += [lease.team for result in results for lease in result]
    assert sorted(claimed) == sorted(f"T{number}" for number in range(100))
    for replica in replicas:
        await replica.close()


async def test_all_are_released_together(postgres: PostgresServer, address: str) -> None:
    """Each workspace of a replica that ends releases its own lease, and they share a statement."""
    stored = PostgresLeases(LoneConnection(address))
    for number in range(100):
        await stored.add(TeamId(f"T{number}"))
    mine = await stored.claim("A", 100, HOUR_SECONDS)
    with psycopg.connect(address, autocommit=True) as other:
        name = other.info.dbname
        other.execute(f"ALTER DATABASE {name} SET log_statement = 'all'".encode())
    leaving = PostgresLeases(LoneConnection(address))
    await asyncio.gather(*(leaving.release([lease]) for lease in mine))
    assert len(await stored.claim("B", 100, HOUR_SECONDS)) == 100
    statements = postgres.log.count("SET owner = NULL")
    assert 0 < statements <= 2
    await stored.close()
    await leaving.close()


async def test_leases_that_can_not_be_released(postgres: PostgresServer, address: str) -> None:
    """Each of those that share a statement learns that it failed; one that gives up waiting ends it
    for nobody else.
    """
    leases = PostgresLeases(LoneConnection(address, deadline_seconds=1.0))
    for team in TEAMS:
        await leases.add(team)
    mine = await leases.claim("A", 4, HOUR_SECONDS)
    with hung(postgres):
        results = await asyncio.gather(
            *(leases.release([lease]) for lease in mine), return_exceptions=True
        )
    assert [type(each) for each in results] == [StoreError] * 4
    impatient, *others = (asyncio.ensure_future(leases.release([lease])) for lease in mine)
    await asyncio.sleep(0)  # they wait for one statement
    impatient.cancel()
    await asyncio.gather(*others)
    assert {lease.team for lease in await leases.claim("B", 4, HOUR_SECONDS)} == {*TEAMS}
    await leases.close()


async def test_a_heartbeat(leases: PostgresLeases) -> None:
    """It counts the workspaces of each live replica, its own included, and says when to look."""
    mine = await leases.claim("A", 3, HOUR_SECONDS)
    census = await leases.beat("A", HOUR_SECONDS, "here")
    assert census.leases == {*mine}
    assert (census.owned, census.workspaces) == ({"A": 3}, 4)
    assert census.next_expiry_seconds is None
    await leases.claim("B", 1, 60.0)
    census = await leases.beat("B", 60.0, "here")
    assert census.owned == {"A": 3, "B": 1}
    census = await leases.beat("A", HOUR_SECONDS, "here")
    assert census.owned == {"A": 3, "B": 1}
    assert census.next_expiry_seconds is not None
    assert 0.0 < census.next_expiry_seconds <= 60.0


async def test_a_heartbeat_renews_what_has_not_expired(
    address: str, leases: PostgresLeases
) -> None:
    """An expired lease is gone, also if nobody else has taken the workspace."""
    lost, kept = await leases.claim("A", 2, HOUR_SECONDS)
    expire(address, lost)
    census = await leases.beat("A", HOUR_SECONDS, "here")
    assert census.leases == {kept}
    assert await leases.claim("B", 1, HOUR_SECONDS) == [Lease(lost.team, "B", lost.epoch + 1)]


async def test_replicas_that_leave_or_die(address: str, leases: PostgresLeases) -> None:
    """Neither counts any more. One that leaves keeps renewing what it has."""
    await leases.beat("dead", HOUR_SECONDS, "here")
    (mine,) = await leases.claim("leaving", 1, HOUR_SECONDS)
    await leases.beat("leaving", HOUR_SECONDS, "here")
    with psycopg.connect(address) as connection:
        connection.execute("UPDATE replicas SET expires_at = now() WHERE id = 'dead'")
    census = await leases.beat("leaving", HOUR_SECONDS, "leaving")
    assert census.leases == {mine}
    assert census.owned == {}
    census = await leases.beat("A", HOUR_SECONDS, "here")
    assert census.owned == {"A": 0}
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT id FROM replicas").fetchall() == [("A",)]


async def test_a_release(leases: PostgresLeases) -> None:
    """It frees the workspace at once, unless another replica has it by now."""
    old, other = await leases.claim("A", 2, HOUR_SECONDS)
    await leases.release([old])
    (new,) = await leases.claim("B", 1, HOUR_SECONDS)
    assert new == Lease(old.team, "B", old.epoch + 1)
    await leases.release([old, Lease(other.team, "A", other.epoch + 1)])
    census = await leases.beat("B", HOUR_SECONDS, "here")
    assert census.leases == {new}
    census = await leases.beat("A", HOUR_SECONDS, "here")
    assert census.leases == {other}


async def test_replicas_of_one_workspace(address: str, leases: PostgresLeases) -> None:
    """They claim no other, and count those replicas alone that serve it too."""
    first, second, other = (
        PostgresLeases(LoneConnection(address), only) for only in (TEAMS[1], TEAMS[1], TEAMS[2])
    )
    assert (await first.beat("A", HOUR_SECONDS, "here")).workspaces == 1
    (mine,) = await first.claim("A", 9, HOUR_SECONDS)
    assert mine.team == TEAMS[1]
    assert (await second.beat("B", HOUR_SECONDS, "here")).owned == {"A": 1, "B": 0}
    assert await second.claim("B", 9, HOUR_SECONDS) == []
    assert (await other.beat("C", 60.0, "here")).owned == {"C": 0}
    assert [lease.team for lease in await other.claim("C", 9, 60.0)] == [TEAMS[2]]
    census = await second.beat("B", HOUR_SECONDS, "here")
    assert census.next_expiry_seconds is not None
    assert census.next_expiry_seconds > 60.0
    assert (await leases.beat("D", HOUR_SECONDS, "here")).owned == {"D": 0}
    for each in (first, second, other):
        await each.close()


async def test_add_and_remove(address: str, leases: PostgresLeases) -> None:
    """A second `add` changes nothing; the owner of a removed workspace loses its lease."""
    (mine,) = await leases.claim("A", 1, HOUR_SECONDS)
    await leases.add(mine.team)
    assert (await leases.beat("A", HOUR_SECONDS, "here")).leases == {mine}
    remove_workspace(address, mine.team)
    census = await leases.beat("A", HOUR_SECONDS, "here")
    assert (census.leases, census.workspaces) == (frozenset(), 3)


async def test_a_takeover_waits_for_what_the_owner_writes(
    address: str, leases: PostgresLeases
) -> None:
    """While a transaction holds the lease, it is renewed, but not claimed."""
    (mine,) = await leases.claim("A", 1, HOUR_SECONDS)
    for team in TEAMS:
        if team != mine.team:
            remove_workspace(address, team)
    with psycopg.connect(address) as writing:
        writing.execute("SELECT 1 FROM leases WHERE team_id = %s FOR KEY SHARE", [mine.team])
        assert (await leases.beat("A", HOUR_SECONDS, "here")).leases == {mine}
        await leases.release([mine])
        assert await leases.claim("B", 1, HOUR_SECONDS) == []
    assert await leases.claim("B", 1, HOUR_SECONDS) == [Lease(mine.team, "B", mine.epoch + 1)]
