"""What a budget hands on to the next process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.rate_budget import WINDOW_SECONDS, RateBudget
from slackbot.delivery.rate_memory import BudgetMemory


def call(budget: RateBudget, at: float, seconds: float = 0.0) -> None:
    """Makes a call that takes so many seconds."""
    budget.begin(at)
    budget.end(at + seconds)


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


def test_the_memory_is_by_the_clock_on_the_wall() -> None:
    """Each call stops counting a window after its end, to the hundredth of a second; one that is on
    its way counts as if it ended now, and a Retry-After that has passed is forgotten.
    """
    budget = RateBudget(40, 60.0)
    call(budget, 1.0, 0.5)
    budget.begin(3.0)
    budget.refuse(3.0, retry_after=7.0)
    budget.begin(4.0)
    allowance = 40 * 0.7
    closed = BudgetMemory(allowance, 3, (1_061.62, 1_064.12), 1_010.12)
    assert budget.memory(4.0, 1_000.123, final=True) == closed
    opened = BudgetMemory(allowance, 3, (1_061.62, 1_070.12), 0.0)
    assert budget.memory(10.0, 1_000.123, final=True) == opened


@pytest.mark.parametrize(("ended", "assumed"), [(9.0, 0), (9.1, 1), (10.0, 1)])
def test_a_call_is_assumed_for_a_second(ended: float, assumed: int) -> None:
    """After that the memory of a killed process is complete."""
    budget = RateBudget(40, 60.0)
    call(budget, ended)
    assert len(budget.memory(10.0, 0.0, final=False).leave) == 1 + assumed


def test_a_call_is_assumed_only_where_there_is_room() -> None:
    """While one is on its way, another may follow, unless it was the last that may be made."""
    for limit, remembered in ((1, 1), (2, 2)):
        budget = RateBudget(limit, 60.0)
        budget.begin(1.0)
        assert len(budget.memory(9.0, 0.0, final=False).leave) == remembered


def test_a_clock_that_was_set_back() -> None:
    """What an earlier process remembered closes a method for a window at most."""
    restarted = RateBudget(1, 60.0)
    restarted.recall(BudgetMemory(1.0, 3, (9_000.0,)), 5.0, 1_000.0)
    assert restarted.opens_at(5.0) == 65.0
    restarted.recall(BudgetMemory(1.0, 3, (), 9_000.0), 5.0, 1_000.0)
    assert restarted.opens_at(5.0) == 5.0 + WINDOW_SECONDS


def test_a_restart_with_as_many_calls_as_allowed() -> None:
    """Only more calls than that tell of a refusal, after which an ending waits no longer."""
    restarted = RateBudget(2, 60.0)
    restarted.recall(BudgetMemory(2.0, 3, (1_030.0, 1_040.0)), 5.0, 1_000.0)
    assert restarted.opens_for_ending_at(5.0) == 30.0
    restarted.recall(BudgetMemory(2.0, 3, (1_030.0, 1_040.0, 1_050.0)), 5.0, 1_000.0)
    assert restarted.opens_for_ending_at(5.0) == 5.0
