"""The scheduler on a virtual clock: ten minutes of streaming in milliseconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import cycle, pairwise, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.conversation.ids import ChannelId
from slackbot.delivery.call_scheduler import (
    INTERIM_CALLS,
    ActiveReply,
    CallRequest,
    CallScheduler,
    Method,
    Priority,
    StreamingMode,
)
from slackbot.delivery.rate_budget import RateBudget

MINUTE = 60.0

LIMITS: dict[Method, int] = {
    "chat.postMessage": 200,
    "chat.update": 50,
    "chat.startStream": 20,
    "chat.appendStream": 100,
    "chat.stopStream": 20,
    "chat.delete": 50,
}


def call_request(
    active_reply: ActiveReply,
    priority: Priority,
    since: float,
    method: Method = "chat.update",
    channel: str = "C1",
) -> CallRequest:
    return CallRequest(active_reply, method, ChannelId(channel), priority, since)


def test_order_of_requests() -> None:
    """Endings go first, then first texts, then the interim edit of the stalest reply."""
    scheduler = CallScheduler()
    replies_begun = [scheduler.begin_reply(0.0, "edit") for _ in range(4)]
    fresh = call_request(replies_begun[0], Priority.INTERIM, 5.0)
    stale = call_request(replies_begun[1], Priority.INTERIM, 1.0)
    first = call_request(replies_begun[2], Priority.FIRST, 6.0, "chat.postMessage")
    ending = call_request(replies_begun[3], Priority.ENDING, 7.0)
    for each in (fresh, stale, first, ending):
        scheduler.add(each)
    granted = []
    now = 8.0
    while (wakes_at := scheduler.wakes_at(now)) is not None:
        now = wakes_at
        if (admitted := scheduler.grant(now)) is not None:
            granted.append(admitted)
    assert granted == [ending, first, stale, fresh]


def test_posts_of_one_channel_delay_no_other() -> None:
    """A channel whose posts must wait does not delay another channel's."""
    scheduler = CallScheduler()
    replies_begun = [scheduler.begin_reply(0.0, "edit") for _ in range(10)]
    requests = [
        call_request(each, Priority.FIRST, 0.0, "chat.postMessage", "C1")
        for each in replies_begun[1:]
    ]
    other = call_request(replies_begun[0], Priority.FIRST, 1.0, "chat.postMessage", "C2")
    for each in (*requests, other):
        scheduler.add(each)
    granted = set()
    while (admitted := scheduler.grant(2.0)) is not None:
        granted.add(admitted)
    assert other in granted
    assert len(granted) < 10


def test_under_pressure_a_reply_appears_when_it_is_whole() -> None:
    """A first text is shown only while its ending can be afforded; a whole answer is posted."""
    scheduler = CallScheduler()
    for number in range(60):
        active_reply = scheduler.begin_reply(0.0, "edit")
        scheduler.add(
            call_request(active_reply, Priority.FIRST, 0.0, "chat.postMessage", f"C{number}")
        )
    posted = 0
    while scheduler.grant(0.0) is not None:
        posted += 1
    assert posted == 50
    late = call_request(
        scheduler.begin_reply(0.0, "edit"), Priority.ENDING, 0.0, "chat.postMessage", "C99"
    )
    scheduler.add(late)
    assert scheduler.grant(0.0) is late


def test_a_stale_reply_is_updated_among_many() -> None:
    """With more replies than the budget has calls, a visible reply is still updated."""
    scheduler = CallScheduler()
    waiting = [scheduler.begin_reply(0.0, "edit") for _ in range(80)]
    assert len(waiting) == 80
    posted = call_request(
        scheduler.begin_reply(0.0, "edit"), Priority.FIRST, 0.0, "chat.postMessage"
    )
    scheduler.add(posted)
    assert scheduler.grant(0.0) is posted
    interim = call_request(posted.active_reply, Priority.INTERIM, 0.0)
    scheduler.add(interim)
    assert scheduler.wakes_at(1.0) == 10.0
    assert scheduler.grant(10.0) is interim


