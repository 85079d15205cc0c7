"""The chaos benchmark, with fixed seeds: thirty kills, and every question has one whole answer."""

import pytest

from benchmarks.chaos.chaos_run import run_chaos
from benchmarks.chaos.storms import STORMS

KILLING_NO_ROWS = [storm for storm in STORMS if storm != "damage"]
"""The checker can't always tell which threads a damaged page took. The store's tests can."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_chaos(seed: int) -> None:
    """Fifteen kills amid lost sockets, a bad Slack, a bad model and storms lose and double
    nothing.
    """
    report = await run_chaos(15, seed, KILLING_NO_ROWS)
    assert "every question has exactly one whole answer" in report
