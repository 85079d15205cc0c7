"""The storms of a chaos run: each can be left out, to narrow a failure down."""

import argparse
from collections.abc import Collection, Mapping
from typing import Literal, cast, get_args

from slackbot.playground.fake_slack.faults import RandomFault

Storm = Literal["late", "refusals", "edits", "outages", "disk", "damage"]
"""In addition to kills, lost sockets, and the everyday faults of Slack and the model:

- `late`: a call to Slack fails, and takes effect afterwards
- `refusals`: Slack refuses a call with HTTP 200, for a reason that passes
- `edits`: people edit and delete questions; events overtake each other, and come again
- `outages`: nothing of Slack can be reached for a while
- `disk`: the disk is full for a while
- `damage`: a page of the database is overwritten between two runs
"""

STORMS: tuple[Storm, ...] = get_args(Storm)

NOT_OF_REPLICAS: Collection[Storm] = ("outages", "disk", "damage")
"""Those for which the replicas have others: their database fails, and their sockets."""

EVERYDAY_FAULTS: Mapping[RandomFault, float] = {
    "rate_limited": 0.01,
    "500": 0.01,
    "503": 0.01,
    "fatal_error": 0.01,
    "reset_before": 0.02,
    "reset_after": 0.03,
    "hang": 0.02,
}
"""The share of calls to Slack that they hit."""

LATE_RATE, REFUSAL_RATE = 0.03, 0.05


def slack_faults(storms: Collection[Storm]) -> Mapping[RandomFault, float]:
    faults = dict(EVERYDAY_FAULTS)
    if "late" in storms:
        faults["late"] = LATE_RATE
    if "refusals" in storms:
        faults["refused"] = REFUSAL_RATE
    return faults


def parse(names: str) -> tuple[Storm, ...]:
    """Reads names with commas between them; "none" is no storm."""
    found = [name.strip() for name in names.split(",")]
    if found == ["none"]:
        return ()
    for name in found:
        if name not in STORMS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(STORMS)}")
    return tuple(cast("Storm", name) for name in found)
