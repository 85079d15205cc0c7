"""A PostgreSQL server that is restarted at random, and loses connections."""

import asyncio
from collections import Counter
from random import Random
from typing import LiteralString

import psycopg

from slackbot.playground.postgres_server import PostgresServer, Shutdown

FAULTS_PER_SECOND = 0.15

RESTART_RATE = 0.4
"""The share of restarts; the others end connections."""

MAX_SECONDS_UNTIL_FIRST = 6.0
"""The first fault is a restart."""

MAX_DOWN_SECONDS = 2.0

LISTENING: LiteralString = "query ILIKE 'LISTEN%'"
ANY: LiteralString = "random() < 0.5"
END_CONNECTIONS: LiteralString = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND
"""


class DatabaseFaults:
    def __init__(self, server: PostgresServer, rng: Random) -> None:
        self._server = server
        self._rng = rng
        self.counts: Counter[str] = Counter()
        """How often each fault occurred."""

    async def run(self) -> None:
        """Goes on until it is cancelled; the server runs then."""
        await asyncio.sleep(self._rng.uniform(0.0, MAX_SECONDS_UNTIL_FIRST))
        await self._restart()
        while True:
            await asyncio.sleep(self._rng.expovariate(FAULTS_PER_SECOND))
            if self._rng.random() < RESTART_RATE:
                await self._restart()
            else:
                name, which = self._rng.choice(
                    [("lost connections that listen", LISTENING), ("other lost connections", ANY)]
                )
                self.counts[name] += await self._end(which)

    async def _restart(self) -> None:
        how: Shutdown = self._rng.choice(["fast", "immediate"])
        self.counts[f"{how} restarts"] += 1
        self._server.stop(how)  # blocks, so that nothing can cancel it half-way
        try:
            await asyncio.sleep(self._rng.uniform(0.0, MAX_DOWN_SECONDS))
        finally:
            self._server.start()

    async def _end(self, which: LiteralString) -> int:
        async with await psycopg.AsyncConnection.connect(self._server.url("postgres")) as server:
            ended = await (await server.execute(f"{END_CONNECTIONS} {which}")).fetchone()
            return 0 if ended is None else int(ended[0])
