"""Measures the store on this disk: appends, a turn in a long thread, and the start on a large file.

    uv run python -m benchmarks.store [--threads 100000] [--folder .]

An append is what happens before Slack is told that a message has arrived. A turn is every operation
of a question and its answer, in a thread of 2,000 turns of which the last 20 are sent to the model.
The kilobytes of rows are keys and values that are read and written. The commits and kilobytes of
log are those of SQLite's write-ahead log, which holds whole pages.
"""

import argparse
import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.store.archive import ConversationTable, newest_in
from slackbot.store.drafts import DraftTable
from slackbot.store.events import EventTable
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.operations import Deadlines, Operations
from slackbot.store.sqlite.table import SqliteTable

APPENDERS = (1, 10, 100)

APPEND_SECONDS = 5.0
"""How long each number of appenders is measured."""

LONG_THREAD_TURNS = 2_000
WINDOW_TURNS = 20

TURNS = 200
"""How many turns are measured."""

STORED_THREADS = 100_000
TURNS_PER_THREAD = 3
THREADS_PER_TRANSACTION = 1_000

STARTS = 5

PAGE_BYTES = 4_096
WAL_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
"""https://sqlite.org/fileformat2.html#walformat"""

TEXT = "Deploys wait for the build, and the build waits for a runner that is busy until noon. " * 3
ANN = UserId("U0ANN")
TEAM = TeamId("T0A")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=STORED_THREADS, help="stored at the start")
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as folder:
        asyncio.run(measure(Path(folder), options.threads))


async def measure(folder: Path, threads: int) -> None:
    for appenders in APPENDERS:
        async with opened(folder / f"appends-{appenders}.db") as store:
            print(await measure_appends(store, appenders, APPEND_SECONDS))
    path = folder / "threads.db"
    print(f"{fill(path, threads):,.0f} MB with {threads:,} threads: {await measure_start(path)}")
    print(await measure_turns(path))


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(path)
    try:
        yield store
    finally:
        await store.close()


async def measure_appends(store: SqliteStore, appenders: int, seconds: float) -> str:
    """Each appender appends one message after the other, each in a thread of its own."""
    numbers, latencies = count(1), list[float]()
    end = time.monotonic() + seconds

    async def append() -> None:
        while time.monotonic() < end:
            message = asked(thread(next(numbers)))
            began = time.perf_counter()
            await store.append(MessageReceived(message), opens=True)
            latencies.append(time.perf_counter() - began)

    await asyncio.gather(*(append() for _ in range(appenders)))
    each = percentiles(latencies)
    return f"{appenders:4} appenders: {len(latencies) / seconds:7,.0f} appends a second, {each}"


class CountingTable(SqliteTable):
    """Counts the bytes of keys and values that are read and written."""

    row_bytes = 0

    def execute(self, statement: str, *values: str) -> list[tuple[Any, ...]]:
        rows = super().execute(statement, *values)
        self.row_bytes += sum(len(each) for row in rows for each in row if isinstance(each, bytes))
        return rows

    def put(self, key: str, value: bytes) -> None:
        self.row_bytes += len(key) + len(value)
        super().put(key, value)


async def measure_turns(path: Path) -> str:
    """Turns in one long thread, one after the other."""
    operations = Operations(lambda: CountingTable.open(path), Deadlines())
    table = await operations.open()
    assert isinstance(table, CountingTable)
    store = SqliteStore(table, operations)
    talk = thread(0)
    conversation = Conversation().add(*(turn(number) for number in range(LONG_THREAD_TURNS)))
    await store.commit(talk, conversation, LONG_THREAD_TURNS, [])
    await store.commit(talk, conversation.starting_at(LONG_THREAD_TURNS - WINDOW_TURNS), 0, [])
    seconds, commits, written = list[float](), list[int](), list[int]()
    table.row_bytes = 0
    for number in range(TURNS):
        before = commits_and_bytes(path)
        began = time.perf_counter()
        await take_turn(store, replace(asked(talk), ts=Ts(f"18000{number:05d}.000000")))
        seconds.append(time.perf_counter() - began)
        after = commits_and_bytes(path)
        if after[1] > before[1]:  # SQLite began its log again
            commits.append(after[0] - before[0])
            written.append(after[1] - before[1])
    await store.close()
    return (
        f"a turn in a thread of {LONG_THREAD_TURNS:,} turns: {percentiles(seconds)}, "
        f"{table.row_bytes / TURNS / 1000:.0f} kB of rows, "
        f"{median(commits):.0f} commits, {median(written) / 1000:.0f} kB of log"
    )


