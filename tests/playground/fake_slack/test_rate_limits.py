import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from slackbot.playground.fake_slack.rate_limits import CallLimiter, RateLimits

GAPS = st.lists(st.integers(0, 20 * 64).map(lambda number: number / 64), min_size=1, max_size=200)
"""Seconds, in steps that a float adds up without rounding."""
METHODS = st.sampled_from(["chat.update", "chat.startStream", "users.info"])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(METHODS, GAPS)
def test_no_minute_holds_more_than_the_limit(method: str, gaps: list[float]) -> None:
    """However calls are spaced, any 60 seconds hold at most the documented number of them."""
    clock, limits = Clock(), RateLimits(update=5, start_stream=3, users=1)
    limiter = CallLimiter(limits, clock)
    admitted = []
    for gap in gaps:
        clock.now += gap
        if limiter.admit(method) == 0:
            admitted.append(clock.now)
    most = limits.per_minute(method)
    assert most is not None
    for first, after in zip(admitted, admitted[most:], strict=False):
        assert after - first >= 60


@given(GAPS)
def test_waiting_as_told_is_enough(gaps: list[float]) -> None:
    """A call is admitted once its Retry-After, a whole number of seconds from 1 on, has passed."""
    clock = Clock()
    limiter = CallLimiter(RateLimits(update=4), clock)
    for gap in gaps:
        clock.now += gap
        retry_after = limiter.admit("chat.update")
        assert retry_after == 0 or 1 <= retry_after <= 60
        if retry_after:
            clock.now += retry_after
            assert limiter.admit("chat.update") == 0


@given(st.lists(st.sampled_from(["C1", "C2"]), min_size=2, max_size=60), GAPS)
def test_posts_in_a_channel_are_a_second_apart_on_average(
    channels: list[str], gaps: list[float]
) -> None:
    """A channel takes a burst of five posts, and never more than five in five seconds."""
    clock = Clock()
    limiter = CallLimiter(RateLimits(), clock)
    admitted: dict[str, list[float]] = {"C1": [], "C2": []}
    for channel, gap in zip(channels, gaps, strict=False):
        clock.now += gap / 8
        if limiter.admit("chat.postMessage", channel) == 0:
            admitted[channel].append(clock.now)
    for times in admitted.values():
        assert all(after - first >= 5 for first, after in zip(times, times[5:], strict=False))


def test_a_refusal_closes_the_method() -> None:
    """Once refused, a method stays closed until its Retry-After has passed, tried again or not."""
    clock = Clock()
    limiter = CallLimiter(RateLimits(update=1), clock)
    limiter.admit("chat.update")
    waits = []
    for _ in range(4):
        clock.now += 10.5
        waits.append(limiter.admit("chat.update"))
    assert waits == [50, 40, 29, 19]
    assert all(before > after for before, after in pairwise(waits))
    clock.now += 18.5
    assert limiter.admit("chat.update") == 0


def test_a_closed_method_is_closed_in_every_channel() -> None:
    """Too many posts in one channel close chat.postMessage in the whole workspace."""
    limiter = CallLimiter(RateLimits(), Clock())
    assert [limiter.admit("chat.postMessage", "C1") for _ in range(6)] == [0, 0, 0, 0, 0, 5]
    assert limiter.admit("chat.postMessage", "C2") == 5


def test_methods_do_not_share_a_limit() -> None:
    """A limit belongs to one method; using it up leaves the others alone."""
    limiter = CallLimiter(RateLimits(update=1, delete=1), Clock())
    assert limiter.admit("chat.update") == 0
    assert limiter.admit("chat.update") == 60
    assert limiter.admit("chat.delete") == 0


def test_unlisted_methods_are_free() -> None:
    """A method without a documented figure is never refused."""
    limiter = CallLimiter(RateLimits(), Clock())
    assert not any(limiter.admit("auth.test") for _ in range(1000))


def test_documented_figures() -> None:
    """The defaults are Slack's tiers."""
    limits = RateLimits()
    assert limits.per_minute("chat.update") == 50
    assert limits.per_minute("chat.startStream") == 20
    assert limits.per_minute("chat.appendStream") == 100
    assert limits.per_minute("conversations.replies") == 50
    assert limits.per_minute("views.open") == 100
    assert limits.per_minute("assistant.threads.setStatus") == 600
    assert limits.per_minute("assistant.threads.setTitle") == 100
    assert math.isclose(limits.burst / limits.post, 5)


def test_what_is_used_up_comes_back() -> None:
    """A call counts for 60 seconds; a refused one does not."""
    clock = Clock()
    limiter = CallLimiter(RateLimits(update=2), clock)
    assert [limiter.admit("chat.update") for _ in range(3)] == [0, 0, 60]
    assert limiter.used("chat.update") == 2
    assert limiter.used("users.info") == 0
    clock.now += 60
    assert limiter.used("chat.update") == 0
