"""A tool that leaves a trace each time it runs, for the chaos run: `SLACKBOT_TOOLS`."""

import asyncio
import os
from pathlib import Path

from slackbot.tools import tool

PLACE = "BENCHMARK_LOG_BOOK"
"""The environment's name for the file."""


@tool
async def note(key: str, seconds: float = 0.0) -> str:
    """Writes something down, and takes its time."""
    with Path(os.environ[PLACE]).open("a") as book:  # noqa: ASYNC230 - a line
        book.write(f"{key}\n")
    await asyncio.sleep(seconds)
    return f"noted {key}"