def test_a_refusal_of_posts_closes_all_channels() -> None:
    """A 429 pauses the method for the whole workspace, and no other method."""
    scheduler = CallScheduler()
    active_reply = scheduler.begin_reply(0.0, "edit")
    refused = call_request(active_reply, Priority.FIRST, 0.0, "chat.postMessage", "C1")
    scheduler.add(refused)
    assert scheduler.grant(0.0) is refused
    scheduler.refuse("chat.postMessage", ChannelId("C1"), 0.1, retry_after=9.0)
    scheduler.add(
        call_request(
            scheduler.begin_reply(0.2, "edit"), Priority.FIRST, 0.2, "chat.postMessage", "C2"
        )
    )
    assert scheduler.wakes_at(0.2) == 9.1
    ending = call_request(active_reply, Priority.ENDING, 0.2)
    scheduler.add(ending)
    assert scheduler.grant(0.2) is ending


def test_better_transport() -> None:
    """Replies are spread over both modes, until no more streams may start."""
    scheduler = CallScheduler()
    taken: list[StreamingMode] = []
    for _ in range(40):
        mode = scheduler.better_mode(0.0)
        taken.append(mode)
        active_reply = scheduler.begin_reply(0.0, mode)
        if mode == "native":
            scheduler.add(call_request(active_reply, Priority.FIRST, 0.0, "chat.startStream"))
            assert scheduler.grant(0.0) is not None
    assert taken[:3].count("native") == 2
    assert taken.count("native") == 20


@dataclass
class Simulation:
    """Replies that have news all the time, and a Slack that counts."""

    scheduler: CallScheduler = field(default_factory=CallScheduler)
    now: float = 0.0
    calls: list[tuple[float, CallRequest]] = field(default_factory=list)

    def run(self, until: float) -> Iterator[CallRequest]:
        while (wakes_at := self.scheduler.wakes_at(self.now)) is not None and wakes_at <= until:
            self.now = max(wakes_at, self.now)
            granted = self.scheduler.grant(self.now)
            if granted is not None:
                self.calls.append((self.now, granted))
                yield granted
        self.now = until

    def times(self, method: Method) -> list[float]:
        return [at for at, each in self.calls if each.method == method]


@pytest.mark.parametrize("mode", ["edit", "native"])
def test_one_long_reply_is_lively_then_steady(mode: StreamingMode) -> None:
    """A lone reply's texts are 0.3 s apart at first, then slower, and never stop for long."""
    simulation = Simulation()
    active_reply = simulation.scheduler.begin_reply(0.0, mode)
    method = INTERIM_CALLS[mode]
    simulation.scheduler.add(call_request(active_reply, Priority.INTERIM, 0.0, method))
    for _ in simulation.run(600.0):
        simulation.scheduler.add(
            call_request(active_reply, Priority.INTERIM, simulation.now, method)
        )
    gaps = [after - before for before, after in pairwise(simulation.times(method))]
    assert max(gaps[:8]) < 0.5
    assert max(gaps) < 5.0


def test_learns_how_long_replies_take() -> None:
    """Where replies take long, their texts are spread over that time."""

    def shown_early(scheduler: CallScheduler) -> int:
        active_reply = scheduler.begin_reply(1_000.0, "edit")
        simulation = Simulation(scheduler, now=1_000.0)
        scheduler.add(call_request(active_reply, Priority.INTERIM, 1_000.0))
        for _ in simulation.run(1_010.0):
            scheduler.add(call_request(active_reply, Priority.INTERIM, simulation.now))
        return len(simulation.calls)

    learned = CallScheduler()
    for _ in range(10):
        active_reply = learned.begin_reply(0.0, "edit")
        learned.finish_model(active_reply, 45.0)
        learned.end_reply(active_reply)
    assert shown_early(learned) < shown_early(CallScheduler())


