"""Two replicas on one PostgreSQL database: one owns the workspace, the other does not."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic

from tests.harness import BotHarness
from tests.replicas import (
    AnyReplica,
    ReplicaProcess,
    Replicas,
    ReplicaTask,
    Server,
    over_http,
    replica_processes,
    replica_tasks,
)


@dataclass(frozen=True, slots=True)
class Pair(Generic[AnyReplica]):
    """Over HTTP, Slack delivers everything to one of the two: to the other one at first."""

    harness: BotHarness
    owner: AnyReplica
    """Owned the workspace when the test began."""
    other: AnyReplica

    def deliver_to(self, *replicas: AnyReplica) -> None:
        """Has Slack deliver everything to these from now on."""
        self.harness.workspace.events_url = [
            f"http://127.0.0.1:{replica.port}/slack/events" for replica in replicas
        ]


@asynccontextmanager
async def pair_of_tasks(
    harness: BotHarness, changes: Mapping[str, str] | None = None
) -> AsyncIterator[Pair[ReplicaTask]]:
    """Both run in the test's event loop."""
    async with _pair(replica_tasks, harness, changes or {}) as pair:
        yield pair


@asynccontextmanager
async def pair_of_processes(
    harness: BotHarness, changes: Mapping[str, str] | None = None
) -> AsyncIterator[Pair[ReplicaProcess]]:
    """Each is a process of its own."""
    async with _pair(replica_processes, harness, changes or {}) as pair:
        yield pair


@asynccontextmanager
async def _pair(
    make: Callable[[int, Mapping[str, str], Server], Replicas[AnyReplica]],
    harness: BotHarness,
    changes: Mapping[str, str],
) -> AsyncIterator[Pair[AnyReplica]]:
    """The one that has answered before the second one starts keeps the workspace."""
    workspace = harness.workspace
    environment = over_http({**harness.environment, **changes}, workspace)
    async with make(1, environment, workspace) as owners:
        harness.model.enqueue("Here.")
        await harness.answered(await harness.mention("Are you there?"), "Here.")
        async with make(1, environment, workspace) as others:
            yield Pair(harness, owners[0], others[0])