async def take_turn(store: SqliteStore, message: Message) -> None:
    """What the bot asks of the store for a question without tools, in its order."""
    reply = (Ts(f"{message.ts[:-1]}1"),)
    talk = message.thread
    await store.append(MessageReceived(message), opens=True)
    (event,) = await store.events(talk)
    await store.receive(talk, event.number, message)
    work = await store.waiting(talk)
    conversation = await store.load(talk)
    await store.place([message], reply)
    answered = replace(turn(0), messages=(UserMessage("Ann", TEXT, ts=message.ts, user=ANN),))
    bounded = conversation.starting_at(conversation.start + 1)
    after = bounded.add(replace(answered, reply_ts=reply))
    queued = [QueuedMessage(each.message, reply) for each in work.messages]
    assert await store.commit(talk, after, 1, queued, key=message.ts)
    await store.waiting(talk)


def fill(path: Path, threads: int) -> float:
    """Stores threads of some turns each, and a question that waits in one in a thousand.

    Returns the megabytes of the file.
    """
    table = SqliteTable.open(path)
    archive = ConversationTable(table, DraftTable(table))
    events = EventTable(table, archive)
    for first in range(0, threads, THREADS_PER_TRANSACTION):
        with table.transaction():
            for number in range(first, min(first + THREADS_PER_TRANSACTION, threads)):
                talk = thread(number)
                turns = [turn(each, talk) for each in range(TURNS_PER_THREAD)]
                for each, stored in enumerate(turns):
                    archive.put_turn(talk, each, stored)
                archive.put_header(talk, Conversation().add(*turns), newest_in(turns[-1]))
        events.append(MessageReceived(waiting_message(first)), opens=True)
    table.close()
    return path.stat().st_size / 1e6


async def measure_start(path: Path) -> str:
    """Opens the file and asks for what waits, as a starting bot does."""
    openings, questions = list[float](), list[float]()
    for _ in range(STARTS):
        began = time.perf_counter()
        store = await SqliteStore.open(path)
        openings.append(time.perf_counter() - began)
        began = time.perf_counter()
        waiting = await store.unanswered()
        questions.append(time.perf_counter() - began)
        await store.close()
    return (
        f"{median(openings) * 1000:.1f} ms to open, {median(questions) * 1000:.1f} ms to find "
        f"{len(waiting)} that wait"
    )


def commits_and_bytes(path: Path) -> tuple[int, int]:
    """How many commits the write-ahead log holds, and its bytes up to the last one."""
    log = path.with_name(f"{path.name}-wal").read_bytes()
    salts = log[16:24]
    commits, end = 0, WAL_HEADER_BYTES
    for frame in range(WAL_HEADER_BYTES, len(log), FRAME_HEADER_BYTES + PAGE_BYTES):
        if log[frame + 8 : frame + 16] != salts:
            break
        commits += log[frame + 4 : frame + 8] != bytes(4)
        end = frame + FRAME_HEADER_BYTES + PAGE_BYTES
    return commits, end


def percentiles(seconds: Sequence[float]) -> str:
    """In milliseconds."""
    p99 = quantiles(seconds, n=100)[98]
    return f"p50 {median(seconds) * 1000:.2f} ms, p99 {p99 * 1000:.2f} ms"


def thread(number: int) -> ThreadKey:
    channel = ChannelId(f"C{random.Random(number).randrange(100):03d}")  # noqa: S311 - no secret
    return ThreadKey(TEAM, channel, Ts(f"{1_700_000_000 + number}.000000"))


def asked(talk: ThreadKey) -> Message:
    return Message(talk, talk.ts, ANN, TEXT)


def waiting_message(number: int) -> Message:
    return replace(asked(thread(number)), ts=Ts(f"{1_800_000_000 + number}.000000"))


def turn(number: int, talk: ThreadKey | None = None) -> Turn:
    seconds = 1_600_000_000 if talk is None else int(talk.ts.partition(".")[0])
    ts, reply = Ts(f"{seconds}.{number:06d}"), Ts(f"{seconds}.{100 + number:06d}")
    said = UserMessage("Ann", TEXT, ts=ts, user=ANN)
    return Turn((said,), Answer(TEXT), reply_ts=(reply,))


if __name__ == "__main__":
    main()
