"""Plans that spread calls evenly."""

from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slackbot.delivery.step_plan import (
    PLAN_SECONDS,
    PRECISION_SECONDS,
    ExpectedReplies,
    StepPlan,
    balanced_share,
    equal_parts,
)

NOBODY = ExpectedReplies(0.0, [])


def plan(
    calls: float,
    *remaining: float,
    returns: list[float] | None = None,
    waited: float = 0.0,
    expected: ExpectedReplies = NOBODY,
) -> StepPlan:
    return StepPlan(
        calls=calls,
        returns=returns or [],
        remaining=remaining,
        waited=waited,
        expected=expected,
    )


def test_calls_are_spread_over_the_replies() -> None:
    """Ten replies of six seconds share thirty calls: each changes every second and a half, and the
    last change is its ending.
    """
    assert plan(30, *[6.0] * 10).step(0.0) == 1.5


def test_calls_last_until_others_return() -> None:
    """Calls must last until the next ones return, however many those are."""
    assert plan(3.5, 70.0, returns=[20.0] * 40).step(0.0) == 5.0


def test_calls_that_return_together_are_one_deadline() -> None:
    """Of calls that return within two seconds the first counts: forty replies with one call until
    then, and an ending for half of them, take no longer steps for the next call.
    """
    together = plan(1, *[22.0] * 40, returns=[20.0, 21.9])
    assert together.step(0.0) == pytest.approx(40 * 20.0 / (1 + 20))
    apart = plan(1, *[23.0] * 40, returns=[20.0, 22.1])
    assert apart.step(0.0) == pytest.approx(40 * 22.1 / (2 + 20))


def test_a_plan_goes_on_as_it_began() -> None:
    """Seconds later, with nothing changed but the time, the step is the same."""
    assert plan(4, 6.0, waited=4.0).step(0.0) == plan(4, 10.0).step(0.0)


def test_without_calls_there_is_no_step() -> None:
    """A budget that is used up has no step at all until calls return."""
    assert plan(-1, 10.0).step(0.0) == inf
    assert plan(-2, 10.0, returns=[5.0]).step(0.0) == inf


def test_replies_to_come_take_their_share() -> None:
    """One reply is written, and usually there are two: half of the calls are left to the other."""
    expected = ExpectedReplies(2.0, [70.0])
    assert plan(59.5, 70.0, expected=expected).step(1.0) == 2.0
    assert plan(59.5, 70.0, expected=expected).step(0.5) == 1.5


def test_as_many_as_usual_are_expected_when_others_end() -> None:
    """Where two are usual, nobody else is expected while three are written, and one or two after
    that.
    """
    expected = ExpectedReplies(2.0, [10.0, 20.0, 30.0])
    assert expected.seconds(20.0) == 0.0
    assert expected.seconds(30.0) == 10.0
    assert expected.seconds(40.0) == 30.0


def test_a_reply_that_waits_counts_with_those_to_come() -> None:
    """A reply without a message yet, and those that are usual beyond what is written, take calls
    together.
    """
    expected = ExpectedReplies(2.0, [10.0], waiting=1, usual_seconds=8.0)
    assert expected.seconds(30.0) == 8.0 + 20.0 + 30.0


def test_a_reply_that_joins_takes_its_share() -> None:
    """One more reply of ten seconds is written with the same calls."""
    assert plan(10, 8.0).step(0.0, joining=10.0) == pytest.approx(18.0 / 11)
    assert plan(0.5).step(0.0, joining=10.0) == 20.0


def test_waiting_replies_are_expected_at_once() -> None:
    """A reply that waits for its first text will take calls as soon as it has it."""
    assert ExpectedReplies(0.0, [8.0], waiting=1, usual_seconds=8.0).seconds(60.0) == 8.0


def test_future_replies_go_where_there_is_room() -> None:
    """The share makes the steps of both methods equal, where that is possible."""
    expected = ExpectedReplies(1.0, [])
    many, few = plan(100, expected=expected), plan(50, expected=expected)
    assert balanced_share(many, few) == pytest.approx(2 / 3, abs=0.02)
    assert balanced_share(plan(-1, expected=expected), many) == pytest.approx(0.0, abs=0.02)


@given(
    st.floats(0.0, 100.0),
    st.lists(st.floats(1.0, 90.0), max_size=20),
    st.lists(st.floats(0.0, 60.0), max_size=60),
)
@example(0.0, [1.125], [0.0, 1.0])
@example(0.0, [6.0] * 5, [2.0, 3.9])
def test_the_plan_can_be_kept(calls: float, remaining: list[float], returns: list[float]) -> None:
    """With all replies changing at the planned steps, no call is made before there is one, give or
    take the precision of the plan, and one change of each reply: its ending needs no such call.
    """
    returns = sorted(returns)
    step = plan(calls, *remaining, returns=returns).step(0.0)
    if step in (0.0, inf):
        return
    for horizon in (*returns, PLAN_SECONDS):
        changes = sum(min(each, horizon) for each in remaining) / step
        back = sum(each < min(horizon + PRECISION_SECONDS, PLAN_SECONDS) for each in returns)
        assert changes <= calls + back + len(remaining) + 1e-6


@given(st.floats(0.1, 100.0), st.floats(0.01, 100.0))
def test_equal_parts(seconds: float, step: float) -> None:
    """The parts are whole in number, equal, and not longer than the step."""
    part = equal_parts(seconds, step)
    assert part <= step * (1 + 1e-9)
    assert seconds / part == pytest.approx(round(seconds / part))


def test_without_a_step_there_are_no_parts() -> None:
    """Changes at any time, or never, are not divided into parts."""
    assert equal_parts(5.0, 0.0) == 0.0
    assert equal_parts(5.0, inf) == inf


def test_all_future_replies_go_where_calls_are() -> None:
    """Where one method has no calls, all replies to come are expected of the other, and no more."""
    expected = ExpectedReplies(1.0, [])
    assert balanced_share(plan(50, expected=expected), plan(-1, expected=expected)) == (
        pytest.approx(1.0, abs=0.01)
    )


def test_a_reply_that_joins_leaves_less_for_others() -> None:
    """One more reply of a method's makes it a worse place for those that are expected."""
    expected = ExpectedReplies(1.0, [])
    one, other = plan(50, expected=expected), plan(50, expected=expected)
    assert balanced_share(one, other) == pytest.approx(0.5, abs=0.01)
    assert balanced_share(one, other, joining=30.0) == pytest.approx(0.25, abs=0.01)
