"""The cheapest schedules of one answer, next to all others."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.show_times import Schedule, ShowTimes, TimeBins, Transport

BINS = TimeBins(start=0.0, seconds=2.0, count=5)
EDITS = Transport(("post",), "edit", "edit")
STREAM = Transport(("start",), "append", "stop")

words_of_answers = st.lists(st.integers(0, 7), min_size=1, max_size=5).map(sorted)
prices_by_bin = st.lists(st.integers(0, 9), min_size=5, max_size=5)


@given(words_of_answers, prices_by_bin, prices_by_bin)
def test_no_schedule_is_cheaper(words: list[int], posts: list[int], edits: list[int]) -> None:
    """The schedule found costs as little as the best of all schedules."""
    useful = sorted({*words, *(start for start in (2, 4, 6, 8) if start > words[0]), 10})
    best = min(
        cost_of_calls(words, calls, posts, edits)
        for count in range(1, len(useful) + 1)
        for calls in combinations(useful, count)
        if calls[-1] >= words[-1]
    )

    cost, schedule = cheapest(words, 0.0, EDITS, post=posts, edit=edits)[0]

    assert cost == pytest.approx(best)
    assert cost_of_schedule(schedule, post=posts, edit=edits) == pytest.approx(best)


@given(
    words_of_answers,
    prices_by_bin,
    prices_by_bin,
    st.lists(st.floats(0.0, 4.0), min_size=7, max_size=7),
)
def test_latency_keeps_calls_apart(
    words: list[int], posts: list[int], edits: list[int], waits: list[float]
) -> None:
    """No calls at times that a latency allows cost less than the schedule found for it."""
    latency = 1.5
    calls = [words[0] + latency / 2 + waits[0]]
    for wait in waits[1:]:
        if calls[-1] < words[-1] + latency / 2:
            calls.append(calls[-1] + latency + wait)

    cost, _ = cheapest(words, latency, EDITS, post=posts, edit=edits)[0]

    assert cost <= cost_of_calls(words, calls, posts, edits, delay=latency / 2) + 1e-9


def test_last_call_of_a_stream_takes_the_cheaper_way() -> None:
    """The last words come with the stop if that is cheaper, and with an append otherwise."""
    free, dear = [0] * 5, [9] * 5

    _, stopped = cheapest([0, 3], 0.0, STREAM, start=free, append=dear, stop=free)[0]
    _, appended = cheapest([0, 3], 0.0, STREAM, start=free, append=free, stop=dear)[0]

    assert dict(stopped.calls) == {("start", 0): 1, ("stop", 1): 1}
    assert dict(appended.calls) == {("start", 0): 1, ("append", 1): 1}


def test_equal_answers_begin_in_different_bins() -> None:
    """Schedules for several equal answers begin in different bins, the cheapest one first."""
    found = cheapest([0], 0.0, EDITS, count=3, post=[5, 0, 0, 0, 0], edit=[0] * 5)

    assert [cost for cost, _ in found] == [2.0, 4.0, 5.0]
    assert [schedule.lag for _, schedule in found] == [2.0, 4.0, 0.0]


def cheapest(
    words: Sequence[float],
    latency: float,
    transport: Transport,
    count: int = 1,
    **prices: Sequence[int],
) -> list[tuple[float, Schedule]]:
    arrays = {name: np.array([*each, 0], dtype=float) for name, each in prices.items()}
    return ShowTimes(words, BINS, latency, step=0.1).cheapest(transport, arrays, count)


def cost_of_calls(
    words: Sequence[float],
    calls: Sequence[float],
    posts: Sequence[int],
    edits: Sequence[int],
    delay: float = 0.0,
) -> float:
    """Returns the sum of lags and prices if the calls take effect at these times."""
    lag = sum(min(call for call in calls if call >= word + delay) - word for word in words)
    bins = [int(call // 2) for call in calls]
    return (
        lag
        + [*posts, 0, 0, 0, 0, 0, 0][bins[0]]
        + sum(edits[each] for each in bins[1:] if each < len(edits))
    )


def cost_of_schedule(schedule: Schedule, **prices: Sequence[int]) -> float:
    return schedule.lag + sum(
        times * [*prices[name], 0][time_bin] for (name, time_bin), times in schedule.calls
    )
