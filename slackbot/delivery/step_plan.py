"""Spreads what a rate budget will have evenly over the replies that are being written.

A reader sees a reply change in steps, and equal steps lag least. So all replies that grow by the
same method get steps of the same length: their time of writing, over the calls that are left for
it. Pure. Times are in seconds.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, inf
from typing import NamedTuple

PLAN_SECONDS = 60.0
"""How far ahead a plan looks."""

PRECISION_SECONDS = 2.0
"""Of the times at which calls return."""

SHARE_HALVINGS = 7
"""The share of the expected replies is known to within one per cent."""


@dataclass(frozen=True, slots=True)
class ExpectedReplies:
    """The replies that have no message yet: as many as there usually are at once, or will be.

    `remaining` is the expected time of writing of all replies that have begun, the shortest first;
    `waiting` of them have no message yet, and take `usual_seconds`.
    """

    at_once: float
    remaining: Sequence[float]
    waiting: int = 0
    usual_seconds: float = 0.0

    def seconds(self, horizon: float) -> float:
        """Returns for how long they will be written until the horizon, all together."""
        seconds = self.waiting * min(self.usual_seconds, horizon)
        until = horizon
        for written, ended in enumerate(reversed(self.remaining)):
            if written >= self.at_once:
                return seconds
            if ended < until:
                seconds += (self.at_once - written) * (until - ended)
                until = ended
        if len(self.remaining) < self.at_once:
            seconds += (self.at_once - len(self.remaining)) * until
        return seconds


class StepPlan:
    """The plan for the replies that grow by one method."""

    def __init__(
        self,
        *,
        calls: float,
        returns: Iterable[float],
        remaining: Iterable[float],
        waited: float,
        expected: ExpectedReplies,
    ) -> None:
        """`calls` are those that may be made now, endings aside, and `returns` says in how many
        seconds each earlier call may be made again. `remaining` is for each reply the expected time
        of writing, and `waited` the time since their last changes, all together.
        """
        self._deadlines = _deadlines(calls, returns, sorted(remaining), waited, expected)

    def step(self, share: float, joining: float = 0.0) -> float:
        """Returns the seconds between two changes of a reply; `inf` if no call is left.

        The calls that are free until one returns must last until then. `share` is the part of the
        expected replies that grow by this method; `joining` is the time of one more reply.
        """
        return max(each.step(share, joining) for each in self._deadlines)


class Deadline(NamedTuple):
    """So many changes must last for the seconds until a call returns, and the seconds of writing
    until then.
    """

    seconds: float
    changes: float
    writing: float
    expected: float

    def step(self, share: float, joining: float) -> float:
        if self.changes <= 0:
            return inf
        return (self.writing + share * self.expected + min(joining, self.seconds)) / self.changes


def _deadlines(
    calls: float,
    returns: Iterable[float],
    remaining: Sequence[float],
    waited: float,
    expected: ExpectedReplies,
) -> Sequence[Deadline]:
    """The first return in each short while counts: those right after it change little."""
    sums = [0.0, *accumulate(remaining)]
    deadlines: list[Deadline] = []
    passed = -inf
    within = [each for each in returns if each < PLAN_SECONDS]
    for returned, seconds in enumerate((*within, PLAN_SECONDS)):
        if seconds < PLAN_SECONDS and seconds < passed + PRECISION_SECONDS:
            continue
        passed = seconds
        shorter = bisect_right(remaining, seconds)
        writing = waited + sums[shorter] + (len(remaining) - shorter) * seconds
        # An ending is a change without one of these calls; the other replies are between two then.
        changes = calls + returned + shorter + (len(remaining) - shorter) / 2
        deadlines.append(Deadline(seconds, changes, writing, expected.seconds(seconds)))
    return deadlines


def balanced_share(plan: StepPlan, other: StepPlan, joining: float = 0.0) -> float:
    """Returns the part of the expected replies that is best written by the first plan's method: all
    replies get steps of the same length, as far as that is possible. `joining` is the time of one
    more reply of the first plan.
    """
    least, most = 0.0, 1.0
    for _ in range(SHARE_HALVINGS):
        share = (least + most) / 2
        if plan.step(share, joining) < other.step(1 - share):
            least = share
        else:
            most = share
    return (least + most) / 2


def equal_parts(seconds: float, step: float) -> float:
    """Returns the step that divides the time into equal parts, and is not longer."""
    return step if step in (0.0, inf) else seconds / ceil(seconds / step)
