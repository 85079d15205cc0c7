"""How often Slack may be asked for an address."""

from hypothesis import given
from hypothesis import strategies as st

from slackbot.slack.address_budget import BURST_CALLS, SECONDS_PER_CALL, AddressBudget


def test_a_burst_passes_at_once() -> None:
    """A few calls may follow each other, then one a minute; what never got to Slack is free."""
    budget = AddressBudget()
    for _ in range(BURST_CALLS):
        assert budget.delay(100.0) == 0.0
        budget.spend(100.0)
    assert budget.delay(100.0) == SECONDS_PER_CALL
    assert budget.delay(130.0) == SECONDS_PER_CALL - 30.0
    assert budget.delay(100.0 + SECONDS_PER_CALL) == 0.0
    budget.refund()
    assert budget.delay(100.0) == 0.0


@given(st.lists(st.floats(0.0, 300.0), max_size=100))
def test_no_more_than_one_a_minute(pauses: list[float]) -> None:
    """However often connections are lost, the burst and one call a minute are never exceeded."""
    budget, now, calls = AddressBudget(), 0.0, list[float]()
    for each in pauses:
        now += each
        now += budget.delay(now)
        budget.spend(now)
        calls.append(now)
    for first, began in enumerate(calls):
        for last in range(first, len(calls)):
            fits = BURST_CALLS + (calls[last] - began) / SECONDS_PER_CALL
            assert last - first + 1 <= fits + 1e-6
