"""What people who wait are told, within the calls that Slack takes."""

import heapq
from collections import deque
from functools import partial
from itertools import count
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackbot.delivery.queue_position import (
    CALLS_FOR_EXACT_POSITIONS,
    CALLS_FOR_THE_FRONT,
    CALLS_PER_MINUTE,
    EXACT_POSITIONS,
    FRONT_POSITIONS,
    POLL_SECONDS,
    STATUS_REFRESH_SECONDS,
    QueuePosition,
    StatusAllowance,
    status_line,
)
from slackbot.delivery.texts import FAR_STATUS, NEXT_STATUS, QUEUED_STATUS


@pytest.mark.parametrize(
    ("ahead", "line"),
    [
        (0, NEXT_STATUS),
        (1, QUEUED_STATUS.format(ahead=1)),
        (10, QUEUED_STATUS.format(ahead=10)),
        (11, FAR_STATUS.format(ahead=10)),
        (20, FAR_STATUS.format(ahead=10)),
        (21, FAR_STATUS.format(ahead=20)),
        (100, FAR_STATUS.format(ahead=50)),
        (101, FAR_STATUS.format(ahead=100)),
        (4_999, FAR_STATUS.format(ahead=2_000)),
        (5_001, "is busy: more than 5,000 before you…"),
    ],
)
def test_what_people_read(ahead: int, line: str) -> None:
    """The first ten are counted; the others are told a round number that is true."""
    assert status_line(ahead) == line


def test_a_line_is_set_when_it_changes_or_fades() -> None:
    """The same line is set again only before Slack removes it, or if it could not be shown."""
    ahead = 3
    position = QueuePosition(lambda: ahead, StatusAllowance())
    assert position.line(0.0) == status_line(3)
    assert position.line(STATUS_REFRESH_SECONDS - 1) == ""
    assert position.line(STATUS_REFRESH_SECONDS) == status_line(3)
    position.miss()
    assert position.line(STATUS_REFRESH_SECONDS + 1) == status_line(3)
    ahead = 2
    assert position.line(STATUS_REFRESH_SECONDS + 2) == status_line(2)


def test_rough_lines_change_when_they_are_set_again() -> None:
    """Far behind, another number alone costs no call; among the next ten it is told at once."""
    ahead = 60
    position = QueuePosition(lambda: ahead, StatusAllowance())
    assert position.line(0.0) == status_line(60)
    ahead = 30
    assert position.line(1.0) == ""
    assert position.line(STATUS_REFRESH_SECONDS) == status_line(30)
    position.miss()
    assert position.line(STATUS_REFRESH_SECONDS + 1) == status_line(30)
    ahead = 10
    assert position.line(STATUS_REFRESH_SECONDS + 2) == status_line(10)


def test_calls_are_kept_for_the_front() -> None:
    """Each gets what those before them never need; a minute later all is there again."""
    allowance = StatusAllowance()
    taken = [
        [allowance.take(ahead, 0.0) for _ in range(CALLS_PER_MINUTE)].count(True)
        for ahead in (FRONT_POSITIONS, EXACT_POSITIONS + 1, EXACT_POSITIONS)
    ]
    assert taken == [
        CALLS_PER_MINUTE - CALLS_FOR_THE_FRONT,
        CALLS_FOR_THE_FRONT - CALLS_FOR_EXACT_POSITIONS,
        CALLS_FOR_EXACT_POSITIONS,
    ]
    assert not allowance.take(0, 59.9)
    assert allowance.take(0, 60.0)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_looks_are_spread(ahead: int, drawn: float) -> None:
    """Those far behind look more rarely, and not all at once."""
    seconds = QueuePosition(lambda: ahead, StatusAllowance()).next_look(lambda: drawn)
    assert 0.75 * POLL_SECONDS <= seconds <= 1.25 * 20 * POLL_SECONDS
    if ahead < FRONT_POSITIONS:
        assert seconds <= 1.25 * POLL_SECONDS


def test_how_far_looks_are_spread() -> None:
    """By a quarter of the time to either side."""
    position = QueuePosition(lambda: 0, StatusAllowance())
    assert position.next_look(lambda: 0.0) == 0.75 * POLL_SECONDS
    assert position.next_look(lambda: 1.0) == 1.25 * POLL_SECONDS


class Crowd:
    """A line that 5,000 people join at once; `answers_per_second` of them leave it."""

    def __init__(self, answers_per_second: float) -> None:
        self.now = 0.0
        self._answers_per_second = answers_per_second
        allowance = StatusAllowance()
        self.positions = [
            QueuePosition(partial(self.ahead, number), allowance) for number in range(5_000)
        ]

    def ahead(self, number: int) -> int:
        return number - int(self.now * self._answers_per_second)


@pytest.mark.parametrize("answers_per_second", [0.05, 0.5, 1.0, 5.0])
def test_five_thousand_wait(answers_per_second: float) -> None:
    """No minute has more calls than planned. The next ten always have a line that was true at
    their last look; those who are in front for a minute have one, if one a second is answered.
    """
    crowd, random, order = Crowd(answers_per_second), Random(1), count()  # noqa: S311 - no secret
    told: dict[int, tuple[str, float]] = {}
    calls: deque[float] = deque()
    looks = [(random.random(), next(order), number) for number in range(5_000)]
    heapq.heapify(looks)
    while looks[0][0] < 400.0:
        crowd.now, _, number = heapq.heappop(looks)
        if (ahead := crowd.ahead(number)) < 0:
            continue
        if line := crowd.positions[number].line(crowd.now):
            told[number] = line, crowd.now
            calls.append(crowd.now)
            while calls[0] <= crowd.now - 60.0:
                calls.popleft()
            assert len(calls) <= CALLS_PER_MINUTE
        if crowd.now > 120.0 and ahead <= EXACT_POSITIONS:
            assert told[number][0] == status_line(ahead)
        elif crowd.now > 120.0 and ahead < FRONT_POSITIONS - 60 and answers_per_second <= 1:
            assert told[number][1] > crowd.now - STATUS_REFRESH_SECONDS
        again = crowd.now + crowd.positions[number].next_look(random.random)
        heapq.heappush(looks, (again, next(order), number))
