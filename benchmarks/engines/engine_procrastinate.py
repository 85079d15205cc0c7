"""Procrastinate: a job for each event, with the thread as its lock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from procrastinate import App, JobContext, PsycopgConnector

from benchmarks.engines.effects import Effects

STALLED_SECONDS = 15.0
"""As a lease of the bot, which is renewed at a third of its life."""

POLLING_SECONDS = 0.5
"""Instead of 5: the end of a job wakes no job that waits for its lock."""


def make_app(url: str, effects: Effects) -> App:
    async def event(thread: str) -> None:
        await effects.add(thread, "event")

    async def listen(thread: str) -> None:
        await effects.add(thread, "listening")
        try:
            await asyncio.Event().wait()
        finally:
            await effects.add(thread, "stop")

    async def answer(thread: str) -> None:
        await effects.stream(thread)
        await effects.add(thread, "turn")

    async def rescue(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 # it is passed
        """Procrastinate finds stalled jobs, and leaves it to a task of ours to retry them."""
        jobs = context.app.job_manager
        for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await jobs.retry_job(job)

    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=10))
    for task in (event, listen, answer):
        app.task(name=task.__name__, queue="slack")(task)
    rescuing = app.task(name="rescue", queue="slack", queueing_lock="rescue", pass_context=True)
    app.periodic(cron="* * * * * */5")(rescuing(rescue))
    return app


async def work(url: str, effects: Effects) -> None:
    app = make_app(url, effects)
    async with app.open_async():
        print("ready", flush=True)
        await app.run_worker_async(
            concurrency=20,
            update_heartbeat_interval=STALLED_SECONDS / 3,
            stalled_worker_timeout=STALLED_SECONDS,
            fetch_job_polling_interval=POLLING_SECONDS,
        )


class Client:
    def __init__(self, app: App) -> None:
        self._app = app
        self._jobs: dict[str, int] = {}

    async def enqueue(self, task: str, identity: str, thread: str) -> None:
        deferrer = self._app.configure_task(task, lock=thread, queueing_lock=identity)
        self._jobs[identity] = await deferrer.defer_async(thread=thread)

    async def stop(self, identity: str) -> None:
        await self._app.job_manager.cancel_job_by_id_async(self._jobs[identity], abort=True)

    async def take_over(self, identity: str) -> None:
        """The workers' own task does it."""


@asynccontextmanager
async def client(url: str, effects: Effects) -> AsyncIterator[Client]:
    app = make_app(url, effects)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        yield Client(app)
