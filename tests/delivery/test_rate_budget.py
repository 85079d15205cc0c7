"""A method's budget on a virtual clock."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.rate_budget import WINDOWS_BEFORE_PROBE, RateBudget
from slackbot.delivery.rate_memory import BudgetMemory


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
    assert budget.opens_at(9.0) == 69.0


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


calls = st.lists(st.tuples(st.floats(0.0, 120.0), st.floats(0.0, 3.0)), max_size=30)


@given(calls, st.floats(0.0, 60.0))
def test_another_process_goes_on_from_the_memory(
    made: list[tuple[float, float]], pause: float
) -> None:
    """What a process counted and learned holds in the next one, whose clock begins elsewhere."""
    budget = RateBudget(40)
    for at in sorted(map(sum, made)):
        call(budget, at)
    budget.begin(124.0)
    budget.refuse(124.0, retry_after=20.0)
    memory = budget.memory(124.0, 1_000_000.0, final=True)
    restarted, now = RateBudget(40), 5.0 + pause
    restarted.recall(memory, now, 1_000_000.0 + 124.0 - 5.0)
    assert restarted.allowance == budget.allowance
    assert abs(restarted.opens_at(now) - 5.0 + 124.0 - budget.opens_at(124.0 + pause)) < 0.02


def test_endings_go_on_after_a_refusal_and_a_restart() -> None:
    """A refusal that an earlier process got costs an ending its Retry-After, and no more."""
    budget = RateBudget(50)
    for number in range(48):
        call(budget, number / 10)
    budget.begin(10.0)
    budget.refuse(10.0, retry_after=3.0)
    restarted = RateBudget(50)
    restarted.recall(budget.memory(11.0, 0.0, final=False), 11.0, 0.0)
    assert restarted.opens_for_ending_at(11.0) == budget.opens_for_ending_at(11.0) == 13.0


@given(st.floats(allow_nan=False, max_value=10.0))
def test_a_remembered_allowance_is_one_that_refusals_leave(allowance: float) -> None:
    """A damaged memory leaves the least that many refusals would leave."""
    refused, restarted = RateBudget(50), RateBudget(50)
    for number in range(20):
        refused.begin(number * 10.0)
        refused.refuse(number * 10.0, retry_after=1.0)
    restarted.recall(BudgetMemory(allowance, 3), 0.0, 0.0)
    assert restarted.allowance == refused.allowance


def test_the_memory_of_a_killed_process_assumes_a_call() -> None:
    """A call may have been sent since the last memory: one is assumed after a busy second."""
    budget = RateBudget(40)
    call(budget, 9.5)
    budget.begin(10.0)
    killed, ended = (budget.memory(10.0, 0.0, final=each) for each in (False, True))
    assert (len(killed.leave), len(ended.leave)) == (3, 2)
    budget.end(10.1)
    assert len(budget.memory(20.0, 0.0, final=False).leave) == 2