@given(st.integers(2, 12))
def test_fair_between_replies(count: int) -> None:
    """Replies that are written at the same time are shown equally often."""
    simulation = Simulation()
    shown = dict.fromkeys((simulation.scheduler.begin_reply(0.0, "edit") for _ in range(count)), 0)
    for active_reply in shown:
        simulation.scheduler.add(call_request(active_reply, Priority.INTERIM, 0.0))
    for granted in simulation.run(60.0):
        shown[granted.active_reply] += 1
        simulation.scheduler.add(
            call_request(granted.active_reply, Priority.INTERIM, simulation.now)
        )
    assert max(shown.values()) - min(shown.values()) <= 1


@dataclass(eq=False)
class Talk:
    """One simulated reply: it wants to begin, to show news, and to end."""

    start: float
    length: float
    mode: StreamingMode
    active_reply: ActiveReply | None = None
    call_request: CallRequest | None = None
    appeared: bool = False
    ended: bool = False
    shown_at: list[float] = field(default_factory=list)

    def ask(self, scheduler: CallScheduler, now: float) -> None:
        assert self.active_reply is not None
        over = now >= self.start + self.length
        native = self.mode == "native"
        method: Method = "chat.update"
        if not self.appeared:
            method = "chat.startStream" if native and not over else "chat.postMessage"
        elif native:
            method = "chat.stopStream" if over else "chat.appendStream"
        priority = Priority.INTERIM if self.appeared else Priority.FIRST
        self.call_request = call_request(
            self.active_reply, Priority.ENDING if over else priority, now, method
        )
        scheduler.add(self.call_request)


talks = st.builds(
    Talk, st.floats(0.0, 60.0), st.floats(0.5, 90.0), st.sampled_from(("edit", "native"))
)
refusals = st.tuples(st.sampled_from(sorted(LIMITS)), st.floats(0.0, 120.0), st.floats(1.0, 30.0))


@settings(max_examples=60, deadline=None)
@given(st.lists(talks, min_size=1, max_size=80), st.lists(refusals, max_size=5))
def test_within_every_budget_and_every_ending_written(
    replies: Sequence[Talk], refused: Sequence[tuple[Method, float, float]]
) -> None:
    """For any load and any 429s: no minute holds more calls of a method than its limit, none goes
    out while the method is closed, and every reply's ending is granted.
    """
    simulation = Simulation()
    scheduler = simulation.scheduler
    replies = [Talk(each.start, each.length, each.mode) for each in replies]
    events = sorted(
        [(each.start, 0, number) for number, each in enumerate(replies)]
        + [(each.start + each.length, 1, number) for number, each in enumerate(replies)]
        + [(at, 2, number) for number, (_, at, _) in enumerate(refused)]
    )

    def step(until: float) -> None:
        for granted in simulation.run(until):
            talk = next(each for each in replies if each.call_request is granted)
            talk.appeared = True
            talk.ended = granted.priority is Priority.ENDING
            if talk.ended:
                scheduler.end_reply(granted.active_reply)
            else:
                talk.ask(scheduler, simulation.now)

    for at, kind, number in events:
        step(at)
        if kind == 0:
            replies[number].active_reply = scheduler.begin_reply(at, replies[number].mode)
            replies[number].ask(scheduler, at)
        elif kind == 1 and not replies[number].ended:
            ending = replies[number].call_request
            assert ending is not None
            scheduler.withdraw(ending)
            replies[number].ask(scheduler, at)
        elif kind == 2:
            method, _, retry_after = refused[number]
            scheduler.budgets[method].refuse(at, retry_after)
    step(10_000.0)
    assert all(each.ended for each in replies)
    for method, limit in LIMITS.items():
        times = simulation.times(method)
        assert all(sum(at <= each < at + MINUTE for each in times) <= limit for at in times)
    for method, start, retry_after in refused:
        assert not any(start < at < start + retry_after for at in simulation.times(method))


@dataclass
class Slack:
    """Takes `limit` calls of a method a minute, each after a while on the way."""

    limit: int
    passed: dict[Method, list[float]] = field(default_factory=dict)
    refused: int = 0

    def retry_after(self, method: Method, at: float) -> float:
        """0 for a call that passes."""
        calls = self.passed.setdefault(method, [])
        recent = [each for each in calls if each > at - MINUTE]
        if len(recent) < self.limit:
            calls.append(at)
            return 0.0
        self.refused += 1
        return recent[-self.limit] + MINUTE - at


