"""The lowest mean lag that any scheduler could reach that knows all words in advance.

Slack's limits couple the answers. The bound replaces the limits by prices: each window of a limit
charges the calls within it, and each answer takes the schedule that is cheapest for it alone. What
all answers cost, less what full windows would charge, is a lower bound at any prices (Lagrangian
relaxation). A linear program over the schedules found so far proposes the next prices (column
generation); its value is never below the bound, so the search ends when the two nearly meet.

Time is cut into bins, for the limits alone: a window holds the bins that fit into it as a whole.
Calls are made at exact times, so wide bins make the bound lower and never higher.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_array, block_diag, coo_array, eye_array

from benchmarks.show_times import Array, Schedule, ShowTimes, TimeBins, Transport
from slackbot.playground.fake_slack.rate_limits import RateLimits

WINDOW_SECONDS = 60.0

BINS_PER_BURST = 20
"""Bins in the seconds in which a channel takes one burst of posts; fewer in a long load."""

MAX_BINS = 1500
SHOW_TIMES_PER_CALL = 16
"""Show times in the seconds that a call takes; fewer in a long load."""

MAX_EXTRA_SHOW_TIMES = 50_000
RELATIVE_GAP = 0.01
"""How far below its highest value the bound may end."""

MAX_ROUNDS = 60
SCHEDULES_PER_ROUND = 800
"""Those that begin at different times, for all answers whose first calls compete for a budget."""

FIRST_PRICES = [0.0, *(4.0**power for power in range(-2, 7))]
"""Prices of a call, in seconds of one word's lag, that are tried before the linear program."""

INERTIA = 0.3
"""The part of the best prices so far in the next ones; more after a round that found no better."""

