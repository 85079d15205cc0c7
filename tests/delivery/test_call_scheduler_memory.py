"""What the call scheduler hands on to the next process."""

from collections.abc import Sequence
from itertools import repeat

import pytest

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_budgets import CALLS_PER_MINUTE
from slackbot.delivery.call_request import CallRequest, Priority
from slackbot.delivery.call_scheduler import CallScheduler
from slackbot.delivery.rate_memory import RateMemory
from slackbot.delivery.streaming_mode import BEST, EDITS, STREAMS, StreamingMode
from tests.delivery.scheduler_stage import CountingSlack, Stage, Talk


def test_the_memory_holds_budgets_and_lengths() -> None:
    """The next process knows how long replies take, and which calls were made."""
    scheduler = CallScheduler(EDITS)
    for length in (12.3456, 7.0):
        scheduler.demand.end(50.0, length)
    scheduler.demand.follow_ups = 1.23456
    scheduler.budgets.begin("chat.update", ChannelId("C1"), 60.0)
    memory = scheduler.memory(60.0, 1_000.0, final=True)
    assert memory.lengths == (12.35, 7.0)
    assert memory.follow_ups == 1.235
    assert len(memory.methods["chat.update"].leave) == 1
    assert len(scheduler.memory(60.0, 1_000.0, final=False).methods["chat.update"].leave) == 2
    restarted = CallScheduler(EDITS)
    restarted.recall(memory, 5.0, 1_055.0)
    assert restarted.demand.lengths == (12.35, 7.0)
    assert restarted.demand.follow_ups == 1.235
    assert restarted.memory(5.0, 1_055.0, final=True) == memory


def test_a_memory_without_follow_ups() -> None:
    """It is that of an earlier version: what is usual holds."""
    scheduler = CallScheduler(EDITS)
    scheduler.recall(RateMemory(), 5.0, 0.0)
    assert scheduler.demand.follow_ups == CallScheduler(EDITS).demand.follow_ups


def test_what_is_recalled_changes_the_plan() -> None:
    """Also where a plan was made for the same moment."""
    learned = CallScheduler(EDITS)
    for _ in range(10):
        learned.demand.end(45.0, 45.0)
    scheduler = CallScheduler(EDITS)
    reply = scheduler.begin_reply(0.0, EDITS, visible=True)
    scheduler.add(CallRequest(reply, "chat.update", ChannelId("C1"), Priority.INTERIM), 0.0)
    before = scheduler.wakes_at(0.0)
    scheduler.recall(learned.memory(45.0, 0.0, final=True), 0.0, 45.0)
    after = scheduler.wakes_at(0.0)
    assert before is not None
    assert after is not None
    assert after > before


@pytest.mark.parametrize("modes", [EDITS, STREAMS, BEST])
def test_a_clock_may_begin_anywhere(modes: Sequence[StreamingMode]) -> None:
    """Only the time between events counts: replies are shown alike whatever the clock says."""

    def shown(offset: float) -> list[list[float]]:
        talks = [
            Talk(offset + start, length, modes, channel)
            for start, length, channel in ((0.0, 20.0, "C1"), (3.0, 30.0, "C2"), (40.0, 9.0, "C1"))
        ]
        slack = CountingSlack(CALLS_PER_MINUTE)
        Stage(talks, slack, repeat((0.0625, 0.5)), CallScheduler(modes)).play()
        return [[at - offset for at in talk.shown_at] for talk in talks]

    for early, late in zip(shown(0.0), shown(4_096.0), strict=True):
        assert late == pytest.approx(early, abs=0.05)
