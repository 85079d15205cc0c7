"""Runs the trials of one engine: `sql` (taking in alone), `procrastinate` or `dbos`.

Takes the address of an empty PostgreSQL database for each.
"""

import asyncio
import importlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from benchmarks.engines.effects import TABLES, Effects

EVENTS, AT_ONCE = 1000, 50

APPEND = """
WITH appended AS (
    INSERT INTO inbox (identity, value) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING identity
) SELECT pg_notify('slackbot', identity) FROM appended
"""


async def run(url: str, name: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
        await database.execute(TABLES)
        effects = Effects(database)
        if name == "sql":
            await plain_sql(url, effects)
            return
        engine = importlib.import_module(f"benchmarks.engines.engine_{name}")
        async with engine.client(url, effects) as client:
            async with worker(name, url, "A") as one, worker(name, url, "B") as other:
                await interrupted(client, effects)
                await delivered_again(client, effects)
                if name == "dbos":
                    await edited_by_steps(client, effects)
                await paused(client, effects, {"A": one, "B": other})
                await killed(client, effects, {"A": one, "B": other})
            await taken_in(client.enqueue, effects)


async def plain_sql(url: str, effects: Effects) -> None:
    async with AsyncConnectionPool(url, min_size=10, open=False) as pool:

        async def append(_: str, identity: str, thread: str) -> None:
            async with pool.connection() as database:
                await database.execute(APPEND, (identity, f'{{"thread": "{thread}"}}'))

        await taken_in(append, effects)


async def taken_in(enqueue: Callable[[str, str, str], Awaitable[None]], effects: Effects) -> None:
    """Takes in events of fifty threads, many at once."""
    before, begin, numbers = await effects.log_bytes(), time.perf_counter(), iter(range(EVENTS))

    async def take() -> None:
        for number in numbers:
            await enqueue("event", f"Ev{number}", f"thread {number % 50}")

    await asyncio.gather(*(take() for _ in range(AT_ONCE)))
    rate = EVENTS / (time.perf_counter() - begin)
    size = (await effects.log_bytes() - before) / EVENTS
    print(f"{AT_ONCE} at once: {rate:,.0f} a second, {size:,.0f} bytes of log each")


async def interrupted(client: Any, effects: Effects) -> None:
    await client.enqueue("answer", "answer", "edited")
    await effects.until("edited", "edit 5")
    await client.enqueue("event", "edit", "edited")
    print("an edit of a question: handled after", await effects.until("edited", "event"))
    await client.enqueue("listen", "listen", "stopped")
    await effects.until("stopped", "listening")
    await asyncio.sleep(1)  # it waits by now
    await client.stop("listen")
    print("a stop: reaches the answer after", await effects.until("stopped", "stop"))


async def delivered_again(client: Any, effects: Effects) -> None:
    for _ in range(2):
        await client.enqueue("event", "again", "again")
        await effects.until("again", "event")
        await asyncio.sleep(1)
    print("delivered twice:", await effects.summary("again"))


async def edited_by_steps(client: Any, effects: Effects) -> None:
    before, begin = await effects.log_bytes(), time.perf_counter()
    await client.enqueue("steps", "steps", "steps")
    await effects.until("steps", "step 99")
    size = await effects.log_bytes() - before
    print(f"100 edits as steps: {time.perf_counter() - begin:.2f} s, {size:,} bytes of log")


async def paused(client: Any, effects: Effects, workers: dict[str, int]) -> None:
    """A worker is paused, the other takes over, and the first wakes and goes on."""
    at_work, idle = await answering("paused", client, effects)
    os.kill(workers[at_work], signal.SIGSTOP)
    await client.take_over("paused")
    await effects.until("paused", "edit 0", idle)
    os.kill(workers[at_work], signal.SIGCONT)
    await effects.until("paused", "turn", idle)
    await asyncio.sleep(2)  # what the first one still does
    print(f"SIGSTOP of {at_work}:", await effects.summary("paused"))


async def killed(client: Any, effects: Effects, workers: dict[str, int]) -> None:
    at_work, idle = await answering("killed", client, effects)
    os.kill(workers[at_work], signal.SIGKILL)
    print(
        f"kill -9 of {at_work}: {idle} begins after", await effects.until("killed", "edit 0", idle)
    )
    await client.take_over("killed")
    await effects.until("killed", "turn", idle)
    print("  at the end:", await effects.summary("killed"))


async def answering(thread: str, client: Any, effects: Effects) -> tuple[str, str]:
    """Begins an answer; gives the worker that has written half of it, and the other."""
    await client.enqueue("answer", thread, thread)
    await effects.until(thread, "edit 20")
    at_work, _ = (await effects.of(thread))[0]
    return at_work, "B" if at_work == "A" else "A"


@asynccontextmanager
async def worker(engine: str, url: str, name: str) -> AsyncIterator[int]:
    """Runs a worker of an engine while the block runs; gives its process id."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.engines", url, engine, name),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # an engine logs what is refused
    )
    assert process.stdout is not None
    assert await process.stdout.readline(), "the worker ended"
    try:
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def work(url: str, engine: str, name: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as database:
        module = importlib.import_module(f"benchmarks.engines.engine_{engine}")
        await module.work(url, Effects(database, name))


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]) if len(sys.argv) == 3 else work(*sys.argv[1:]))
