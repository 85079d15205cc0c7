"""The budgets of a workspace, by method and by channel."""

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import CALLS_PER_MINUTE, POST_WINDOW_SECONDS, CallBudgets

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
