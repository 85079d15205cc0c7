"""Kills, restarts, lost sockets, a bad Slack and a bad model: is every question answered once?

    uv run python -m benchmarks.chaos [--kills 1000] [--seed 1]

The real `slackbot serve` is killed at random instants while people ask in channels, threads and
direct messages, some with a file, and Slack and the model fail at random. Then the weather clears,
people press Try again where they were told to, and every question that was acknowledged must have
exactly one whole answer, in Slack and in the history alike, and no message of the bot's may stand
beside. Tools are used on the way: no call may be run twice, and each has its result in the history.
"""

import argparse
import asyncio

from benchmarks.chaos.storm import storm


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(asyncio.run(storm(options.kills, options.seed)))


if __name__ == "__main__":
    main()
