"""Checks that every question is answered exactly once, whatever breaks meanwhile.

    uv run python -m benchmarks.chaos [--kills 1000] [--seed 1] [--storms late,edits]

The real `slackbot serve` is killed at random moments while people ask in channels, threads and
direct messages, some with a file, and Slack and the model fail at random. The storms add to that:
calls that take effect after they failed (late), refusals with HTTP 200 that pass (refusals), edits
and deletions whose events overtake each other and come again (edits), times without Slack
(outages), a full disk (disk) and an overwritten page of the database (damage). Then the faults
stop, and people press Try again where the bot tells them to. Every acknowledged question must then
have exactly one whole answer, both in Slack and in the stored history, to its newest version, and
Slack must show no other message of the bot. No tool call may run twice, and each must have its
result in the history.

    uv run python -m benchmarks.chaos --store postgresql [--replicas 3] [--workspaces 10]

Several replicas serve workspaces that have installed the app. At random they are killed, restarted
in order, and paused for a moment or for longer than a lease; their sockets are lost; the database
restarts, in order and at once, and ends connections. --kills counts what happens to replicas. Of
the storms there are late, refusals and edits.
"""

import argparse
import asyncio

from benchmarks.chaos import storms
from benchmarks.chaos.chaos_run import run_chaos
from benchmarks.chaos.replicas_run import ReplicaStorm, run_replicas
from benchmarks.chaos.simulated_users import QUESTIONS_PER_SECOND


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--storms",
        type=storms.parse,
        default=storms.STORMS,
        help=f"any of {','.join(storms.STORMS)}, or none; all without this option",
    )
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--workspaces", type=int, default=10)
    options = parser.parse_args()
    if options.store == "postgresql":
        storm = ReplicaStorm(
            [each for each in options.storms if each not in storms.NOT_OF_REPLICAS],
            options.replicas,
            options.kills,
            QUESTIONS_PER_SECOND / options.workspaces,
        )
        seeds = range(options.seed, options.seed + options.workspaces)
        print(f"seed {options.seed}, {options.kills} faults, storms: {', '.join(storm.storms)}")
        print(asyncio.run(run_replicas(storm, seeds)))
        return
    print(f"seed {options.seed}, {options.kills} kills, storms: {', '.join(options.storms)}")
    print(asyncio.run(run_chaos(options.kills, options.seed, options.storms)))


if __name__ == "__main__":
    main()
