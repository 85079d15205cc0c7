"""What a load came to, as people saw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean, median, quantiles
from typing import NamedTuple

LIVELY_SECONDS = 5.0
"""An answer may change more often at its beginning; how regular its steps are counts after that."""

MIN_STEPS = 5
"""How regular fewer steps are says nothing."""


@dataclass(frozen=True, slots=True)
class MeasuredAnswer:
    """Times on one clock, in seconds."""

    produced: Sequence[float]
    """When the model produced each word."""
    shown: Sequence[float]
    """When each word was visible; empty if the answer is not whole."""
    changed: Sequence[float]
    """When the answer changed visibly."""

    @property
    def lags(self) -> Sequence[float]:
        return [shown - made for made, shown in zip(self.produced, self.shown, strict=True)]

    @property
    def steps(self) -> Sequence[float]:
        return [after - before for before, after in pairwise(self.changed)]

    @property
    def irregularity(self) -> float | None:
        """The 95th percentile of the steps over their median; None for too few steps."""
        begin = self.changed[0] + LIVELY_SECONDS
        steps = [after - before for before, after in pairwise(self.changed) if before >= begin]
        if len(steps) < MIN_STEPS:
            return None
        return quantiles(steps, n=20, method="inclusive")[-1] / median(steps)


class MeasuredCall(NamedTuple):
    at: float
    method: str
    refused: bool
    """With 429."""


@dataclass(frozen=True, slots=True)
class Outcome:
    answers: Sequence[MeasuredAnswer]
    calls: Sequence[MeasuredCall]

    def latest(self, count: int) -> "Outcome":
        """The outcome of the last questions alone."""
        answers = self.answers[-count:]
        begun = min(answer.produced[0] for answer in answers)
        return Outcome(answers, [call for call in self.calls if call.at >= begun])

    @property
    def whole(self) -> Sequence[MeasuredAnswer]:
        return [answer for answer in self.answers if answer.shown]

    @property
    def first_text(self) -> float:
        return mean(answer.lags[0] for answer in self.whole)

    @property
    def mean_lag(self) -> float:
        return mean(lag for answer in self.whole for lag in answer.lags)

    @property
    def median_step(self) -> float:
        return median(step for answer in self.whole for step in answer.steps)

    @property
    def irregularity(self) -> float | None:
        """The median of the answers' ones; None if all are short."""
        measured = [
            irregularity
            for answer in self.whole
            if (irregularity := answer.irregularity) is not None
        ]
        return median(measured) if measured else None

    @property
    def latest_end(self) -> float:
        return max(answer.lags[-1] for answer in self.whole)


def shown_times(versions: Sequence[tuple[float, int]], words: int) -> Sequence[float]:
    """When each word was visible, by when how many words were; empty if not all ever were."""
    shown: list[float] = []
    for at, count in versions:
        shown += [at] * (min(count, words) - len(shown))
    return shown if len(shown) == words else []


def total_versions(messages: Sequence[Sequence[tuple[float, int]]]) -> list[tuple[float, int]]:
    """When how many words were visible in all messages of an answer together."""
    changes = sorted(
        (at, number, count) for number, each in enumerate(messages) for at, count in each
    )
    latest, versions = dict.fromkeys(range(len(messages)), 0), list[tuple[float, int]]()
    for at, number, count in changes:
        latest[number] = count
        versions.append((at, sum(latest.values())))
    return versions
