"""The chaos benchmark, with fixed seeds: fifty kills, and every question has one whole answer."""

import pytest

from benchmarks.chaos.chaos_run import run_chaos


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, 2])
async def test_chaos(seed: int) -> None:
    """Twenty-five kills amid lost sockets, a bad Slack and a bad model lose and double nothing."""
    report = await run_chaos(kills=25, seed=seed)
    assert "every question has exactly one whole answer" in report
