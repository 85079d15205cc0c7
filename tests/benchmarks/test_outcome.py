"""What a load came to."""

import pytest

from benchmarks.outcome import (
    LIVELY_SECONDS,
    MeasuredAnswer,
    MeasuredCall,
    Outcome,
    shown_times,
    total_versions,
)

PRODUCED = [0.0, 1.0, 2.0]
SHOWN = MeasuredAnswer(PRODUCED, [0.5, 2.5, 2.5], [0.5, 2.5])
CUT_SHORT = MeasuredAnswer(PRODUCED, [], [0.5])


def test_when_words_were_visible() -> None:
    """A word is visible from the first version that holds it."""
    assert shown_times([(1.0, 2), (3.0, 3)], words=3) == [1.0, 1.0, 3.0]
    assert shown_times([(1.0, 2)], words=3) == []


def test_an_answer_over_two_messages() -> None:
    """The words of an answer are those of all its messages together."""
    assert total_versions([[(1.0, 2), (4.0, 3)], [(2.0, 1)]]) == [(1.0, 2), (2.0, 3), (4.0, 4)]


def test_only_whole_answers_are_measured() -> None:
    """An answer that is not whole has no lags: the report counts it."""
    outcome = Outcome([SHOWN, CUT_SHORT], [])
    assert outcome.whole == [SHOWN]
    assert outcome.first_text == 0.5
    assert outcome.mean_lag == pytest.approx((0.5 + 1.5 + 0.5) / 3)
    assert outcome.median_step == 2.0
    assert outcome.latest_end == 0.5


def test_the_lively_beginning_does_not_count_as_irregular() -> None:
    """Quick steps at the beginning are no fault; a long one later is, and few steps say nothing."""
    begin = [0.1 * number for number in range(10)]
    regular = [LIVELY_SECONDS + 1.0 + number for number in range(8)]
    assert MeasuredAnswer([], [], begin + regular).irregularity == 1.0
    jerky = [*regular, regular[-1] + 9.0]
    irregularity = MeasuredAnswer([], [], begin + jerky).irregularity
    assert irregularity is not None
    assert irregularity > 1.5
    assert MeasuredAnswer([], [], begin).irregularity is None


def test_the_last_round_alone() -> None:
    """Of a load that is played twice, the answers and calls of the last time are reported."""
    first = MeasuredAnswer([-100.0], [-99.0], [-99.0])
    calls = [MeasuredCall(-99.0, "chat.postMessage", refused=True)]
    calls.append(MeasuredCall(0.5, "chat.postMessage", refused=False))
    assert Outcome([first, SHOWN], calls).latest(1) == Outcome([SHOWN], calls[1:])
