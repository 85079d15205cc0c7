"""Runs `slackbot serve` under a watchdog: `python -m benchmarks.watched_bot FILE`.

Everything is imported first, so the stalls in the file are those of a bot at work.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from benchmarks.loop_watchdog import LoopWatchdog
from slackbot.cli.serve import serve_until_stopped

IMPORTED_LATE = ("slackbot.app", "slackbot.llm.openai.model", "openai")


async def serve_watched(environment: Mapping[str, str], stalls: Path) -> int:
    """Serves as the command does, and writes stalls to the file. Returns the exit code."""
    with LoopWatchdog(asyncio.get_running_loop(), stalls):
        return await serve_until_stopped(environment)


def main() -> None:
    for name in IMPORTED_LATE:
        import_module(name)
    sys.exit(asyncio.run(serve_watched(os.environ, Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
