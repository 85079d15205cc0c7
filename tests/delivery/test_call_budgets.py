"""The budgets of a workspace, by method and by channel."""

from itertools import cycle, islice
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import (
    CALLS_PER_MINUTE,
    POST_WINDOW_SECONDS,
    POSTS_IN_A_ROW,
    CallBudgets,
    Method,
)
from slackbot.playground.fake_slack.rate_limits import SlidingWindow

POST: Method = "chat.postMessage"

GENERAL, RANDOM = ChannelId("C1"), ChannelId("C2")

CHANNELS = [ChannelId(f"C{number}") for number in range(1, 11)]


def post(budgets: CallBudgets, channel: ChannelId, now: float) -> None:
    budgets.begin("chat.postMessage", channel, now)
    budgets.end("chat.postMessage", channel, now)


def test_posts_count_by_channel_and_by_workspace() -> None:
    """A channel takes five posts at once; another one takes more."""
    budgets = CallBudgets()
    for _ in range(5):
        post(budgets, GENERAL, 1.0)
    assert budgets.opens_at("chat.postMessage", GENERAL, 1.0) == 1.0 + POST_WINDOW_SECONDS
    assert budgets.opens_at("chat.postMessage", RANDOM, 1.0) == 1.0
    assert budgets["chat.postMessage"].used(1.0) == 5


def test_methods_have_budgets_of_their_own() -> None:
    """Edits that are used up leave room for everything else."""
    budgets = CallBudgets()
    for _ in range(CALLS_PER_MINUTE["chat.update"]):
        budgets.begin("chat.update", GENERAL, 0.0)
        budgets.end("chat.update", GENERAL, 0.0)
    assert budgets.opens_at("chat.update", GENERAL, 1.0) > 60.0
    assert budgets.opens_at("chat.appendStream", GENERAL, 1.0) == 1.0


def test_the_memory_holds_what_counts() -> None:
    """Another process goes on from the budgets of methods and of channels."""
    budgets = CallBudgets()
    for _ in range(5):
        post(budgets, GENERAL, 1.0)
    restarted = CallBudgets()
    restarted.recall(budgets.memory(2.0, 1_000.0, final=True), 50.0, 952.0)
    assert restarted["chat.postMessage"].used(50.0) == 5
    assert restarted.opens_at("chat.postMessage", GENERAL, 50.0) > 53.0


@pytest.mark.parametrize(
    ("method", "documented"),
    [
        ("chat.update", 50),
        ("chat.delete", 50),
        ("chat.startStream", 20),
        ("chat.stopStream", 20),
        ("chat.appendStream", 100),
        ("chat.postMessage", 200),
    ],
)
def test_a_minute_holds_what_slack_documents(method: Method, documented: int) -> None:
    """Before anything is learned, a minute holds as many calls as the tier of a method allows, and
    200 posts, where Slack says "several hundred".

    https://docs.slack.dev/apis/web-api/rate-limits
    """
    budgets, made = CallBudgets(), 0
    while budgets.opens_at(method, ChannelId(f"C{made}"), 0.0) == 0.0:
        budgets.begin(method, ChannelId(f"C{made}"), 0.0)
        budgets.end(method, ChannelId(f"C{made}"), 0.0)
        made += 1
    assert made == documented
    assert budgets.opens_at(method, ChannelId("C999"), 0.0) > 60.0


def refuse(budgets: CallBudgets, channel: ChannelId, now: float, retry_after: float) -> None:
    budgets.begin(POST, channel, now)
    budgets.refuse(POST, channel, now, retry_after)


def test_six_refusals_of_one_channel() -> None:
    """They close that channel each time; the others post on, and the workspace's limit stays."""
    budgets = CallBudgets()
    for now in range(0, 60, 10):
        refuse(budgets, GENERAL, float(now), 9.0)
        assert budgets.opens_at(POST, GENERAL, now + 0.1) == now + 9.0
        assert budgets.opens_at(POST, RANDOM, now + 0.1) == now + 0.1
        post(budgets, RANDOM, now + 5.0)
    assert budgets[POST].allowance == CALLS_PER_MINUTE[POST]


def test_channels_that_are_refused_at_the_same_time() -> None:
    """When none of them has used its budget, all posts wait as long as Slack asks."""
    budgets = CallBudgets()
    refuse(budgets, GENERAL, 1.0, 9.0)
    refuse(budgets, RANDOM, 1.5, 9.0)
    assert budgets.opens_at(POST, ChannelId("C3"), 2.0) == 10.5
    assert budgets[POST].allowance == CALLS_PER_MINUTE[POST]  # two posts can't be the limit


