"""The report of the streaming benchmark."""

import pytest

from benchmarks.loads import at_once
from benchmarks.simulation import simulate
from benchmarks.streaming import COLUMNS, bound_of, report
from slackbot.delivery.streaming_mode import BEST
from slackbot.playground.fake_slack.rate_limits import RateLimits


def test_a_row_for_each_load(capsys: pytest.CaptureFixture[str]) -> None:
    """A row has a cell for each column, and no lag is below its bound."""
    questions, limits = at_once(1, channels=1), RateLimits()
    outcome = simulate(questions, limits, 0.08, BEST)
    bound = bound_of(questions, limits, 0.08, "auto")
    assert 0.0 < bound <= outcome.mean_lag
    report(("1", "auto", "50", "0.08 s"), outcome, bound)
    cells = [cell.strip() for cell in capsys.readouterr().out.strip(" |\n").split("|")]
    assert len(cells) == len(COLUMNS)
    assert cells[COLUMNS.index("whole")] == "1/1"
