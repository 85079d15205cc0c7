"""Measures replicas on PostgreSQL next to one process on SQLite.

    uv run python -m benchmarks.replicas [--deaths 3] [--answers 100] [--seconds 3]

Reported are the seconds from the death of a replica (SIGKILL, in the middle of its answers) until
people see each of them go on; the events that one, two and three processes store a second; and what
an answer costs the database: time, rows and bytes.
"""

import argparse
import asyncio
import re
import signal
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.chaos.bot_processes import FORK_CONTEXT
from benchmarks.chaos.replica import ReplicaProcess
from benchmarks.chaos.tool_log import LOG_FILE_VARIABLE
from benchmarks.environment import answers, running_bot, temporary_folder
from benchmarks.installed import install, installed_environment
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.playground.fake_openai.script import Script, says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store import open_store
from slackbot.workspaces.ownership import LEASE_SECONDS

WORKSPACES = 10
REPLICAS = 3
WORDS, WORDS_PER_SECOND = 1_200, 20.0
"""Of the answers that are under way at a death."""

EVENTS_AT_ONCE = 32
FLUSH_SECONDS = 2.0
"""PostgreSQL's processes write their statistics each second at most."""

STATISTICS = """
SELECT active_time, tup_inserted + tup_updated + tup_deleted, xact_commit,
  pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')
FROM pg_stat_database WHERE datname = current_database()
"""


