"""The loads that are measured."""

from itertools import pairwise
from statistics import mean

import pytest

from benchmarks.loads import (
    FIRST_WORD_SECONDS,
    HOUR_SECONDS,
    HOURLY_QUESTIONS,
    LOADS,
    LONGEST_ANSWER_SECONDS,
    PAUSE_SECONDS,
    PEAK_FACTOR,
    QUIET_SECONDS,
    SHORTEST_ANSWER_SECONDS,
    an_hour,
    at_once,
    in_a_row,
    repeated,
)


@pytest.mark.parametrize("name", LOADS)
def test_a_load_is_the_same_each_time(name: str) -> None:
    """The figures of two versions are about the same questions, in the order of their times."""
    questions = LOADS[name]()
    assert questions == LOADS[name]()
    assert [each.at for each in questions] == sorted(each.at for each in questions)


def test_a_model_thinks_before_it_writes() -> None:
    """The first word comes after a moment, the next ones at the question's pace."""
    (question,) = at_once(1, channels=1)
    assert question.produced[0] == FIRST_WORD_SECONDS
    assert question.produced[40] == pytest.approx(FIRST_WORD_SECONDS + 1.0)
    assert len(question.produced) == question.words


def test_one_person_waits_for_each_answer() -> None:
    """A question comes a pause after the last word of the answer before it."""
    for before, after in pairwise(in_a_row(3)):
        assert after.at == pytest.approx(before.produced[-1] + 1 / 20 + PAUSE_SECONDS)


def test_an_hour_has_a_peak() -> None:
    """In the mean as many questions as people ask, and at the peak four times as many a minute."""
    hours = [an_hour(seed) for seed in range(30)]
    assert mean(map(len, hours)) == pytest.approx(HOURLY_QUESTIONS, rel=0.1)
    peak = [abs(each.at - HOUR_SECONDS / 2) < 60.0 for hour in hours for each in hour]
    assert sum(peak) / 30 / 2 == pytest.approx(PEAK_FACTOR * HOURLY_QUESTIONS / 60, rel=0.1)
    seconds = [each.words / each.words_per_second for hour in hours for each in hour]
    assert SHORTEST_ANSWER_SECONDS <= min(seconds) <= max(seconds) <= LONGEST_ANSWER_SECONDS


def test_rounds_do_not_overlap() -> None:
    """A load is played again once the one before it is over and Slack's minute is unspent."""
    once = at_once(3, channels=1)
    twice = repeated(once, 2)
    assert twice[:3] == once
    assert {each.at for each in twice[3:]} == {once[0].produced[-1] + QUIET_SECONDS}
