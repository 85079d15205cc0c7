"""The budgets of a workspace, by method and by channel."""

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import (
    CALLS_PER_MINUTE,
    POST_WINDOW_SECONDS,
    CallBudgets,
    Method,
)

GENERAL, RANDOM = ChannelId("C1"), ChannelId("C2")


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
