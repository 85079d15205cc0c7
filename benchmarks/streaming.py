"""Measures how soon streamed words are visible under Slack's limits, for several loads.

    uv run python -m benchmarks.streaming [--wire] [--loads "1,6 in a row"] [--streaming edit,auto]
                                          [--limits 35,50,70] [--latencies 0.08,1.5] [--rounds 2]

Each row reports whole answers, the lag from a word's production until it is visible next to a lower
bound that no scheduler can beat (it knows all words in advance), how long the steps between visible
changes are and how regular (the 95th percentile over the median, after the first seconds), and what
Slack refused. The loads are played on a virtual clock by the real delivery of replies, or with
--wire by the whole bot in real time. A limit is that of chat.update a minute; chat.appendStream has
twice as much. The bot is told neither: with --rounds each load is played several times, and the
last one is reported. With --wire a watchdog tells if the bot blocks its event loop for over 50 ms.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from itertools import product
from pathlib import Path

from benchmarks import wire
from benchmarks.loads import LOADS, Question, repeated
from benchmarks.loop_watchdog import LIMIT_SECONDS, describe, read_stalls
from benchmarks.lower_bound import Answer, lower_bound
from benchmarks.outcome import Outcome
from benchmarks.simulation import simulate
from slackbot.delivery.streaming_mode import BEST, EDITS
from slackbot.playground.fake_slack.rate_limits import RateLimits

COLUMNS = (
    "load",
    "streaming",
    "limit",
    "latency",
    "whole",
    "first text",
    "mean lag",
    "bound",
    "ratio",
    "step",
    "p95 / median",
    "last end",
    "calls",
    "429s",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wire", action="store_true", help="the whole bot, in real time")
    parser.add_argument("--loads", default=",".join(LOADS), help="which loads, by their names")
    parser.add_argument("--streaming", default="edit,auto", help="edit, auto")
    parser.add_argument("--limits", default="50", help="chat.update a minute")
    parser.add_argument("--latencies", default="0.08", help="seconds that a call to Slack takes")
    parser.add_argument("--rounds", type=int, default=1, help="how often to play each load")
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n{'| --- ' * len(COLUMNS)}|", flush=True)
    for name, latency, limit, streaming in product(
        [name.strip() for name in options.loads.split(",")],
        map(float, options.latencies.split(",")),
        map(int, options.limits.split(",")),
        options.streaming.split(","),
    ):
        questions = LOADS[name]()
        limits = RateLimits(update=limit, append_stream=2 * limit)
        played = repeated(questions, options.rounds)
        if options.wire:
            outcome = play_watched(played, limits, latency, streaming)
        else:
            modes = BEST if streaming == "auto" else EDITS
            outcome = simulate(played, limits, latency, modes)
        bound = bound_of(questions, limits, latency, streaming)
        load = name, streaming, str(limit), f"{latency} s"
        report(load, outcome.latest(len(questions)), bound)


def play_watched(
    questions: Sequence[Question], limits: RateLimits, latency: float, streaming: str
) -> Outcome:
    """Plays a load with the whole bot, and tells if it blocked its event loop for too long."""
    with tempfile.TemporaryDirectory() as folder:
        stalls = Path(folder) / "stalls"
        outcome = asyncio.run(wire.play(questions, limits, latency, streaming, stalls))
        found = read_stalls(stalls)
    if any(each.blocked_seconds > LIMIT_SECONDS for each in found):
        print(describe(found), file=sys.stderr)
    return outcome


def bound_of(
    questions: Sequence[Question], limits: RateLimits, latency: float, streaming: str
) -> float:
    answers = [Answer(str(question.channel), question.produced) for question in questions]
    return lower_bound(answers, limits, latency, streams=streaming == "auto")


def report(load: Sequence[str], outcome: Outcome, bound: float) -> None:
    """Prints a row."""
    irregularity = outcome.irregularity
    cells = (
        *load,
        f"{len(outcome.whole)}/{len(outcome.answers)}",
        f"{outcome.first_text:.2f} s",
        f"{outcome.mean_lag:.2f} s",
        f"{bound:.2f} s",
        f"{outcome.mean_lag / bound:.2f}",
        f"{outcome.median_step:.2f} s",
        "-" if irregularity is None else f"{irregularity:.2f}",
        f"{outcome.latest_end:.2f} s",
        str(sum(call.method.startswith("chat.") for call in outcome.calls)),
        str(sum(call.refused for call in outcome.calls)),
    )
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
