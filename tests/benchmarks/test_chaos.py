"""The chaos benchmark, with fixed seeds: whatever is killed, each question has one whole answer."""

import pytest

from benchmarks.chaos.chaos_run import run_chaos
from benchmarks.chaos.replicas_run import ReplicaStorm, run_replicas
from benchmarks.chaos.storms import NOT_OF_REPLICAS, STORMS

KILLING_NO_ROWS = [storm for storm in STORMS if storm != "damage"]
"""The checker can't always tell which threads a damaged page took. The store's tests can."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_chaos(seed: int) -> None:
    """Ten kills amid lost sockets, a bad Slack, a bad model and storms lose and double
    nothing.
    """
    report = await run_chaos(10, seed, KILLING_NO_ROWS)
    assert "every question has exactly one whole answer" in report


SEEDS, SEEDS_AT_ONCE = 50, 25
"""Seeds of one run share its processes: to start them costs more than to answer."""

SHORT_STORM = ReplicaStorm(
    [storm for storm in STORMS if storm not in NOT_OF_REPLICAS],
    faults=10,
    questions_per_second=0.3,
    file_rate=0.0,
    lease_seconds=4.0,
)
"""Each file costs a process."""

IN_EACH_RUN = ["kill", "stop", "short pause", "long pause", "kill in a pause", "restarts"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(1, SEEDS, SEEDS_AT_ONCE))
async def test_replicas(first: int) -> None:
    """Three replicas that are killed and paused while their database restarts lose and double
    nothing. The workspaces of many seeds are played at once, as they mostly wait.
    """
    report = await run_replicas(SHORT_STORM, range(first, first + SEEDS_AT_ONCE))
    assert "every question has exactly one whole answer" in report
    assert [each for each in IN_EACH_RUN if each not in report] == []
