"""The loads on a virtual clock."""

from collections.abc import Sequence

import pytest

from benchmarks.loads import at_once, in_a_row
from benchmarks.simulation import simulate
from slackbot.delivery.streaming_mode import BEST, EDITS, StreamingMode
from slackbot.playground.fake_slack.rate_limits import RateLimits

LATENCY_SECONDS = 0.08


@pytest.mark.parametrize("modes", [EDITS, BEST])
def test_ten_at_once(modes: Sequence[StreamingMode]) -> None:
    """All answers are whole and grow, and Slack refuses nothing."""
    outcome = simulate(at_once(10, channels=10), RateLimits(), LATENCY_SECONDS, modes)
    assert len(outcome.whole) == 10
    assert min(len(answer.changed) for answer in outcome.answers) > 3
    assert not any(call.refused for call in outcome.calls)


@pytest.mark.parametrize("modes", [EDITS, BEST])
def test_as_live_at_the_sixth_question_as_at_the_third(modes: Sequence[StreamingMode]) -> None:
    """One person who asks on and on sees the sixth answer grow like the third, in equal steps."""
    outcome = simulate(in_a_row(6), RateLimits(), LATENCY_SECONDS, modes)
    third, sixth = outcome.answers[2], outcome.answers[5]
    assert sum(sixth.lags) <= 1.3 * sum(third.lags)
    assert sixth.irregularity is not None
    assert sixth.irregularity <= 1.5
    assert not any(call.refused for call in outcome.calls)


def test_lower_limits_are_met_with_refusals() -> None:
    """Slack refuses calls past a limit that the bot was not told; the answers are whole."""
    outcome = simulate(at_once(10, channels=10), RateLimits(update=20), LATENCY_SECONDS, EDITS)
    assert len(outcome.whole) == 10
    assert any(call.refused for call in outcome.calls)