def test_a_channel_that_has_used_its_budget() -> None:
    """It explains the refusal itself, though another channel has just been refused too."""
    budgets = CallBudgets()
    for _ in range(4):
        post(budgets, RANDOM, 0.0)
    refuse(budgets, GENERAL, 1.5, 60.0)
    refuse(budgets, RANDOM, 1.6, 60.0)
    assert budgets.opens_at(POST, ChannelId("C3"), 2.0) == 2.0


def test_posts_of_one_channel_that_were_sent_together() -> None:
    """All of them are refused, which says nothing of other channels."""
    budgets = CallBudgets()
    budgets.begin(POST, GENERAL, 1.0)
    budgets.begin(POST, GENERAL, 1.0)
    budgets.refuse(POST, GENERAL, 1.1, 60.0)
    budgets.refuse(POST, GENERAL, 1.2, 60.0)
    assert budgets.opens_at(POST, RANDOM, 2.0) == 2.0


def test_posts_of_a_workspace_that_were_sent_together() -> None:
    """Once it is known that all must wait, a refusal tells nothing of its channel."""
    budgets = CallBudgets()
    for channel in CHANNELS[:3]:
        budgets.begin(POST, channel, 1.0)
    for channel in CHANNELS[:3]:
        budgets.refuse(POST, channel, 1.1, 60.0)
    assert CHANNELS[2] not in budgets.memory(2.0, 0.0, final=True).channels


def test_slow_channels_next_to_one_that_is_not() -> None:
    """A post that has passed since shows that it is not the workspace."""
    budgets = CallBudgets()
    refuse(budgets, GENERAL, 1.0, 60.0)
    post(budgets, ChannelId("C3"), 3.0)
    refuse(budgets, RANDOM, 4.0, 60.0)
    assert budgets.opens_at(POST, ChannelId("C3"), 5.0) == 5.0


def test_a_workspace_that_has_made_most_of_its_posts() -> None:
    """The first refusal of a channel that has not is for the workspace, and lowers its limit."""
    budgets = CallBudgets()
    for number in range(150):
        post(budgets, CHANNELS[number % 9], number * 0.3)
    refuse(budgets, CHANNELS[9], 46.0, 9.0)
    assert budgets[POST].allowance == 150 * 0.95
    assert budgets.opens_for_ending_at(POST, RANDOM, 46.0) == 55.0
    assert budgets.opens_at(POST, CHANNELS[9], 120.0) == 120.0


@given(
    st.lists(st.tuples(st.integers(2, 500), st.floats(0.0, 5.0)), max_size=100),
    st.floats(1.0, 300.0),
)
def test_a_closed_channel_stays_closed(posts: list[tuple[int, float]], retry_after: float) -> None:
    """Whatever is posted elsewhere, also when the bot is started again soon."""
    budgets, now = CallBudgets(), 10.0
    refuse(budgets, GENERAL, now, retry_after)
    for number, wait in posts:
        now += wait
        post(budgets, ChannelId(f"C{number}"), now)
        assert budgets.opens_at(POST, GENERAL, now) >= 10.0 + retry_after
    restarted = CallBudgets()
    restarted.recall(budgets.memory(now, 0.0, final=True), now, 0.0)
    expected = min(10.0 + retry_after, now + 60.0)
    assert restarted.opens_at(POST, GENERAL, now) >= expected - 0.01


@given(st.integers(50, 190))
def test_a_lower_limit_of_the_workspace_is_learned(limit: int) -> None:
    """After few refusals the workspace keeps to it, and few channels are taken for slow ones."""
    budgets, now, window, refused = CallBudgets(), 0.0, SlidingWindow(limit, 60.0), 0
    for channel in islice(cycle(CHANNELS), 2_000):
        now = budgets.opens_at(POST, channel, now + 0.3)
        opens = window.opens(now)
        budgets.begin(POST, channel, now)
        if opens > now:
            refused += 1
            budgets.refuse(POST, channel, now, ceil(opens - now))
        else:
            window.add(now)
            budgets.end(POST, channel, now)
    assert refused <= 10
    assert budgets[POST].allowance <= limit
    kept = budgets.memory(now, 0.0, final=True).channels
    assert sum(each.allowance < POSTS_IN_A_ROW for each in kept.values()) <= 2


def test_few_channels_are_remembered() -> None:
    """A channel that a new budget would serve as well is forgotten."""
    budgets = CallBudgets()
    for number in range(1_000):
        post(budgets, ChannelId(f"C{number}"), float(number))
    assert len(budgets.memory(1_000.0, 0.0, final=True).channels) <= 6
