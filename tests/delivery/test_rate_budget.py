"""A method's budget on a virtual clock."""

from math import ceil, inf

import pytest

from slackbot.delivery.rate_budget import (
    LESSON_SECONDS,
    WINDOWS_BEFORE_PROBE,
    WINDOWS_BEFORE_RETRY,
    RateBudget,
)


def call(budget: RateBudget, at: float, seconds: float = 0.0) -> None:
    """Makes a call that takes so many seconds."""
    budget.begin(at)
    budget.end(at + seconds)


def test_budget_allows_its_limit_in_any_window() -> None:
    """Fifty calls pass at once, the next one when the first of them is a window old."""
    budget = RateBudget(50, 60.0)
    for second in range(50):
        assert budget.opens_at(float(second)) == second
        call(budget, float(second))
    assert budget.opens_at(50.0) == 60.0


def test_a_slow_call_counts_until_a_window_after_its_end() -> None:
    """Slack may have counted a call at any time between its begin and its answer."""
    budget = RateBudget(1, 60.0)
    budget.begin(0.0)
    assert budget.opens_at(5.0) == 65.0
    budget.end(9.0)
    assert budget.opens_at(20.0) == 69.0


def test_budget_keeps_room() -> None:
    """Room that is to be kept is not given away, and more than there is never comes free."""
    budget = RateBudget(5, 60.0)
    call(budget, 0.0)
    call(budget, 1.0)
    assert budget.opens_at(2.0, reserve=2) == 2.0
    assert budget.opens_at(2.0, reserve=3) == 60.0
    assert budget.opens_at(2.0, reserve=5) == inf


def test_refusal_closes_the_method() -> None:
    """After a 429 nothing goes out until Retry-After has passed, and less than before."""
    budget = RateBudget(50, 60.0)
    budget.begin(9.0)
    budget.refuse(10.0, retry_after=7.0)
    assert budget.opens_at(12.0) == 17.0
    assert budget.allowance == 35.0
    assert budget.used(10.0) == 0


def test_one_lesson_from_calls_that_were_under_way_together() -> None:
    """Several 429s of one closed window lower the rate once."""
    budget = RateBudget(50, 60.0)
    budget.begin(9.0)
    budget.begin(9.0)
    budget.refuse(10.0, retry_after=7.0)
    budget.refuse(10.1, retry_after=7.0)
    assert budget.allowance == 35.0


def test_a_refusal_teaches_what_passed() -> None:
    """A limit that is somewhat lower than thought is learned from how many calls passed."""
    budget = RateBudget(50)
    for second in range(45):
        call(budget, float(second))
    budget.begin(46.0)
    budget.refuse(46.0, retry_after=5.0)
    assert budget.allowance == 45 * 0.95


def test_an_ending_waits_for_retry_after_alone() -> None:
    """A refusal that lowers the allowance below what was sent delays no ending any longer than
    Slack asks for: endings go out one by one until the count fits again.
    """
    budget = RateBudget(50, 60.0)
    for _ in range(40):
        call(budget, 0.0)
    budget.begin(1.0)
    budget.refuse(1.0, retry_after=5.0)
    assert budget.opens_at(2.0) == 60.0
    assert budget.opens_for_ending_at(2.0) == 6.0
    budget.begin(6.0)
    assert budget.opens_for_ending_at(6.0) > 6.0
    budget.end(6.1)
    assert budget.opens_for_ending_at(6.1) == 6.1


def test_without_a_refusal_endings_keep_to_the_limit() -> None:
    """Where Slack has refused nothing, the count holds for endings, too."""
    budget = RateBudget(2, 60.0)
    call(budget, 0.0)
    call(budget, 0.0)
    assert budget.opens_for_ending_at(1.0) == 60.0


def use_up(budget: RateBudget, now: float, until: float) -> float:
    """Makes a call whenever one may be made."""
    while now < until:
        now = budget.opens_at(now)
        call(budget, now)
    return now


def test_rises_again() -> None:
    """After three windows that were used up without a refusal, it lets one more through."""
    budget = RateBudget(50)
    budget.begin(0.0)
    budget.refuse(0.0, retry_after=1.0)
    use_up(budget, 1.0, 5 * budget.window_seconds)
    assert budget.allowance == 36.0


