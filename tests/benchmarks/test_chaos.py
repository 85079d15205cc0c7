"""The chaos benchmark, with fixed seeds: thirty kills, and every question has one whole answer."""

import pytest

from benchmarks.chaos.chaos_run import run_chaos


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_chaos(seed: int) -> None:
    """Fifteen kills amid lost sockets, a bad Slack, a bad model and all storms lose and double
    nothing.
    """
    report = await run_chaos(kills=15, seed=seed)
    assert "every question has exactly one whole answer" in report
