"""Predictions of what replies will need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.demand import FOLLOW_UPS, QUIET_SECONDS, USUAL_SECONDS, Demand

seconds = st.floats(0.0, 600.0)


def ask(demand: Demand, first: float, times: int) -> None:
    """A person asks so often in a row, and each answer takes 20 seconds."""
    for number in range(times):
        demand.begin(first + number * 23.3)
        demand.end(first + number * 23.3 + 20.0, 20.0)


def test_before_anything_is_known() -> None:
    """The first reply is expected to be short, and one that takes longer to take longer still."""
    demand = Demand()
    assert demand.usual == USUAL_SECONDS
    assert demand.remaining(5.0) == 3.0
    assert demand.remaining(20.0) == 24.0  # twice what it is over


@given(st.lists(seconds, max_size=60), seconds)
def test_a_reply_is_always_expected_to_go_on(lengths: list[float], elapsed: float) -> None:
    """Whatever was seen, something remains."""
    demand = Demand()
    for each in lengths:
        demand.end(0.0, each)
    assert demand.remaining(elapsed) >= 1.0


def test_learns_from_longer_replies() -> None:
    """Of replies that all take 40 seconds, one is expected to take what is left of them."""
    demand = Demand()
    for _ in range(20):
        demand.end(0.0, 40.0)
    assert demand.usual == pytest.approx(40.0, rel=0.05)
    assert demand.remaining(30.0) == pytest.approx(10.0, rel=0.1)


def test_learns_from_replies_of_many_lengths() -> None:
    """What is left of a reply is what was left of those that took longer, in the mean."""
    demand = Demand()
    demand.learn(*[10.0] * 10, *[100.0] * 10)
    assert demand.remaining(50.0) == pytest.approx(50.0, rel=0.1)
    assert demand.remaining(0.0) == pytest.approx(55.0, rel=0.1)


def test_the_mean_number_at_once() -> None:
    """A person who asks on and on keeps the bot busy for six sevenths of the time."""
    demand = Demand()
    ask(demand, 0.0, 6)
    assert demand.at_once(140.0) == pytest.approx(0.86, abs=0.07)


def test_a_long_reply_is_one_reply() -> None:
    """A reply that took ten minutes counts for the time that is looked back at, and no more."""
    demand = Demand()
    demand.begin(0.0)
    demand.end(600.0, 600.0)
    assert demand.at_once(600.0) <= 1.0


@pytest.mark.parametrize(("times", "expected"), [(1, 0.0), (6, 0.83)])
def test_learns_whether_people_ask_on(times: int, expected: float) -> None:
    """What usually follows the first question after a quiet time is expected after the next one."""
    demand = Demand()
    for session in range(10):
        ask(demand, session * 1_000.0, times)
    demand.begin(10_000.0)
    assert demand.at_once(10_000.0) == pytest.approx(expected, abs=0.03)


def test_questions_at_once_are_no_follow_ups() -> None:
    """Ten people who ask at the same moment have not asked on."""
    demand = Demand()
    for session in range(10):
        for _ in range(10):
            demand.begin(session * 1_000.0)
        for number in range(10):
            demand.end(session * 1_000.0 + 8.0 + number, 8.0 + number)
    demand.begin(10_000.0)
    assert demand.at_once(10_000.0) < 0.03


def test_a_busy_time_is_forgotten_after_a_quiet_one() -> None:
    """After a quiet time only those are expected who ask on."""
    demand = Demand()
    for _ in range(30):
        demand.begin(0.0)
    for _ in range(30):
        demand.end(10.0, 10.0)
    assert demand.at_once(11.0) > 5.0
    demand.begin(10.1 + QUIET_SECONDS)
    assert demand.at_once(80.0) < FOLLOW_UPS


def test_what_has_not_ended_teaches_nothing() -> None:
    """Whether people ask on is learned from times in which a reply has ended."""
    demand = Demand()
    demand.begin(0.0)
    demand.begin(1_000.0)
    assert demand.follow_ups == FOLLOW_UPS


def test_single_questions_are_learned_for_good() -> None:
    """Where nobody ever asks on, nearly nothing is expected to follow a first question."""
    demand = Demand()
    for session in range(20):
        ask(demand, session * 1_000.0, 1)
    demand.begin(20_000.0)
    assert demand.follow_ups < 0.001


def test_the_mean_number_at_once_at_any_time() -> None:
    """What counts is the last three minutes, whenever the clock began."""
    demand = Demand()
    ask(demand, 50_000.0, 40)
    assert demand.at_once(50_000.0 + 39 * 23.3 + 20.0) == pytest.approx(0.86, abs=0.07)


def test_what_follows_within_a_minute_counts() -> None:
    """Of the minute after the first answer 9 s were written in, and more later: a third of the way
    towards 9 of 60 is learned.
    """
    demand = Demand()
    for begin, end in ((0.0, 10.0), (60.0, 69.0), (100.0, 110.0)):
        demand.begin(begin)
        demand.end(end, end - begin)
    demand.begin(1_000.0)
    assert demand.follow_ups == pytest.approx(FOLLOW_UPS + (9 / 60 - FOLLOW_UPS) / 3)
