"""What a call costs the other replies: who waits for whom, and for which calls."""

from collections.abc import Sequence

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import Method
from slackbot.delivery.call_request import STALE_SECONDS, ActiveReply, CallRequest, Priority
from slackbot.delivery.call_scheduler import CallScheduler
from slackbot.delivery.streaming_mode import BEST, EDITS, STREAMS, StreamingMode

LENGTH = 4.0
"""Seconds that a reply usually takes here."""


def scheduler_for(modes: Sequence[StreamingMode]) -> CallScheduler:
    scheduler = CallScheduler(modes)
    scheduler.demand.learn(*[LENGTH] * 50)
    return scheduler


def use(scheduler: CallScheduler, method: Method, calls: int) -> None:
    """Makes calls for something else."""
    for _ in range(calls):
        scheduler.budgets.begin(method, ChannelId("C0"), 0.0)
        scheduler.budgets.end(method, ChannelId("C0"), 0.0)


def add(
    scheduler: CallScheduler,
    reply: ActiveReply,
    priority: Priority,
    method: Method = "chat.update",
    channel: str = "C1",
    now: float = 0.0,
) -> CallRequest:
    call_request = CallRequest(reply, method, ChannelId(channel), priority)
    scheduler.add(call_request, now)
    return call_request


def test_approvals_leave_the_endings_of_an_earlier_run() -> None:
    """A reply that is visible when it begins owes its ending from then on."""
    scheduler = scheduler_for(EDITS)
    use(scheduler, "chat.update", 46)
    replies = [scheduler.begin_reply(1.0, EDITS, visible=True) for _ in range(3)]
    for granted in (True, True, False):
        asked = add(scheduler, replies[0], Priority.APPROVAL, now=1.0)
        assert (scheduler.grant(1.0) is asked) == granted


def test_a_stale_reply_leaves_the_endings_too() -> None:
    """What others need to end is not spent on one that has stood still."""
    scheduler = scheduler_for(EDITS)
    use(scheduler, "chat.update", 47)
    first, *others = [scheduler.begin_reply(1.0, EDITS, visible=True) for _ in range(3)]
    interim = add(scheduler, first, Priority.INTERIM, now=1.0)
    assert scheduler.grant(1.0 + STALE_SECONDS) is None
    scheduler.withdraw(interim)
    for reply in (first, *others):
        ending = add(scheduler, reply, Priority.ENDING, now=1.0 + STALE_SECONDS)
        assert scheduler.grant(1.0 + STALE_SECONDS) is ending


def streams(scheduler: CallScheduler, count: int) -> Sequence[ActiveReply]:
    """Replies that grow as streams since 0."""
    replies = [scheduler.begin_reply(0.0, STREAMS) for _ in range(count)]
    for reply in replies:
        scheduler.withdraw(add(scheduler, reply, Priority.INTERIM, "chat.appendStream"))
        reply.mode, reply.owes_ending = "native", True
    return replies


@pytest.mark.parametrize("count", [1, 5, 20])
def test_a_stale_stream_takes_the_last_call(count: int) -> None:
    """Streams end with another method: their texts leave no calls for it."""
    scheduler = scheduler_for(STREAMS)
    stream, *_ = streams(scheduler, count)
    use(scheduler, "chat.appendStream", 99)
    interim = add(scheduler, stream, Priority.INTERIM, "chat.appendStream")
    assert scheduler.grant(STALE_SECONDS) is interim


def test_streams_share_all_calls() -> None:
    """None is kept for their endings, so there is a step before they are stale."""
    scheduler = scheduler_for(STREAMS)
    stream, *_ = streams(scheduler, 20)
    use(scheduler, "chat.appendStream", 75)
    add(scheduler, stream, Priority.INTERIM, "chat.appendStream")
    wakes_at = scheduler.wakes_at(0.0)
    assert wakes_at is not None
    assert wakes_at < STALE_SECONDS