def test_each_rise_is_twice_the_one_before() -> None:
    """By one, two and four calls, each after three windows of which nine tenths were used."""
    budget, seen = RateBudget(100, 60.0), list[float]()
    budget.begin(0.0)
    budget.refuse(0.0, retry_after=1.0)
    for window in range(1, 10):
        for _ in range(ceil(0.9 * budget.allowance)):
            call(budget, 60.0 * window)
        seen.append(budget.allowance)
    assert seen == [70.0, 70.0, 71.0, 71.0, 71.0, 73.0, 73.0, 73.0, 77.0]


def test_a_refusal_after_a_rise_tells_the_limit() -> None:
    """The allowance had fitted before, so it is tried again after hours only."""
    budget = RateBudget(50, 60.0)
    budget.begin(0.0)
    budget.refuse(0.0, retry_after=1.0)
    now = use_up(budget, 1.0, 190.0)
    assert budget.allowance == 36.0
    now += 60.0
    budget.begin(now)
    budget.refuse(now, retry_after=1.0)
    assert budget.memory(now, 0.0, final=True).windows_before_rise == WINDOWS_BEFORE_RETRY


def test_calls_on_their_way_count() -> None:
    """Each of them, though Slack has not answered yet."""
    budget = RateBudget(5, 60.0)
    for _ in range(3):
        budget.begin(0.0)
    assert budget.used(0.0) == 3


def test_rises_ever_faster() -> None:
    """After many refusals it is not crippled, and comes back in a quarter of an hour or so."""
    budget, now = RateBudget(50), 0.0
    for _ in range(10):
        budget.begin(now)
        budget.refuse(now, retry_after=1.0)
        now += 30.0
    assert budget.allowance == 10.0
    while budget.allowance < 50.0:
        now = budget.opens_at(now)
        call(budget, now)
    assert now < 300.0 + 20 * budget.window_seconds


def test_a_limit_found_again_is_left_alone() -> None:
    """A limit that a refusal has told is not tried again for hours: an ending may wait for it."""
    budget, now, refused_at = RateBudget(50), 0.0, list[float]()
    calls: list[float] = []
    while now < 4 * 3_600.0:
        now = budget.opens_at(now)
        budget.begin(now)
        recent = [at for at in calls if at > now - 60.0]
        if len(recent) < 35:
            calls.append(now)
            budget.end(now)
        else:
            refused_at.append(now)
            budget.refuse(now, recent[-35] + 60.0 - now)
    assert len(refused_at) == 1


def test_the_documented_limit_is_exceeded_gently() -> None:
    """Above it, a method that may be tried is tried after hours of use, one call more."""
    budget = RateBudget(20, highest=80)
    windows = WINDOWS_BEFORE_PROBE * budget.window_seconds
    now = use_up(budget, 0.0, windows - 2 * budget.window_seconds)
    assert budget.allowance == 20.0
    use_up(budget, now, windows + budget.window_seconds)
    assert budget.allowance == 21.0


def test_a_refusal_when_the_method_has_opened_again() -> None:
    """It is a lesson of its own: what was sent before Retry-After had passed is not."""
    budget = RateBudget(50, 60.0)
    budget.begin(0.0)
    budget.refuse(0.0, retry_after=5.0)
    budget.begin(5.0)
    budget.refuse(5.0, retry_after=5.0)
    assert budget.allowance == pytest.approx(50 * 0.7 * 0.7)


def test_calls_on_their_way_have_not_passed() -> None:
    """Only those that Slack has answered tell its limit."""
    budget = RateBudget(50, 60.0)
    for _ in range(40):
        call(budget, 0.0)
    for _ in range(3):
        budget.begin(1.0)
    budget.refuse(1.0, retry_after=5.0)
    assert budget.allowance == 40 * 0.95


