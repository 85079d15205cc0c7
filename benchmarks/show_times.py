"""When the calls of one answer show its words: the cheapest times under given prices of calls."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimeBins:
    """`count` bins of `seconds` each, from `start` on; later times are in bin `count`."""

    start: float
    seconds: float
    count: int

    def holding(self, times: Array) -> NDArray[np.int64]:
        bins = np.floor((times - self.start) / self.seconds + 1e-9).astype(np.int64)
        return np.minimum(bins, self.count)

    def starts(self, after: float, until: float) -> Array:
        first, last = self.holding(np.array([after, until]))
        return self.start + self.seconds * np.arange(first + 1, last + 1)


@dataclass(frozen=True, slots=True)
class Transport:
    """The budgets that the calls of an answer use.

    A call that shows the last words uses `last` or `further`, whichever is cheaper.
    """

    first: tuple[str, ...]
    further: str
    last: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The sum of the lags of an answer's words, and its calls by budget and bin."""

    lag: float
    calls: tuple[tuple[tuple[str, int], int], ...] = ()


class ShowTimes:
    """The times at which an answer may be shown: as a word becomes available, as a bin begins, and
    every `step` seconds while words are produced.

    An actual call is no better than one at the latest of these times before it, which shows the
    same words. So two calls may be a little less than `latency` apart here. The last of the times
    stands for any later one, when calls are free.
    """

    def __init__(self, words: Sequence[float], bins: TimeBins, latency: float, step: float) -> None:
        available = np.array(words) + latency / 2
        end = bins.start + bins.seconds * bins.count
        grid = np.arange(available[0], available[-1], step)
        times = np.unique(np.concatenate([available, grid, bins.starts(available[0], end), [end]]))
        shown = np.searchsorted(available, times, side="right")
        produced = np.concatenate([[0.0], np.cumsum(words)])[shown]
        self._latency = latency
        self._bins = np.append(bins.holding(times[:-1]), bins.count)
        self._is_whole = shown == len(words)
        self._lags_if_first: list[float] = (times * shown - produced).tolist()
        """By show time: the sum of the lags of all words that are available then."""
        self._times: list[float] = times.tolist()
        self._shown: list[int] = shown.tolist()
        self._produced: list[float] = produced.tolist()
        """By show time: the sum of the times at which the available words were produced."""

    def last_resort(self) -> Schedule:
        """Returns the schedule that shows everything when calls are free."""
        return Schedule(self._lags_if_first[-1])

    def cheapest(
        self, transport: Transport, prices: Mapping[str, Array], count: int
    ) -> list[tuple[float, Schedule]]:
        """Returns up to `count` schedules that begin in different bins, with the sum of their lag
        and the prices of their calls, the cheapest one first.

        `prices` are by budget and bin; a budget without prices is free.
        """

        def price(*names: str) -> Array:
            zero = np.zeros(len(self._times))
            return sum((prices[name][self._bins] for name in names if name in prices), zero)

        further, last = price(transport.further), price(transport.last)
        ends = self._is_whole & (last <= further)
        rest, following = self._cheapest_rest(np.where(ends, last, further).tolist())
        cost = np.array(self._lags_if_first) + price(*transport.first) + rest
        order = np.argsort(cost, kind="stable")
        _, best_in_bin = np.unique(self._bins[order], return_index=True)
        found = []
        for start in order[np.sort(best_in_bin)[:count]].tolist():
            calls = Counter((name, int(self._bins[start])) for name in transport.first)
            lag, here = self._lags_if_first[start], start
            while (there := following[here]) is not None:
                if self._shown[there] > self._shown[here]:  # a free call may show nothing new
                    lag += self._lag_between(here, there)
                    name = transport.last if ends[there] else transport.further
                    calls[name, int(self._bins[there])] += 1
                here = there
            found.append((float(cost[start]), Schedule(lag, tuple(calls.items()))))
        return found

    def _lag_between(self, here: int, there: int) -> float:
        words = self._shown[there] - self._shown[here]
        return self._times[there] * words - (self._produced[there] - self._produced[here])

    def _cheapest_rest(self, prices: Sequence[float]) -> tuple[list[float], list[int | None]]:
        """Returns, by show time, the least lag and prices of all that follows, and the next time.

        What it costs to go on at a given time is linear in the number of words shown before. So the
        lower envelope of these lines holds the best time to go on at (the convex hull trick).
        Backwards through the times, lines join at its right end, and the best one moves there.
        """
        times, shown, end = self._times, self._shown, len(self._times) - 1
        rest = [0.0] * len(times)
        following: list[int | None] = [None] * len(times)
        costs = [lag + price for lag, price in zip(self._lags_if_first, prices, strict=True)]
        envelope: deque[int] = deque()
        joining = end
        for here in range(end - 1, -1, -1):
            ready = times[here] + self._latency
            while joining > here and (joining == end or times[joining + 1] > ready):
                costs[joining] += rest[joining]
                while len(envelope) > 1 and (
                    (costs[joining] - costs[envelope[-1]])
                    * (times[envelope[-1]] - times[envelope[-2]])
                    >= (costs[envelope[-1]] - costs[envelope[-2]])
                    * (times[joining] - times[envelope[-1]])
                ):
                    envelope.pop()
                envelope.append(joining)
                joining -= 1
            words = shown[here]
            if words == shown[end]:
                continue
            while len(envelope) > 1 and (
                costs[envelope[1]] - costs[envelope[0]]
                <= (times[envelope[1]] - times[envelope[0]]) * words
            ):
                envelope.popleft()
            there = following[here] = envelope[0]
            rest[here] = costs[there] - times[there] * words + self._produced[here]
        return rest, following
