"""The lower bound, next to optima that are known."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.lower_bound import Answer, lower_bound
from slackbot.playground.fake_slack.rate_limits import CallLimiter, RateLimits

TIGHT = 0.98
"""How close to a known optimum the bound comes at least."""

SIXTY_WORDS = Answer("C1", [word / 10 for word in range(60)])

LIMITS = RateLimits(post=0.05, burst=1, update=1, start_stream=1, append_stream=1, stop_stream=1)
"""A channel takes a post in twenty seconds; any other method, one call a minute."""

limits_of_workspaces = st.builds(
    RateLimits,
    post=st.just(0.2),
    burst=st.integers(1, 3),
    posts=st.integers(2, 20),
    update=st.integers(1, 20),
    start_stream=st.integers(1, 3),
    append_stream=st.integers(1, 20),
    stop_stream=st.integers(1, 3),
)


@st.composite
def answers_at(draw: st.DrawFn) -> Answer:
    start = draw(st.floats(0.0, 10.0))
    seconds_per_word = draw(st.sampled_from([0.0, 0.05, 0.5, 2.0]))
    count = draw(st.integers(1, 20))
    channel = draw(st.sampled_from(["C1", "C2"]))
    return Answer(channel, [start + seconds_per_word * word for word in range(count)])


loads = st.lists(answers_at(), min_size=1, max_size=4)
latencies = st.sampled_from([0.0, 0.08, 1.5])


def test_one_answer_is_shown_in_equal_parts() -> None:
    """A post and five edits show equal parts of sixty words, half of the latency later."""
    lag = 0.45 + 0.01

    bound = lower_bound([SIXTY_WORDS], RateLimits(update=5), 0.02, streams=False)

    assert TIGHT * lag <= bound <= lag


def test_streams_spend_their_own_budgets() -> None:
    """A stream shows sixty words in twelve parts; a mix with edits could show no more than 18."""
    limits = RateLimits(update=5, append_stream=10)

    bound = lower_bound([SIXTY_WORDS], limits, 0.02, streams=True)

    assert TIGHT * (60 / 18 - 1) / 20 <= bound <= 0.2 + 0.01


def test_latency_limits_how_often_an_answer_is_shown() -> None:
    """With a latency of a second, ten words a second are shown ten at a time."""
    answer = Answer("C1", [word / 10 for word in range(100)])

    bound = lower_bound([answer], RateLimits(), 1.0, streams=False)

    assert 0.95 * 0.95 <= bound <= 0.95


def test_minutes_overlap() -> None:
    """Over two minutes, ten edits in any minute leave six seconds from edit to edit."""
    answer = Answer("C1", [float(second) for second in range(120)])

    bound = lower_bound([answer], RateLimits(update=10), 0.0, streams=False)

    assert 0.9 * 2.5 <= bound <= 2.5


def test_posts_of_a_channel_come_in_bursts() -> None:
    """Of seven answers at once in a channel, two wait for five seconds.

    None waits in two channels, nor where they may be streams.
    """
    together = [Answer("C1", [0.0])] * 7
    apart = together[:4] + [Answer("C2", [0.0])] * 3

    assert lower_bound(together, RateLimits(), 0.0, streams=False) == pytest.approx(
        10 / 7, rel=0.01
    )
    assert lower_bound(apart, RateLimits(), 0.0, streams=False) == 0.0
    assert lower_bound(together, RateLimits(), 0.0, streams=True) == 0.0


def test_no_words_lag_not_at_all() -> None:
    """Without words there is no lag."""
    assert lower_bound([Answer("C1", [])], RateLimits(), 1.0, streams=False) == 0.0


@pytest.mark.parametrize("streams", [False, True])
@given(
    answers=st.lists(
        st.builds(
            Answer,
            channel=st.sampled_from(["C1", "C2"]),
            words=st.lists(st.sampled_from([0, 20, 40, 60]), min_size=1, max_size=4).map(sorted),
        ),
        min_size=1,
        max_size=2,
    )
)
@settings(max_examples=20)
def test_bound_is_close_below_the_best_of_all_schedules(
    answers: list[Answer], *, streams: bool
) -> None:
    """The bound is not above the best of all schedules, and not far below it."""
    best = optimum(answers, streams=streams)

    bound = lower_bound(answers, LIMITS, 0.0, streams=streams)

    assert 0.95 * best <= bound <= best


@pytest.mark.parametrize("streams", [False, True])
@given(answers=loads, limits=limits_of_workspaces, latency=latencies)
@settings(max_examples=10)
def test_no_simulated_schedule_is_below_the_bound(
    answers: list[Answer], limits: RateLimits, latency: float, *, streams: bool
) -> None:
    """A scheduler that makes each call as soon as it may is not below the bound."""
    bound = lower_bound(answers, limits, latency, streams=streams)

    assert bound <= greedy_lag(answers, limits, latency, streams=streams) + 1e-9


@given(loads, limits_of_workspaces, latencies)
@settings(max_examples=5)
def test_more_calls_never_raise_the_bound(
    answers: list[Answer], limits: RateLimits, latency: float
) -> None:
    """Higher limits, and streams on top of edits, do not raise the bound."""
    edits = lower_bound(answers, limits, latency, streams=False)
    both = lower_bound(answers, limits, latency, streams=True)
    more = replace(limits, update=limits.update + 5, burst=limits.burst + 1)

    assert TIGHT * both <= edits
    assert TIGHT * lower_bound(answers, more, latency, streams=False) <= edits
    assert TIGHT * lower_bound(answers, more, latency, streams=True) <= both


def optimum(answers: Sequence[Answer], *, streams: bool) -> float:
    """Tries all schedules within LIMITS with calls at multiples of twenty seconds.

    Words and limits are at such multiples too, so no other times are better.
    """
    schedules = [sorted(possible_schedules(answer, streams=streams)) for answer in answers]
    best = min(
        sum(lag for lag, _ in chosen)
        for chosen in product(*schedules)
        if within_limits([call for _, calls in chosen for call in calls])
    )
    return best / sum(len(answer.words) for answer in answers)


Calls = tuple[tuple[str, int], ...]


def possible_schedules(answer: Answer, *, streams: bool) -> Iterator[tuple[float, Calls]]:
    times = range(int(answer.words[0]), 160, 20)
    for count in range(1, 5):
        for shown in combinations(times, count):
            if shown[-1] < answer.words[-1]:
                continue
            lag = sum(min(at for at in shown if at >= word) - word for word in answer.words)
            edits = [answer.channel] + ["update"] * (count - 1)
            yield lag, tuple(zip(edits, shown, strict=True))
            if streams:
                appends = ["start"] + ["append"] * (count - 1)
                yield lag, tuple(zip(appends, shown, strict=True))
                if count > 1:
                    yield lag, tuple(zip([*appends[:-1], "stop"], shown, strict=True))


def within_limits(calls: Sequence[tuple[str, int]]) -> bool:
    return all(
        one is other
        or one[0] != other[0]
        or abs(one[1] - other[1]) >= (20 if one[0].startswith("C") else 60)
        for one, other in combinations(calls, 2)
    )


def greedy_lag(
    answers: Sequence[Answer], limits: RateLimits, latency: float, *, streams: bool
) -> float:
    """Returns the mean lag if each call is made as soon as it shows words and is not refused.

    With `streams`, every other answer is a stream. Calls take effect at multiples of 0.1 seconds.
    """
    now = 0.0
    limiter = CallLimiter(limits, lambda: now)
    shown = [0] * len(answers)
    free_at = [0.0] * len(answers)
    lag = 0.0
    for tick in range(100_000):
        now = tick / 10
        for number, answer in enumerate(answers):
            available = sum(word + latency / 2 <= now for word in answer.words)
            if available == shown[number] or now < free_at[number]:
                continue
            first = shown[number] == 0
            if streams and number % 2:
                is_whole = available == len(answer.words)
                further = "chat.stopStream" if is_whole else "chat.appendStream"
                method = "chat.startStream" if first else further
            else:
                method = "chat.postMessage" if first else "chat.update"
            if limiter.admit(method, answer.channel):
                continue
            lag += sum(now - word for word in answer.words[shown[number] : available])
            shown[number] = available
            free_at[number] = now + latency
        if shown == [len(answer.words) for answer in answers]:
            return lag / sum(shown)
    raise AssertionError(f"only {shown} words are shown")