def test_a_refusal_that_the_limit_does_not_explain() -> None:
    """The method waits as long as Slack asks, and its allowance stays what it was."""
    budget = RateBudget(50, 60.0)
    budget.begin(1.0)
    budget.refuse_without_lesson(1.0, retry_after=9.0)
    assert (budget.refused_at, budget.used(2.0), budget.allowance) == (1.0, 0, 50.0)
    assert budget.opens_at(2.0) == budget.opens_for_ending_at(2.0) == 10.0
    assert budget.is_closed(9.9)
    assert not budget.is_closed(10.0)


def test_a_later_refusal_opens_nothing_earlier() -> None:
    """Of two Retry-Afters the one that ends last holds."""
    budget = RateBudget(50, 60.0)
    budget.begin(1.0)
    budget.begin(1.0)
    budget.refuse(1.0, retry_after=30.0)
    budget.refuse(2.0, retry_after=5.0)
    assert budget.opens_at(3.0) == 31.0


def test_a_refusal_for_another_limit() -> None:
    """Its call does not count, and closes nothing."""
    budget = RateBudget(50, 60.0)
    call(budget, 0.0)
    budget.begin(1.0)
    budget.drop()
    assert (budget.used(1.0), budget.opens_at(1.0), budget.refused_at) == (1, 1.0, -inf)


def test_a_lesson_is_taken_back() -> None:
    """A budget that was refused for another reason goes on from what it knew before."""
    budget, other = RateBudget(50, 60.0), RateBudget(50, 60.0)
    for each in (budget, other):
        each.begin(0.0)
        each.refuse(0.0, retry_after=1.0)
        use_up(each, 1.0, 400.0)
    assert budget.allowance > 35.0
    budget.begin(400.0)
    budget.refuse(400.0, retry_after=1.0)
    assert budget.allowance < other.allowance
    budget.forget_lesson()
    for each in (budget, other):
        use_up(each, 401.0, 1_000.0)
    assert budget.allowance == other.allowance


def test_which_calls_explain_a_refusal() -> None:
    """Seven in ten of the allowance do, and a fifth of the documented limit may."""
    budget = RateBudget(10, 60.0)
    call(budget, 0.0)
    assert not budget.may_be_used_up(0.0)
    call(budget, 0.0)
    assert budget.may_be_used_up(0.0)
    for _ in range(4):
        call(budget, 0.0)
    assert not budget.is_used_up(0.0)
    call(budget, 0.0)
    assert budget.is_used_up(0.0)
    assert not budget.may_be_used_up(60.0)


def test_a_budget_that_a_new_one_could_replace() -> None:
    """None of its calls counts, it is open, and what it learned is an hour old."""
    budget = RateBudget(10, 60.0)
    assert budget.is_idle(0.0)
    call(budget, 0.0)
    assert not budget.is_idle(59.9)
    assert budget.is_idle(60.0)
    budget.begin(100.0)
    budget.refuse_without_lesson(100.0, retry_after=9.0)
    assert not budget.is_idle(108.9)
    assert budget.is_idle(109.0)
    budget.begin(200.0)
    budget.refuse(200.0, retry_after=9.0)
    assert not budget.is_idle(200.0 + LESSON_SECONDS - 0.1)
    assert budget.is_idle(200.0 + LESSON_SECONDS)


def test_room_and_when_it_returns() -> None:
    """Room is what is left of the allowance, and none while the method is closed."""
    budget = RateBudget(3, 60.0)
    call(budget, 0.0)
    call(budget, 1.0)
    budget.begin(2.0)
    assert list(budget.returns(10.0)) == [50.0, 51.0, 60.0]
    assert budget.room(10.0) == 0.0
    assert list(budget.returns(60.0)) == [1.0, 60.0]
    assert (budget.room(60.0), budget.room(61.0)) == (1.0, 2.0)
    budget.begin(61.0)
    budget.refuse(61.0, retry_after=9.0)
    assert budget.room(69.9) == 0.0
    assert budget.room(70.0) == budget.allowance - 1


def test_never_less_than_nothing_is_left() -> None:
    """A refusal may leave an allowance below what was sent."""
    budget = RateBudget(10, 60.0)
    for _ in range(8):
        call(budget, 0.0)
    budget.begin(1.0)
    budget.refuse(1.0, retry_after=1.0)
    assert budget.allowance < 8
    assert budget.room(3.0) == 0.0