def play(talks: Sequence[Talk], slack: Slack, latencies: Iterator[float]) -> CallScheduler:
    """Plays talks to their end against a Slack that says no, on a clock that jumps."""
    scheduler, now, calling = CallScheduler(), 0.0, set[int]()
    events = [(talk.start, 0, number) for number, talk in enumerate(talks)]
    events += [(talk.start + talk.length, 1, number) for number, talk in enumerate(talks)]
    answers: dict[int, tuple[CallRequest, float]] = {}
    heapify(events)
    while (wakes_at := scheduler.wakes_at(now)) is not None or events:
        if wakes_at is not None and (not events or wakes_at < events[0][0]):
            now = max(now, wakes_at)
            while (granted := scheduler.grant(now)) is not None:
                number = next(n for n, talk in enumerate(talks) if talk.call_request is granted)
                latency = next(latencies)
                answers[number] = granted, slack.retry_after(granted.method, now + latency / 2)
                calling.add(number)
                heappush(events, (now + latency, 2, number))
            continue
        now, kind, number = heappop(events)
        talk = talks[number]
        if kind == 0:
            talk.active_reply = scheduler.begin_reply(now, talk.mode)
        elif (
            kind == 1 and number not in calling and talk.call_request is not None and not talk.ended
        ):
            scheduler.withdraw(talk.call_request)
        elif kind == 2:
            calling.remove(number)
            granted, retry_after = answers[number]
            if retry_after:
                scheduler.refuse(granted.method, granted.channel, now, retry_after)
            else:
                talk.shown_at.append(now)
                talk.appeared = True
                talk.ended = granted.priority is Priority.ENDING
                if talk.ended:
                    scheduler.end_reply(granted.active_reply)
        if number not in calling and not talk.ended:
            talk.ask(scheduler, now)
    return scheduler


@settings(max_examples=40, deadline=None)
@given(
    st.lists(talks, min_size=1, max_size=40),
    st.integers(5, 60),
    st.lists(st.floats(0.01, 3.0), min_size=1, max_size=20),
)
def test_every_ending_is_written_whatever_slack_does(
    drawn: Sequence[Talk], limit: int, latencies: Sequence[float]
) -> None:
    """For any load, any latencies and any true limit, every reply comes to its end."""
    replies = [Talk(each.start, each.length, each.mode) for each in drawn]
    play(replies, Slack(limit), cycle(latencies))
    assert all(each.ended for each in replies)


def test_a_long_reply_among_many_short_ones() -> None:
    """A long reply keeps growing while short ones come and go."""
    long = Talk(0.0, 120.0, "edit")
    short = [Talk(float(second), 2.0, "edit") for second in range(1, 120)]
    play([long, *short], Slack(50), repeat(0.08))
    assert max(after - before for before, after in pairwise(long.shown_at)) < 25.0
    assert all(each.ended for each in short)


@pytest.mark.parametrize("limit", [20, 35, 45])
def test_finds_the_true_limit(limit: int) -> None:
    """Where the limit is lower than documented, one call in a hundred is refused at the most,
    once that is learned; and most of the true limit is used.
    """
    budget, calls, refused_at, now = RateBudget(50), list[float](), list[float](), 0.0
    while now < 60 * MINUTE:
        now = max(budget.opens_at(now), now + 0.1)
        budget.spend(now)
        recent = [at for at in calls if at > now - MINUTE]
        if len(recent) >= limit:
            refused_at.append(now)
            budget.refuse(now, recent[-limit] + MINUTE - now)
        else:
            calls.append(now)
    late = [at for at in calls if at > 10 * MINUTE]
    assert sum(at > 10 * MINUTE for at in refused_at) <= len(late) / 100
    assert len(late) / 50 >= 0.7 * limit
