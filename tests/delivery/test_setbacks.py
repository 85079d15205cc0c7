"""What a reply does while its calls fail, on a virtual clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.setbacks import (
    FAILURES_BEFORE_CHANGE,
    HOPELESS_SECONDS,
    SILENT_SECONDS,
    Failure,
    Setbacks,
)
from slackbot.errors import RateLimitedError, UnknownRefusalError, UnreachableError

OUTAGE = UnreachableError("chat.update", sent=True, code="team_added_to_org")
UNKNOWN = UnknownRefusalError("chat.update", "some_new_error")
LIMIT = RateLimitedError("chat.update", 30.0)


def fail(setbacks: Setbacks, failure: UnreachableError, until: float, now: float = 0.0) -> float:
    """Lets every attempt fail; returns when the first one at or after `until` has failed."""
    while True:
        wait = setbacks.note(failure, now)
        if now >= until:
            return now
        now += wait


@given(st.lists(st.sampled_from([OUTAGE, UNKNOWN]), min_size=1, max_size=40))
def test_pauses_grow_and_stay_bounded(failures: list[UnreachableError]) -> None:
    """No attempt follows at once, and none comes later than half a minute."""
    setbacks, now = Setbacks(), 0.0
    for failure in failures:
        wait = setbacks.note(failure, now)
        assert 0.25 <= wait <= 30.0
        now += wait


@pytest.mark.parametrize("failure", [OUTAGE, UNKNOWN, LIMIT])
def test_each_failure_doubles_the_pause(failure: Failure) -> None:
    """From half a second on, until a call succeeds; half of a pause is left to chance."""
    setbacks = Setbacks()
    for longest in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0):
        assert longest / 2 <= setbacks.note(failure, 0.0) <= longest
        assert setbacks.last is failure
    setbacks.clear()
    assert setbacks.last is None
    assert setbacks.note(failure, 0.0) <= 0.5


@pytest.mark.parametrize("failure", [OUTAGE, UNKNOWN, LIMIT])
def test_the_asker_does_not_wait_in_silence(failure: Failure) -> None:
    """They are told once calls have failed for that long, whatever the reason, and not before."""
    setbacks = Setbacks()
    assert setbacks.silent_at(50.0) == 50.0 + SILENT_SECONDS
    setbacks.note(failure, 100.0)
    setbacks.note(failure, 110.0)
    assert setbacks.silent_at(110.0) == 100.0 + SILENT_SECONDS
    setbacks.clear()
    assert setbacks.silent_at(1_000.0) == 1_000.0 + SILENT_SECONDS


def test_an_outage_is_never_final() -> None:
    """Slack says that it will pass: nothing is shown otherwise, and nothing is given up."""
    setbacks = Setbacks()
    now = fail(setbacks, OUTAGE, 24 * 3_600.0)
    assert not setbacks.call_for_change
    assert not setbacks.are_hopeless(now)


def test_an_unknown_refusal_calls_for_a_change_again_and_again() -> None:
    """Each third failure in a row does."""
    setbacks = Setbacks()
    calls = []
    for _ in range(3 * FAILURES_BEFORE_CHANGE):
        setbacks.note(UNKNOWN, 0.0)
        calls.append(setbacks.call_for_change)
    assert calls == [False, False, True] * 3


def test_an_unknown_refusal_that_lasts_is_final() -> None:
    """After ten minutes, and not before; an outage meanwhile begins the time again."""
    setbacks = Setbacks()
    setbacks.note(UNKNOWN, 0.0)
    setbacks.note(UNKNOWN, HOPELESS_SECONDS / 2)
    assert not setbacks.are_hopeless(HOPELESS_SECONDS - 0.1)
    assert setbacks.are_hopeless(HOPELESS_SECONDS)
    setbacks.note(OUTAGE, 500.0)
    setbacks.note(UNKNOWN, 550.0)
    assert not setbacks.are_hopeless(HOPELESS_SECONDS)
    assert setbacks.are_hopeless(550.0 + HOPELESS_SECONDS)
