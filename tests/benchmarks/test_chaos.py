"""The chaos benchmark, with fixed seeds: thirty kills, and every question has one whole answer."""

from collections.abc import Sequence

import pytest

from benchmarks.chaos.chaos_run import run_chaos
from benchmarks.chaos.storms import Storm


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("seed", "storms"), [(1, ("late", "edits")), (2, ("outages", "disk", "damage"))]
)
async def test_chaos(seed: int, storms: Sequence[Storm]) -> None:
    """Fifteen kills amid lost sockets, a bad Slack, a bad model and storms lose and double
    nothing.
    """
    report = await run_chaos(kills=15, seed=seed, storms=storms)
    assert "every question has exactly one whole answer" in report
