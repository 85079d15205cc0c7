"""A method's budget on a virtual clock."""

from math import inf

from slackbot.delivery.rate_budget import RateBudget


def test_budget_allows_its_limit_in_any_window() -> None:
    """Fifty calls pass at once, the next one when the first of them is a window old."""
    budget = RateBudget(50, 60.0)
    for second in range(50):
        assert budget.opens_at(float(second)) == second
        budget.spend(float(second))
    assert budget.opens_at(50.0) == 60.0


def test_budget_keeps_room() -> None:
    """Room that is to be kept is not given away, and more than there is never comes free."""
    budget = RateBudget(5, 60.0)
    budget.spend(0.0)
    budget.spend(1.0)
    assert budget.opens_at(2.0, reserve=2) == 2.0
    assert budget.opens_at(2.0, reserve=3) == 60.0
    assert budget.opens_at(2.0, reserve=5) == inf


def test_refusal_closes_the_method() -> None:
    """After a 429 nothing goes out until Retry-After has passed, and less than before."""
    budget = RateBudget(50, 60.0)
    budget.refuse(10.0, retry_after=7.0)
    assert budget.opens_at(12.0) == 17.0
    assert budget.allowance == 35.0


def test_one_lesson_from_calls_that_were_under_way_together() -> None:
    """Several 429s of one closed window lower the rate once."""
    budget = RateBudget(50, 60.0)
    budget.refuse(10.0, retry_after=7.0)
    budget.refuse(10.1, retry_after=7.0)
    assert budget.allowance == 35.0


def test_a_refusal_teaches_what_passed() -> None:
    """A limit that is somewhat lower than thought is learned from how many calls passed."""
    budget = RateBudget(50)
    for second in range(46):
        budget.spend(float(second))
    budget.refuse(46.0, retry_after=5.0)
    assert budget.allowance == 45 * 0.95


def test_rises_again() -> None:
    """Once it has held calls back for three windows without a refusal, it lets one more through."""
    budget = RateBudget(50)
    budget.refuse(0.0, retry_after=1.0)
    now = 1.0
    while now < 5 * budget.window_seconds:
        now = budget.opens_at(now)
        budget.spend(now)
    assert budget.allowance == 36.0


def test_rises_ever_faster() -> None:
    """After many refusals it is not crippled, and comes back in a quarter of an hour or so."""
    budget, now = RateBudget(50), 0.0
    for _ in range(10):
        budget.refuse(now, retry_after=1.0)
        now += 30.0
    assert budget.allowance == 10.0
    while budget.allowance < 50.0:
        now = budget.opens_at(now)
        budget.spend(now)
    assert now < 300.0 + 20 * budget.window_seconds