ROUNDING = 1e-6
"""What is taken off the bound: this part of it, and as many seconds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is to be shown: when the model produced each word, in seconds on one clock."""

    channel: str
    words: Sequence[float]


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `size` calls in `bins` bins in a row."""

    size: int
    bins: int

    def to_prices(self, charges: Array) -> Array:
        """Returns the price of a call in each bin; `charges` are by the bin in which a window ends.

        The last price is that of a call after all bins, which is free.
        """
        return np.append(np.convolve(charges, np.ones(self.bins))[self.bins - 1 :], 0.0)


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """Equal answers, and the transports that may show each of them."""

    show_times: ShowTimes
    transports: Sequence[Transport]
    count: int


def lower_bound(
    answers: Sequence[Answer], limits: RateLimits, latency: float, *, streams: bool
) -> float:
    """Returns the lowest mean lag of all words, in seconds: from its production until it is shown.

    An answer is one chat.postMessage and any number of chat.update. With `streams` it may also be
    one chat.startStream, any number of chat.appendStream, and one chat.stopStream, which may show
    the last words or come at any time after them. The first call of an answer shows words. A call
    takes `latency` seconds and takes effect halfway, and the calls of one answer do not overlap.
    """
    answers = [answer for answer in answers if answer.words]
    if not answers:
        return 0.0
    words = sum(len(answer.words) for answer in answers)
    bins = time_bins(answers, limits, latency)
    budgets = scarce_budgets(answers, limits, bins, streams=streams)
    groups = group_answers(answers, bins, latency, streams=streams)
    schedules = dict.fromkeys(
        (number, group.show_times.last_resort()) for number, group in enumerate(groups)
    )
    best, best_charges, inertia = -math.inf, np.zeros(0), INERTIA
    for round_number in range(MAX_ROUNDS):
        if round_number < len(FIRST_PRICES):
            charges = even_charges(FIRST_PRICES[round_number], budgets, bins.count)
        else:
            estimate, charges = solve(list(schedules), groups, budgets, bins.count)
            if best >= estimate * (1 - RELATIVE_GAP) - words * ROUNDING:
                break
            charges = inertia * best_charges + (1 - inertia) * charges
        bound, found = price_schedules(groups, budgets, charges)
        schedules |= dict.fromkeys(found)
        if bound > best:
            best, best_charges, inertia = bound, charges, INERTIA
        else:
            inertia = (inertia + 1) / 2
    return max(0.0, best / words * (1 - ROUNDING) - ROUNDING)


def price_schedules(
    groups: Sequence[AnswerGroup], budgets: Mapping[str, Budget], charges: Array
) -> tuple[float, list[tuple[int, Schedule]]]:
    """Returns a lower bound of the sum of all lags, and the cheapest schedules by group number.

    `charges` are by budget and by the bin in which a window ends.
    """
    prices, bound = {}, 0.0
    for (name, budget), charged in zip(budgets.items(), charges, strict=True):
        prices[name] = budget.to_prices(charged)
        bound -= budget.size * float(charged.sum())
    schedules = []
    for number, group in enumerate(groups):
        found = []
        for transport in group.transports:
            starts_compete = any(name in budgets for name in transport.first)
            starts = SCHEDULES_PER_ROUND // len(groups) if starts_compete else 1
            found += group.show_times.cheapest(transport, prices, max(group.count, starts))
        bound += group.count * min(cost for cost, _ in found)
        schedules += [(number, schedule) for _, schedule in found]
    return bound, schedules


def even_charges(price: float, budgets: Mapping[str, Budget], bins: int) -> Array:
    """Returns what windows charge for any call to have this price."""
    return np.array([np.full(bins, price / budget.bins) for budget in budgets.values()])


def time_bins(answers: Sequence[Answer], limits: RateLimits, latency: float) -> TimeBins:
    """Returns bins from the first word on, until all answers could have been posted whole."""
    start = min(answer.words[0] for answer in answers) + latency / 2
    in_one_channel = max(Counter(answer.channel for answer in answers).values())
    seconds = max(answer.words[-1] for answer in answers) + latency / 2 - start
    seconds += WINDOW_SECONDS + in_one_channel / limits.post
    burst_seconds = limits.burst / limits.post
    parts = max(1, min(BINS_PER_BURST, math.floor(MAX_BINS * burst_seconds / seconds)))
    width = burst_seconds / parts
    return TimeBins(start, width, math.ceil(seconds / width))


def scarce_budgets(
    answers: Sequence[Answer], limits: RateLimits, bins: TimeBins, *, streams: bool
) -> dict[str, Budget]:
    """Returns the budgets by name.

    Those of first and last calls are left out if they suffice when no call waits. Leaving out a
    budget never makes the bound higher.
    """
    starts = [answer.words[0] for answer in answers]
    ends = [answer.words[-1] for answer in answers]
    needed = [("chat.postMessage", limits.posts, WINDOW_SECONDS, starts)]
    for channel in sorted({answer.channel for answer in answers}):
        in_channel = [answer.words[0] for answer in answers if answer.channel == channel]
        burst_seconds = limits.burst / limits.post
        needed.append((posts_to(channel), limits.burst, burst_seconds, in_channel))
    per_minute = {"chat.update": limits.update}
    if streams:
        needed.append(("chat.startStream", limits.start_stream, WINDOW_SECONDS, starts))
        needed.append(("chat.stopStream", limits.stop_stream, WINDOW_SECONDS, ends))
        per_minute["chat.appendStream"] = limits.append_stream

    def budget(size: int, seconds: float) -> Budget:
        return Budget(size, math.floor(seconds / bins.seconds + 1e-9))

    return {name: budget(size, WINDOW_SECONDS) for name, size in per_minute.items()} | {
        name: budget(size, seconds)
        for name, size, seconds, moments in needed
        if exceeds(moments, size, seconds)
    }


def exceeds(moments: Sequence[float], size: int, seconds: float) -> bool:
    """Returns whether there are more than `size` moments within less than `seconds`."""
    ordered = sorted(moments)
    return any(
        later - moment < seconds
        for moment, later in zip(
            ordered, ordered[size:], strict=False
        )  # the last have no later one
    )


def posts_to(channel: str) -> str:
    return f"chat.postMessage to {channel}"


def group_answers(
    answers: Sequence[Answer], bins: TimeBins, latency: float, *, streams: bool
) -> list[AnswerGroup]:
    counts = Counter((answer.channel, tuple(answer.words)) for answer in answers)
    seconds = sum(words[-1] - words[0] for _, words in counts)
    step = max(latency / SHOW_TIMES_PER_CALL or math.inf, seconds / MAX_EXTRA_SHOW_TIMES)
    stream = Transport(("chat.startStream",), "chat.appendStream", "chat.stopStream")
    groups = []
    for (channel, words), count in counts.items():
        edits = Transport(("chat.postMessage", posts_to(channel)), "chat.update", "chat.update")
        transports = [edits, stream] if streams else [edits]
        groups.append(AnswerGroup(ShowTimes(words, bins, latency, step), transports, count))
    return groups


def solve(
    schedules: Sequence[tuple[int, Schedule]],
    groups: Sequence[AnswerGroup],
    budgets: Mapping[str, Budget],
    bins: int,
) -> tuple[float, Array]:
    """Mixes the schedules of each group at the lowest sum of lags that the budgets allow.

    Returns that sum, and what each budget charges, by the bin in which a window ends.
    """
    first_row = {name: number * bins for number, name in enumerate(budgets)}
    uses = [
        (times, first_row[name] + bin_number, column)
        for column, (_, schedule) in enumerate(schedules)
        for (name, bin_number), times in schedule.calls
        if name in first_row and bin_number < bins
    ]
    times, rows, columns = zip(*uses, strict=True) if uses else ((), (), ())
    used = coo_array((times, (rows, columns)), shape=(bins * len(budgets), len(schedules)))
    # The other variables are the calls of a budget until the end of each bin.
    within_bin = eye_array(bins) - eye_array(bins, k=-1)
    within_window = [
        eye_array(bins) - eye_array(bins, k=-budget.bins) for budget in budgets.values()
    ]
    group_of = [number for number, _ in schedules]
    shares = coo_array((np.ones(len(group_of)), (group_of, range(len(group_of)))))
    solution = linprog(
        np.append([schedule.lag for _, schedule in schedules], np.zeros(used.shape[0])),
        A_ub=block_array(
            [[used, -block_diag([within_bin] * len(budgets))], [None, block_diag(within_window)]]
        ),
        b_ub=np.append(
            np.zeros(used.shape[0]), np.repeat([budget.size for budget in budgets.values()], bins)
        ),
        A_eq=block_array([[shares, coo_array((len(groups), used.shape[0]))]]),
        b_eq=[group.count for group in groups],
        method="highs-ipm",
    )
    assert solution.status == 0, solution.message
    charges = np.maximum(0.0, -solution.ineqlin.marginals[used.shape[0] :])
    return solution.fun, charges.reshape(len(budgets), bins)
