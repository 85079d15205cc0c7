"""DBOS Transact: a workflow for each event or answer, and a step for each effect.

Without Conductor, a separate product that finds dead executors: here the benchmark tells who died.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from dbos import DBOS, AsyncSQLAlchemyDatasource, DBOSClient

from benchmarks.engines.effects import Effects

POLLING_SECONDS = 0.1
"""Instead of 1."""

VERSION = "1"

TURN = "INSERT INTO effects (worker, thread, what) VALUES (:worker, :thread, 'turn')"


def register(effects: Effects, tables: AsyncSQLAlchemyDatasource) -> None:
    async def commit(thread: str) -> None:
        await tables.sql_session().execute(
            sa.text(TURN), {"worker": effects.worker, "thread": thread}
        )

    async def add(thread: str, what: str) -> None:
        await effects.add(thread, what)

    async def stream(thread: str) -> None:
        await effects.stream(thread)

    add_step, stream_step = DBOS.step()(add), DBOS.step()(stream)
    commit_step = tables.transaction()(commit)

    async def event(thread: str) -> None:
        await effects.add(thread, "event")

    async def listen(thread: str) -> None:
        await effects.add(thread, "listening")
        await effects.add(thread, await DBOS.recv_async())

    async def answer(thread: str) -> None:
        await add_step(thread, "post")
        await stream_step(thread)
        await add_step(thread, "end")
        await commit_step(thread)

    async def steps(thread: str) -> None:
        """As many steps as a long answer has edits."""
        for number in range(100):
            await add_step(thread, f"step {number}")

    for workflow in (event, listen, answer, steps):
        DBOS.workflow(name=workflow.__name__)(workflow)


async def work(url: str, effects: Effects) -> None:
    DBOS(
        config={
            "name": "trial",
            "system_database_url": url,
            "executor_id": effects.worker,
            "application_version": VERSION,
            "log_level": "WARNING",
        }
    )
    register(effects, await AsyncSQLAlchemyDatasource.create(url))
    await asyncio.to_thread(DBOS.launch)
    print("ready", flush=True)
    await asyncio.Event().wait()


class Client:
    def __init__(self, dbos: DBOSClient) -> None:
        self._dbos = dbos

    async def enqueue(self, task: str, identity: str, thread: str) -> None:
        options = {"workflow_name": task, "workflow_id": identity, "app_version": VERSION}
        queue = {"queue_name": "slack", "queue_partition_key": thread}
        await self._dbos.enqueue_async({**options, **queue}, thread)

    async def stop(self, identity: str) -> None:
        await self._dbos.send_async(identity, "stop", idempotency_key=f"stop {identity}")

    async def take_over(self, identity: str) -> None:
        await self._dbos.resume_workflow_async(identity, queue_name="slack")


@asynccontextmanager
async def client(url: str, _effects: Effects) -> AsyncIterator[Client]:
    await asyncio.to_thread(DBOS.migrate, url)
    await AsyncSQLAlchemyDatasource.migrate(url)
    dbos = DBOSClient(system_database_url=url, application_name="trial")
    await dbos.register_queue_async(
        "slack", partition_concurrency=1, polling_interval_sec=POLLING_SECONDS
    )
    try:
        yield Client(dbos)
    finally:
        dbos.destroy()
