"""Workspaces with several replicas each: these and their database fail at random."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.chaos.changes import SimulatedChanges
from benchmarks.chaos.database_faults import DatabaseFaults
from benchmarks.chaos.faulty_model import FaultyModel
from benchmarks.chaos.outages import SimulatedOutages
from benchmarks.chaos.replica_faults import ReplicaFaults
from benchmarks.chaos.settling import settle
from benchmarks.chaos.simulated_users import FILE_RATE, SimulatedUsers
from benchmarks.chaos.storms import Storm, slack_faults
from benchmarks.chaos.verification import ChaosReport, verify
from benchmarks.environment import bot_environment, temporary_folder
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer

LEASE_SECONDS = 5.0
"""Shorter than in production, so that more of them are lost while the run lasts."""


MAX_LOG_CHARACTERS = 20_000
"""How much of the log a failure shows."""


@dataclass(frozen=True, slots=True)
class ReplicaStorm:
    """What happens in each workspace."""

    storms: Collection[Storm]
    replicas: int = 3
    faults: int = 100
    """How often a replica is killed, paused or stopped, or sockets are lost."""
    questions_per_second: float = 1.0
    file_rate: float = FILE_RATE
    lease_seconds: float = LEASE_SECONDS


async def run_replicas(storm: ReplicaStorm, seeds: Sequence[int]) -> str:
    """Plays a workspace for each seed, all at the same time, and returns a summary.

    Raises AssertionError if an answer is lost or doubled.
    """
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(temporary_folder())
        server = stack.enter_context(PostgresServer())
        database_faults = DatabaseFaults(server, Random(seeds[0]))  # noqa: S311 - reproducible
        played = [
            await stack.enter_async_context(
                playing(storm, seed, server.create_database(), folder / str(seed))
            )
            for seed in seeds
        ]
        failing = asyncio.create_task(database_faults.run())
        try:
            await asyncio.gather(*(one.runs.run(storm.faults) for one in played))
        finally:
            failing.cancel()
            await asyncio.wait({failing})
        reports = await asyncio.gather(*(one.settle_and_verify() for one in played))
    counts = database_faults.counts + sum((one.runs.counts for one in played), Counter())
    calls = sum(len(one.users.workspace.calls) for one in played)
    listed = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return (
        f"{len(seeds)} workspaces, {storm.replicas} replicas each; "
        f"{sum(each.answered for each in reports)} questions, "
        f"{sum(each.unacknowledged for each in reports)} more never acknowledged; "
        f"{calls} calls to Slack, {sum(each.tools for each in reports)} tool calls, "
        "none run twice\n"
        f"{listed}\n"
        f"{sum(one.changes.edits for one in played)} edits, "
        f"{sum(one.changes.deletions for one in played)} deletions, "
        f"{sum(one.changes.repeats for one in played)} events repeated, "
        f"{sum(one.users.retries for one in played)} presses of Try again\n"
        f"every question has exactly one whole answer, after {time.monotonic() - began:.0f} s"
    )


@dataclass(frozen=True, slots=True)
class Played:
    """One workspace, in which people ask until it is settled."""

    users: SimulatedUsers
    changes: SimulatedChanges
    runs: ReplicaFaults
    model: FaultyModel
    asking: "asyncio.Future[list[None]]"

    async def settle_and_verify(self) -> ChaosReport:
        """Ends the faults. Returns when everything is answered."""
        running = asyncio.create_task(self.runs.keep_running())
        try:
            self.asking.cancel()
            await asyncio.gather(self.asking, return_exceptions=True)
            self.users.workspace.faults.clear()
            self.model.is_healthy = True
            await settle(self.users, self.runs.database, lambda: not running.done())
        finally:
            running.cancel()
            await asyncio.wait({running})
            await self.runs.close()
        try:
            return await verify(self.users, self.runs)
        except AssertionError as fault:
            fault.add_note(f"The log of its replicas:\n{self.runs.logged[-MAX_LOG_CHARACTERS:]}")
            raise


@asynccontextmanager
async def playing(
    storm: ReplicaStorm, seed: int, database: str, folder: Path
) -> AsyncIterator[Played]:
    """People ask in a new workspace while the block runs."""
    await asyncio.to_thread(folder.mkdir)
    rng = Random(seed)  # noqa: S311 - reproducible
    model = FaultyModel(rng)
    async with Workspace() as workspace, ModelServer(answer=model.answer) as server:
        workspace.sockets.rng = rng
        users = SimulatedUsers(
            workspace,
            rng,
            questions_per_second=storm.questions_per_second,
            file_rate=storm.file_rate,
        )
        changes = SimulatedChanges(workspace, users.questions, rng)
        environment = {
            **bot_environment(workspace, server),
            "DATABASE_URL": database,
            "LOG_LEVEL": "WARNING",
        }
        runs = ReplicaFaults(
            workspace, rng, environment, folder, storm.replicas, storm.lease_seconds
        )
        workspace.faults.fail_randomly(rng, slack_faults(storm.storms))
        going_on = [users.ask(), users.keep_retrying()]
        if "edits" in storm.storms:
            going_on.append(changes.run())
        if "outages" in storm.storms:
            going_on.append(SimulatedOutages(workspace, rng).run())
        asking = asyncio.gather(*going_on)
        try:
            yield Played(users, changes, runs, model, asking)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            await runs.close()
