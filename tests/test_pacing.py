"""The pacer on a virtual clock: ten minutes of streaming in milliseconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from slackbot.pacing import Budget, Claim, Method, Pacer, Priority


def test_budget_allows_its_limit_in_any_window() -> None:
    """Fifty calls pass at once, the next one when the first of them is a window old."""
    budget = Budget(50, 60.0)
    for second in range(50):
        assert budget.opens_at(float(second)) == second
        budget.spend(float(second))
    assert budget.opens_at(50.0) == 60.0


def test_budget_keeps_room() -> None:
    """Room that is to be kept is not given away, and more than there is never comes free."""
    budget = Budget(5, 60.0)
    budget.spend(0.0)
    budget.spend(1.0)
    assert budget.opens_at(2.0, keep=2) == 2.0
    assert budget.opens_at(2.0, keep=3) == 60.0
    assert budget.opens_at(2.0, keep=5) == inf


def test_refusal_closes_the_method() -> None:
    """After a 429 nothing goes out until Retry-After has passed, and less than before."""
    budget = Budget(50, 60.0)
    budget.refuse(10.0, retry_after=7.0)
    assert budget.opens_at(12.0) == 17.0
    assert budget.allowance == 40.0


def test_one_lesson_from_calls_that_were_under_way_together() -> None:
    """Several 429s of one closed window lower the rate once."""
    budget = Budget(50, 60.0)
    budget.refuse(10.0, retry_after=7.0)
    budget.refuse(10.1, retry_after=7.0)
    assert budget.allowance == 40.0


def claim(
    priority: Priority, since: float, method: Method = "chat.update", channel: str = "C1"
) -> Claim:
    return Claim(method, channel, priority, since)


def test_order_of_claims() -> None:
    """Endings go first, then first texts, then the interim edit of the stalest reply."""
    pacer = Pacer()
    fresh, stale = claim(Priority.INTERIM, 5.0), claim(Priority.INTERIM, 1.0)
    first = claim(Priority.FIRST, 6.0, "chat.postMessage")
    ending = claim(Priority.ENDING, 7.0)
    for each in (fresh, stale, first, ending):
        pacer.ask(each)
    granted = []
    now = 8.0
    while (wakes_at := pacer.wakes_at(now)) is not None:
        now = wakes_at
        if (admitted := pacer.grant(now)) is not None:
            granted.append(admitted)
    assert granted == [ending, first, stale, fresh]


def test_posts_of_one_channel_hold_up_no_other() -> None:
    """A channel whose posts have to wait does not delay another channel's."""
    pacer = Pacer()
    claims = [claim(Priority.FIRST, 0.0, "chat.postMessage", "C1") for _ in range(9)]
    other = claim(Priority.FIRST, 1.0, "chat.postMessage", "C2")
    for each in (*claims, other):
        pacer.ask(each)
    granted = set()
    while (admitted := pacer.grant(2.0)) is not None:
        granted.add(admitted)
    assert other in granted
    assert len(granted) < 10


@dataclass
class Simulation:
    """Replies that want an edit all the time, and a Slack that counts."""

    pacer: Pacer = field(default_factory=Pacer)
    now: float = 0.0
    calls: list[tuple[float, Claim]] = field(default_factory=list)

    def run(self, until: float) -> Iterator[Claim]:
        while (wakes_at := self.pacer.wakes_at(self.now)) is not None and wakes_at <= until:
            self.now = max(wakes_at, self.now)
            granted = self.pacer.grant(self.now)
            if granted is not None:
                self.calls.append((self.now, granted))
                yield granted
        self.now = until


def test_one_long_reply_is_lively_then_steady() -> None:
    """A lone reply's edits are 0.3 s apart at first, then slower, and never stop for long."""
    simulation = Simulation()
    simulation.pacer.enter(0.0)
    simulation.pacer.ask(claim(Priority.INTERIM, 0.0))
    for _ in simulation.run(600.0):
        simulation.pacer.ask(claim(Priority.INTERIM, simulation.now))
    times = [at for at, _ in simulation.calls]
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps[:8]) < 0.4
    assert max(gaps) < 15.0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.0, 60.0), st.floats(0.5, 90.0)), min_size=1, max_size=60),
    st.lists(st.tuples(st.floats(0.0, 120.0), st.floats(1.0, 30.0)), max_size=4),
)
def test_never_over_the_limit_and_every_ending_written(
    replies: list[tuple[float, float]], refusals: list[tuple[float, float]]
) -> None:
    """For any load and any 429s: no window holds more than 50 edits, none goes out while the
    method is closed, and every reply's ending is granted.
    """
    simulation = Simulation()
    pacer = simulation.pacer
    events = sorted(
        [(start, 0, number) for number, (start, _) in enumerate(replies)]
        + [(start + length, 1, number) for number, (start, length) in enumerate(replies)]
        + [(at, 2, number) for number, (at, _) in enumerate(refusals)]
    )
    waiting: dict[int, Claim] = {}
    closed: list[tuple[float, float]] = []
    ended: set[int] = set()

    def step(until: float) -> None:
        for granted in simulation.run(until):
            number = next(n for n, each in waiting.items() if each is granted)
            if granted.priority is Priority.ENDING:
                ended.add(number)
                del waiting[number]
                pacer.leave(replies[number][0])
            else:
                waiting[number] = claim(Priority.INTERIM, simulation.now)
                pacer.ask(waiting[number])

    for at, kind, number in events:
        step(at)
        if kind == 0:
            pacer.enter(replies[number][0])
            waiting[number] = claim(Priority.INTERIM, at)
            pacer.ask(waiting[number])
        elif kind == 1:
            waiting[number].priority = Priority.ENDING
        else:
            pacer.update.refuse(at, refusals[number][1])
            closed.append((at, at + refusals[number][1]))
    step(10_000.0)
    assert ended == set(range(len(replies)))
    times = [at for at, _ in simulation.calls]
    assert all(sum(start <= other < start + 60.0 for other in times) <= 50 for start in times)
    assert not any(start < at < end for at in times for start, end in closed)
