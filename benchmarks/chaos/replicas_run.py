"""Several replicas serve several workspaces; all of these and the database fail at random."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from random import Random

from benchmarks.chaos.changes import SimulatedChanges
from benchmarks.chaos.database_faults import DatabaseFaults
from benchmarks.chaos.faulty_model import FaultyModel
from benchmarks.chaos.replica_faults import ReplicaFaults
from benchmarks.chaos.settling import opened, settle
from benchmarks.chaos.simulated_users import FILE_RATE, SimulatedUsers
from benchmarks.chaos.storms import Storm, slack_faults
from benchmarks.chaos.verification import ChaosReport, verify
from benchmarks.environment import temporary_folder
from benchmarks.installed import install, installed_environment
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer

LEASE_SECONDS = 5.0
"""Shorter than in production, so that more of them are lost while the run lasts."""

MAX_CONNECTIONS = 500
"""Of the server: a replica has up to eleven."""

MAX_LOG_CHARACTERS = 20_000
"""How much of the log a failure shows."""


@dataclass(frozen=True, slots=True)
class ReplicaStorm:
    storms: Collection[Storm]
    replicas: int = 3
    faults: int = 100
    """How often a replica is killed, paused or stopped, or all sockets are lost."""
    questions_per_second: float = 0.5
    """In each workspace."""
    file_rate: float = FILE_RATE
    """The share of questions with a file."""
    lease_seconds: float = LEASE_SECONDS


async def run_replicas(storm: ReplicaStorm, seeds: Sequence[int]) -> str:
    """Plays a workspace for each seed, all served by the same replicas, and returns a summary.

    Raises AssertionError if an answer is lost or doubled.
    """
    began = time.monotonic()
    rng = Random(seeds[0])  # noqa: S311 - reproducible
    model = FaultyModel(rng)
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(temporary_folder())
        server = stack.enter_context(PostgresServer(f"max_connections={MAX_CONNECTIONS}"))
        platform = await stack.enter_async_context(SlackPlatform(rng=rng))
        model_server = await stack.enter_async_context(ModelServer(answer=model.answer))
        workspaces = [platform.add_workspace(f"Workspace {seed}") for seed in seeds]
        environment = {
            **installed_environment(platform, model_server),
            "DATABASE_URL": server.create_database(),
            "LOG_LEVEL": "WARNING",
        }
        await install(platform, environment["DATABASE_URL"])
        runs = ReplicaFaults(
            platform, rng, environment, folder, storm.replicas, storm.lease_seconds
        )
        database_faults = DatabaseFaults(server, rng)
        played = [
            await stack.enter_async_context(_playing(storm, seed, workspace))
            for seed, workspace in zip(seeds, workspaces, strict=True)
        ]
        stack.push_async_callback(runs.close)
        failing = asyncio.create_task(database_faults.run())
        try:
            await runs.run(storm.faults)
        finally:
            failing.cancel()
            await asyncio.wait({failing})
        model.is_healthy = True
        reports = await _settle_and_verify(played, runs)
    counts = database_faults.counts + runs.counts
    calls = sum(len(each.calls) for each in workspaces)
    listed = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    return (
        f"{len(seeds)} workspaces, {storm.replicas} replicas; "
        f"{sum(each.answered for each in reports)} questions, "
        f"{sum(each.unacknowledged for each in reports)} more never acknowledged; "
        f"{len(model_server.requests)} requests to the model, {calls} calls to Slack, "
        f"{reports[0].tools} tool calls, none run twice\n"
        f"{listed}\n"
        f"{sum(one.changes.edits for one in played)} edits, "
        f"{sum(one.changes.deletions for one in played)} deletions, "
        f"{sum(one.changes.repeats for one in played)} events repeated, "
        f"{sum(one.users.retries for one in played)} presses of Try again\n"
        f"every question has exactly one whole answer, after {time.monotonic() - began:.0f} s"
    )


@dataclass(frozen=True, slots=True)
class _Played:
    """One workspace, in which people ask."""

    users: SimulatedUsers
    changes: SimulatedChanges
    asking: "asyncio.Future[list[None]]"

    async def calm_down(self) -> None:
        self.asking.cancel()
        await asyncio.gather(self.asking, return_exceptions=True)
        self.users.workspace.faults.clear()


async def _settle_and_verify(played: Sequence[_Played], runs: ReplicaFaults) -> list[ChaosReport]:
    """Ends the faults, and waits until everything is answered."""
    running = asyncio.create_task(runs.keep_running())
    async with opened(runs.database) as store:
        try:
            for each in played:
                await each.calm_down()
            async with asyncio.TaskGroup() as tasks:
                for each in played:
                    settling = settle(
                        each.users, lambda: nullcontext(store), lambda: not running.done()
                    )
                    tasks.create_task(settling)
        finally:
            running.cancel()
            await asyncio.wait({running})
            await runs.close()
        try:
            return [await verify(each.users, runs, store) for each in played]
        except AssertionError as fault:
            fault.add_note(f"The log of the replicas:\n{runs.logged[-MAX_LOG_CHARACTERS:]}")
            raise


@asynccontextmanager
async def _playing(storm: ReplicaStorm, seed: int, workspace: Workspace) -> AsyncIterator[_Played]:
    """People ask in a workspace while the block runs, and Slack fails there."""
    rng = Random(seed)  # noqa: S311 - reproducible
    users = SimulatedUsers(
        workspace,
        rng,
        questions_per_second=storm.questions_per_second,
        file_rate=storm.file_rate,
    )
    changes = SimulatedChanges(workspace, users.questions, rng)
    workspace.faults.fail_randomly(rng, slack_faults(storm.storms))
    going_on = [users.ask(), users.keep_retrying()]
    if "edits" in storm.storms:
        going_on.append(changes.run())
    played = _Played(users, changes, asyncio.gather(*going_on))
    try:
        yield played
    finally:
        await played.calm_down()
