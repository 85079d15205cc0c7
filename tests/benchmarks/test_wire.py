"""The loads over the wire."""

import pytest

from benchmarks import wire
from benchmarks.loads import Question
from slackbot.playground.fake_slack.rate_limits import RateLimits

LOAD = [Question(0.0, 0, 20, 40.0), Question(0.1, 1, 20, 40.0)]


@pytest.mark.parametrize("streaming", ["edit", "auto"])
async def test_two_questions(streaming: str) -> None:
    """The bot answers both whole, each word is shown after it was produced, and none is refused."""
    outcome = await wire.play(LOAD, RateLimits(), 0.02, streaming)
    assert len(outcome.whole) == len(LOAD)
    assert all(lag > 0.0 for answer in outcome.answers for lag in answer.lags)
    produced = outcome.answers[0].produced
    assert produced[-1] - produced[0] >= 0.9 * 19 / 40
    assert not any(call.refused for call in outcome.calls)