class Cost(NamedTuple):
    """Of a number of answers, in the database."""

    milliseconds: float
    rows: float
    transactions: float
    log_bytes: float

    def less(self, other: "Cost") -> "Cost":
        return Cost(*(a - b for a, b in zip(self, other, strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deaths", type=int, default=3)
    parser.add_argument("--answers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=3.0, help="of storing events")
    options = parser.parse_args()
    with PostgresServer("max_connections=500", durable=True) as server:
        waits = [
            wait for _ in range(options.deaths) for wait in asyncio.run(measure_a_death(server))
        ]
        print(
            f"{len(waits)} answers of {options.deaths} dead replicas went on after "
            f"{min(waits):.1f} to {max(waits):.1f} s (median {statistics.median(waits):.1f} s)"
        )
        for count in (1, 2, 3):
            stored = events_per_second(server.create_database(), count, options.seconds)
            print(f"PostgreSQL, {count} processes: {stored:,.0f} events a second")
        cost = asyncio.run(cost_of_answers(server, options.answers))
        print(
            f"PostgreSQL, an answer: {cost.milliseconds:.1f} ms, {cost.transactions:.1f} "
            f"transactions, {cost.rows:.1f} rows written, {cost.log_bytes / 1024:.0f} KiB of log"
        )
    asyncio.run(measure_sqlite(options.answers, options.seconds))


async def measure_a_death(server: PostgresServer) -> Sequence[float]:
    """Kills the replica that owns most; the seconds until each of its answers goes on."""
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(temporary_folder())
        platform = await stack.enter_async_context(SlackPlatform())
        model = await stack.enter_async_context(ModelServer(answer=_long_answer))
        workspaces = [platform.add_workspace(f"W{number}") for number in range(WORKSPACES)]
        database = server.create_database()
        await install(platform, database)
        environment = {
            **installed_environment(platform, model),
            "DATABASE_URL": database,
            LOG_FILE_VARIABLE: str(folder / "tools"),
        }
        replicas = [
            ReplicaProcess(environment, folder / "log", LEASE_SECONDS) for _ in range(REPLICAS)
        ]
        for replica in replicas:
            replica.start()
            stack.push_async_callback(replica.end)
        await platform.until(lambda: platform.sockets.count == REPLICAS)
        asked = [await _ask(workspace) for workspace in workspaces]
        await platform.until(lambda: all(map(_shown, workspaces, asked)), 60.0)
        owned = _owned(database)
        victim = max(owned, key=lambda pid: len(owned[pid]))
        theirs = [
            (workspace, question)
            for workspace, question in zip(workspaces, asked, strict=True)
            if workspace.team.team_id in owned[victim]
        ]
        (dead,) = (each for each in replicas if each.pid == victim)
        dead.send(signal.SIGKILL)
        await dead.ended(5.0)
        died, before = time.monotonic(), [_shown(*each) for each in theirs]

        async def wait(workspace: Workspace, question: PostedMessage, then: str) -> float:
            await platform.until(lambda: _shown(workspace, question) != then, 60.0)
            return time.monotonic() - died

        return await asyncio.gather(
            *(wait(*each, then) for each, then in zip(theirs, before, strict=True))
        )


def events_per_second(database: str, processes: int, seconds: float) -> float:
    """Each process stores events in all workspaces, many at once."""
    results = FORK_CONTEXT.SimpleQueue()
    running = [
        FORK_CONTEXT.Process(target=_store_events, args=(database, number, seconds, results))
        for number in range(processes)
    ]
    for each in running:
        each.start()
    for each in running:
        each.join()
    stored: int = sum(results.get() for _ in running)
    return stored / seconds


async def cost_of_answers(server: PostgresServer, count: int) -> Cost:
    """One after the other, each in a thread of its own, without what an idle replica costs."""
    async with temporary_folder() as folder, Workspace() as workspace, _short_answers() as model:
        database = server.create_database()
        async with running_bot(workspace, model, folder, DATABASE_URL=database):
            await _answer(workspace, 3)
            before = await _statistics(database)
            began = time.monotonic()
            await _answer(workspace, count)
            after, length = await _statistics(database), time.monotonic() - began
            await asyncio.sleep(length)
            idle = (await _statistics(database)).less(after)
    cost = after.less(before).less(idle)
    return Cost(*(each / count for each in cost))


async def measure_sqlite(count: int, seconds: float) -> None:
    async with temporary_folder() as folder:
        stored = await asyncio.to_thread(
            events_per_second, f"sqlite:///{folder / 'events.db'}", 1, seconds
        )
        print(f"SQLite, one process: {stored:,.0f} events a second")
    async with (
        temporary_folder() as folder,
        Workspace() as workspace,
        _short_answers() as model,
        running_bot(workspace, model, folder) as pid,
    ):
        await _answer(workspace, 3)
        before = _written(pid)
        await _answer(workspace, count)
        print(f"SQLite, an answer: {(_written(pid) - before) / count / 1024:.0f} KiB written")


def _store_events(database: str, number: int, seconds: float, results: object) -> None:
    results.put(asyncio.run(_append(database, number, seconds)))  # type: ignore[attr-defined]


async def _append(database: str, process: int, seconds: float) -> int:
    store = await open_store(database)
    stored, end = 0, time.monotonic() + seconds

    async def append(lane: int) -> None:
        nonlocal stored
        number = 0
        while time.monotonic() < end:
            number += 1
            team = TeamId(f"T{(lane + number) % WORKSPACES}")
            ts = Ts(f"17000{process}{lane:04d}.{number:06d}")
            thread = ThreadKey(team, ChannelId("C1"), ts)
            message = Message(thread, ts, UserId("U1"), "<@UBOT> " + "word " * 40)
            await store.append(MessageReceived(message), opens=True)
            stored += 1

    await asyncio.gather(*map(append, range(EVENTS_AT_ONCE)))
    await store.close()
    return stored


def _owned(database: str) -> dict[int, set[str]]:
    """The workspaces of each replica, by its process ID."""
    owned: dict[int, set[str]] = {}
    with psycopg.connect(database) as connection:
        for team, owner in connection.execute("SELECT team_id, owner FROM leases"):
            found = re.search(r"-(\d+)-[0-9a-f]+$", owner or "")
            if found:
                owned.setdefault(int(found[1]), set()).add(team)
    return owned


async def _statistics(database: str) -> Cost:
    await asyncio.sleep(FLUSH_SECONDS)
    async with await psycopg.AsyncConnection.connect(database) as connection:
        row = await (await connection.execute(STATISTICS)).fetchone()
    assert row is not None
    return Cost(*map(float, row))


def _written(pid: int) -> int:
    """What a process has had written to a disk, in bytes."""
    found = re.search(r"^write_bytes: (\d+)", Path(f"/proc/{pid}/io").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


async def _ask(workspace: Workspace) -> PostedMessage:
    person = workspace.add_person("Ana")
    channel = workspace.add_channel("general", members=[person])
    return await workspace.say(person, channel, f"{workspace.bot.mention} question")


async def _answer(workspace: Workspace, count: int) -> None:
    for _ in range(count):
        question = await _ask(workspace)
        await workspace.until(
            lambda question=question: _shown(workspace, question).endswith("end.")  # type: ignore[misc]
        )


def _shown(workspace: Workspace, question: PostedMessage) -> str:
    return "".join(each.shown for each in answers(workspace, question))


def _short_answers() -> ModelServer:
    return ModelServer(answer=lambda _: says("word " * 40 + "end.").paced(0.0))


def _long_answer(_: object) -> Script:
    words = (f"{number} " for number in range(WORDS))
    script = Script(tuple({"content": word} for word in words))
    return script.paced(1 / WORDS_PER_SECOND, first_after=0.3)


if __name__ == "__main__":
    main()
