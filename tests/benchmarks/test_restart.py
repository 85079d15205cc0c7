"""The benchmark of restarts."""

import pytest

from benchmarks.restart import CALL_LATENCY_SECONDS, edits_bound, measure, posts_bound
from slackbot.delivery.call_budgets import CALLS_PER_MINUTE, POST_WINDOW_SECONDS, POSTS_IN_A_ROW
from slackbot.delivery.rate_budget import WINDOW_SECONDS


def test_bursts_of_a_channel_bound_its_posts() -> None:
    """One channel takes a burst, and the next one a window later."""
    window = POST_WINDOW_SECONDS + CALL_LATENCY_SECONDS
    assert posts_bound([], {"C1": POSTS_IN_A_ROW}) == pytest.approx(CALL_LATENCY_SECONDS)
    assert posts_bound([], {"C1": POSTS_IN_A_ROW + 1}) == pytest.approx(
        window + CALL_LATENCY_SECONDS
    )


def test_the_minute_of_the_workspace_bounds_all_channels() -> None:
    """Past 200 posts the next has to wait for the first one's minute."""
    due = {f"C{number}": 4 for number in range(51)}
    assert posts_bound([], due) > WINDOW_SECONDS


def test_earlier_posts_count() -> None:
    """What was posted just before the restart delays what comes after it."""
    earlier = [(-1.0, "C1")] * POSTS_IN_A_ROW
    assert POST_WINDOW_SECONDS - 1 < posts_bound(earlier, {"C1": 1}) < POST_WINDOW_SECONDS


async def test_a_killed_bot_answers_what_was_pending() -> None:
    """After a kill in the middle of its answers the bot answers each question once."""
    found = await measure(threads=3, pending=4, channels=2, watch=True)
    assert found.whole == 4
    assert found.connected < found.answered


def test_edits_before_the_kill_count_too() -> None:
    """Answers that were begun need an edit each, of which Slack takes so many a minute."""
    limit = CALLS_PER_MINUTE["chat.update"]
    assert edits_bound([], 0) == 0.0
    assert edits_bound([], limit) == pytest.approx(CALL_LATENCY_SECONDS)
    assert edits_bound([], limit + 1) > WINDOW_SECONDS
    assert edits_bound([-10.0] * limit, 1) > WINDOW_SECONDS - 10.0
