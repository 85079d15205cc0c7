"""What replies ask the scheduler for."""

from itertools import permutations

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.call_request import STALE_SECONDS, ActiveReply, CallRequest, Priority
from slackbot.delivery.streaming_mode import BEST, EDITS

NOW = 100.0


def request(method: Method, priority: Priority, seconds_since_call: float = 1.0) -> CallRequest:
    reply = ActiveReply(BEST, called=NOW - seconds_since_call)
    return CallRequest(reply, method, ChannelId("C1"), priority)


def test_a_stale_message_is_as_urgent_as_a_new_one() -> None:
    """Endings rank first, then first texts and stale messages, the longest wait first."""
    ranked = [
        request("chat.update", Priority.ENDING),
        request("chat.update", Priority.INTERIM, STALE_SECONDS + 1.0),
        request("chat.postMessage", Priority.FIRST),
        request("chat.update", Priority.INTERIM, STALE_SECONDS - 1.0),
        request("chat.update", Priority.INTERIM),
    ]
    for each in permutations(ranked):
        assert sorted(each, key=lambda one: one.rank(NOW)) == ranked


def test_a_message_that_is_posted_whole_does_not_open_one_that_grows() -> None:
    """A post opens a growing message, unless it shows the end of the reply."""
    assert request("chat.postMessage", Priority.FIRST).opens
    assert request("chat.startStream", Priority.FIRST).opens
    assert not request("chat.postMessage", Priority.ENDING).opens
    assert not request("chat.update", Priority.INTERIM).opens


def test_only_a_stream_may_become_a_post() -> None:
    """A request for a stream may take any mode of its reply, a request for a post only edits."""
    assert request("chat.startStream", Priority.FIRST).modes == BEST
    assert request("chat.postMessage", Priority.FIRST).modes == EDITS


def test_ten_seconds_without_news_are_long() -> None:
    """A message that people have seen stand still for ten seconds goes before a newer first text,
    and one that changed a moment later does not.
    """
    first = request("chat.postMessage", Priority.FIRST, 5.0)
    stale = request("chat.update", Priority.INTERIM, 10.0)
    fresh = request("chat.update", Priority.INTERIM, 9.9)
    assert stale.rank(NOW) < first.rank(NOW) < fresh.rank(NOW)
