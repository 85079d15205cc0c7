"""The chaos benchmark, with fixed seeds: fifty kills, and every question has one whole answer."""

import pytest

from benchmarks.chaos.storm import storm


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, 2])
async def test_chaos(seed: int) -> None:
    """Twenty-five kills amid lost sockets, a bad Slack and a bad model lose and double nothing."""
    report = await storm(kills=25, seed=seed)
    assert "every question has exactly one whole answer" in report