@pytest.mark.parametrize(("count", "waits"), [(0, False), (1, True), (9, True)])
def test_edits_leave_a_call_for_a_lost_stream(count: int, waits: bool) -> None:  # noqa: FBT001
    """A stream that ends early goes on by edits; that many do so at once is not expected."""
    scheduler = scheduler_for(BEST)
    use(scheduler, "chat.update", 47)
    streams(scheduler, count)
    reply = scheduler.begin_reply(0.0, EDITS, visible=True)
    add(scheduler, reply, Priority.INTERIM)
    assert (scheduler.grant(STALE_SECONDS) is None) == waits


def test_silence_makes_no_reply_more_urgent() -> None:
    """However long it had nothing to show, it is taken for one that has just become stale."""
    scheduler = scheduler_for(EDITS)
    reply = scheduler.begin_reply(100.0, EDITS, visible=True)
    scheduler.withdraw(add(scheduler, reply, Priority.INTERIM, now=100.0))
    add(scheduler, reply, Priority.INTERIM, now=600.0)
    assert reply.called == reply.began == 600.0 - STALE_SECONDS


def test_a_reply_that_has_just_been_shown_counts() -> None:
    """It will ask again: another one shares the calls with it, though it asks for nothing now."""

    def waits(others: int) -> float:
        scheduler = scheduler_for(EDITS)
        use(scheduler, "chat.update", 20)
        for _ in range(others):
            other = scheduler.begin_reply(0.0, EDITS, visible=True)
            scheduler.withdraw(add(scheduler, other, Priority.INTERIM))
        add(scheduler, scheduler.begin_reply(0.0, EDITS, visible=True), Priority.INTERIM)
        wakes_at = scheduler.wakes_at(0.0)
        assert wakes_at is not None
        return wakes_at

    assert waits(others=6) > waits(others=0)


def test_asking_when_changes_nothing() -> None:
    """A plan holds for one moment: what was planned earlier is planned again later."""

    def planned(asked_at: Sequence[float]) -> float | None:
        scheduler = scheduler_for(EDITS)
        use(scheduler, "chat.update", 40)
        reply = scheduler.begin_reply(0.0, EDITS, visible=True)
        add(scheduler, reply, Priority.INTERIM)
        for now in asked_at:
            scheduler.wakes_at(now)
        return scheduler.wakes_at(1.0)

    assert planned([]) == planned([0.0]) == planned([0.0, 0.5, 0.9])


@pytest.mark.parametrize("others", [30, 35, 40, 45, 60])
def test_a_first_text_waits_for_an_equal_part(others: int) -> None:
    """Where a reply has calls for few steps, its first text is one of them: at least half."""
    scheduler = scheduler_for(EDITS)
    for number in range(others):
        reply = scheduler.begin_reply(0.0, EDITS)
        add(scheduler, reply, Priority.FIRST, "chat.postMessage", f"C{number}")
    first = scheduler.wakes_at(0.0)
    assert first is not None
    assert first > 0.0
    parts = scheduler.demand.usual / first
    assert parts == pytest.approx(round(parts))
    assert parts >= 2
    if others == 60:
        assert parts == pytest.approx(2)


def test_a_busy_channel_waits_for_no_part() -> None:
    """Of more posts than Slack takes at once in a channel the first come without delay: the last
    would come after their replies have ended.
    """
    scheduler = scheduler_for(EDITS)
    for number in range(60):
        reply = scheduler.begin_reply(0.0, EDITS)
        add(scheduler, reply, Priority.FIRST, "chat.postMessage", f"C{number}")
    for _ in range(10):
        add(
            scheduler, scheduler.begin_reply(0.0, EDITS), Priority.FIRST, "chat.postMessage", "busy"
        )
    granted = []
    while (admitted := scheduler.grant(0.0)) is not None:
        granted.append(admitted.channel)
    assert granted == ["busy"] * 5
