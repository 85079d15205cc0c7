"""A module of tools that writes a line longer than a pipe holds: `SLACKBOT_TOOLS` names it."""

import sys

from slackbot.tools import tool

sys.stdout.write(f"{'x' * 10**6}\n")


@tool
def hush() -> None:
    """Does nothing."""
