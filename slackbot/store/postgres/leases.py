"""The leases of all workspaces, and the replicas that live, as rows of PostgreSQL.

All times are the database's, so the clocks of the replicas need not agree. Each statement is a
transaction of its own. What an owner writes locks its lease with FOR KEY SHARE; a claim changes the
key `(team_id, epoch)`, so it leaves out a lease under which something is being written. Renewals
change no key, so they wait for nobody.
https://www.postgresql.org/docs/15/explicit-locking.html#LOCKING-ROWS

What others should look at is notified when the statement is committed; equal notifications of one
statement are sent once. https://www.postgresql.org/docs/15/sql-notify.html
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import LiteralString

from slackbot.conversation.ids import TeamId
from slackbot.store.announcements import WORKSPACES
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.store.postgres.notifications import CHANNEL
from slackbot.workspaces import Census, Lease, Presence

NOTIFY: LiteralString = f"pg_notify('{CHANNEL}', '{WORKSPACES}')"

COME: LiteralString = f"""
  INSERT INTO replicas (id, team_id, expires_at)
  SELECT %(replica)s, %(only)s, now + make_interval(secs => %(seconds)s) FROM clock
  ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
  RETURNING CASE WHEN xmax = 0 THEN {NOTIFY} END
"""
"""A row that is new has no `xmax`: the others hand over to a replica that comes."""

LEAVE: LiteralString = f"""
  DELETE FROM replicas WHERE id = %(replica)s
  RETURNING {NOTIFY}
"""

BEAT: LiteralString = """,
swept AS (
  DELETE FROM replicas WHERE id IN (
    SELECT id FROM replicas, clock WHERE id <> %(replica)s AND expires_at <= now
    FOR UPDATE OF replicas SKIP LOCKED)
),
renewed AS (
  UPDATE leases SET expires_at = now + make_interval(secs => %(seconds)s) FROM clock
  WHERE owner = %(replica)s AND expires_at > now
  RETURNING team_id, epoch
),
replica AS (
  SELECT id, expires_at FROM replicas, clock
  WHERE id <> %(replica)s AND expires_at > now AND team_id IS NOT DISTINCT FROM %(only)s::text
),
served AS (
  SELECT owner, expires_at FROM leases WHERE team_id = %(only)s OR %(only)s::text IS NULL
),
lease AS (
  SELECT owner, expires_at FROM served, clock WHERE owner <> %(replica)s AND expires_at > now
),
next AS (
  SELECT min(expires_at) AS expires_at
  FROM (SELECT expires_at FROM replica UNION ALL SELECT expires_at FROM lease) AS all_of_others
)
SELECT
  (SELECT json_agg(json_build_array(team_id, epoch)) FROM renewed),
  (SELECT json_object_agg(id, (SELECT count(*) FROM lease WHERE owner = id)) FROM replica),
  (SELECT count(*) FROM served),
  (SELECT extract(epoch FROM expires_at - now)::double precision FROM next)
FROM clock
"""

CLOCK: LiteralString = "WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now), "

BEATS: Mapping[Presence, LiteralString] = {
    "here": CLOCK + "presence AS (" + COME + ")" + BEAT,
    "leaving": CLOCK + "presence AS (" + LEAVE + ")" + BEAT,
}

CLAIM: LiteralString = """
WITH free AS (
  SELECT team_id FROM leases
  WHERE (owner IS NULL OR expires_at <= clock_timestamp())
    AND team_id <> ALL (%(excluding)s::text[])
    AND (team_id = %(only)s OR %(only)s::text IS NULL)
  ORDER BY team_id LIMIT %(most)s
  FOR UPDATE SKIP LOCKED
)
UPDATE leases
SET owner = %(replica)s, epoch = epoch + 1,
  expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
FROM free WHERE leases.team_id = free.team_id
RETURNING leases.team_id, epoch
"""

RELEASE: LiteralString = f"""
UPDATE leases SET owner = NULL, expires_at = NULL
FROM unnest(%(teams)s::text[], %(owners)s::text[], %(epochs)s::bigint[]) AS one (team, by, number)
WHERE team_id = team AND owner = by AND epoch = number
RETURNING {NOTIFY}
"""

ADD: LiteralString = f"""
INSERT INTO leases (team_id)
SELECT %(team)s WHERE NOT EXISTS (
  SELECT FROM counters WHERE name = 'removed' AND team_id = %(team)s)
ON CONFLICT DO NOTHING
RETURNING {NOTIFY}
"""


class PostgresLeases:
    """The LeaseStore of a PostgreSQL database. It has one connection, opened when it is needed."""

    def __init__(self, connection: LoneConnection, only: TeamId | None = None) -> None:
        """`only` is the workspace whose token the replica has; without it, the replica serves all.
        Replicas that serve another one share the database, and nothing else.
        """
        self._connection = connection
        self._only = only
        self._leaving: set[Lease] = set()
        self._next_release: asyncio.Task[None] | None = None
        self._releasing = asyncio.Lock()

    async def beat(self, replica: str, seconds: float, presence: Presence) -> Census:
        values = {"replica": replica, "only": self._only, "seconds": seconds}
        ((renewed, owned, workspaces, next_expiry),) = await self._connection.run(
            BEATS[presence], values
        )
        leases = frozenset(Lease(team, replica, epoch) for team, epoch in renewed or ())
        here = {replica: len(leases)} if presence == "here" else {}
        return Census(leases, {**(owned or {}), **here}, workspaces, next_expiry)

    async def claim(
        self, replica: str, most: int, seconds: float, *, excluding: Collection[TeamId] = ()
    ) -> Sequence[Lease]:
        values = {
            "replica": replica,
            "only": self._only,
            "most": most,
            "seconds": seconds,
            "excluding": [*excluding],
        }
        rows = await self._connection.run(CLAIM, values)
        return [Lease(TeamId(team), replica, epoch) for team, epoch in rows]

    async def release(self, leases: Collection[Lease]) -> None:
        """A replica that ends may release a thousand leases at once, one by one. What waits for
        one statement goes in the next, and shares what becomes of it.
        """
        self._leaving |= {*leases}
        if self._next_release is None:
            self._next_release = asyncio.create_task(self._release_waiting())
        await asyncio.shield(self._next_release)

    async def _release_waiting(self) -> None:
        async with self._releasing:
            batch, self._leaving, self._next_release = [*self._leaving], set(), None
            await self._connection.run(
                RELEASE,
                {
                    "teams": [lease.team for lease in batch],
                    "owners": [lease.owner for lease in batch],
                    "epochs": [lease.epoch for lease in batch],
                },
            )

    async def add(self, team: TeamId) -> None:
        await self._connection.run(ADD, {"team": team})

    async def close(self) -> None:
        await self._connection.close()
