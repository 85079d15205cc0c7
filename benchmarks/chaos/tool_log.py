"""A tool that logs each of its runs, for the chaos run (`SLACKBOT_TOOLS`)."""

import asyncio
import os
from pathlib import Path

from slackbot.tools import tool

LOG_FILE_VARIABLE = "BENCHMARK_TOOL_LOG"
"""The environment variable with the path of the log."""


@tool
async def note(key: str, seconds: float = 0.0) -> str:
    """Logs a key, and takes some seconds."""
    with Path(os.environ[LOG_FILE_VARIABLE]).open("a") as log:  # noqa: ASYNC230 - a line
        log.write(f"{key}\n")
    await asyncio.sleep(seconds)
    return f"noted {key}"
