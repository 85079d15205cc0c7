"""One replica of several, as a process that can be killed and paused at any instant."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chaos import tool_log
from benchmarks.chaos.bot_processes import FORK_CONTEXT, MISTAKE
from slackbot import config, logs
from slackbot.cli.signals import on_stop
from slackbot.errors import SlackbotError
from slackbot.startup import running

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

END_SECONDS = 30.0
"""How long an orderly end may take."""

CHECK_SECONDS = 0.02


class ReplicaProcess:
    """Can be started again after its end."""

    def __init__(self, environment: Mapping[str, str], log: Path, lease_seconds: float) -> None:
        self._arguments = (environment, log, lease_seconds)
        self._process: BaseProcess | None = None
        self._connected: Connection | None = None
        """It has something to read once the process is connected to Slack, or has ended."""
        self.exit_code: int | None = None
        """Of the last process that has ended."""

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        self._connected, told = FORK_CONTEXT.Pipe(duplex=False)
        self._process = FORK_CONTEXT.Process(target=run_replica, args=(*self._arguments, told))
        self._process.start()
        told.close()

    def send(self, sent: signal.Signals) -> None:
        """Does nothing if the process has ended by itself."""
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, sent)

    async def connected(self, seconds: float) -> None:
        """Waits until it is connected to Slack or has ended, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._connected is not None and not self._connected.poll():  # noqa: ASYNC110 - a process
                    await asyncio.sleep(CHECK_SECONDS)

    async def ended(self, seconds: float) -> bool:
        """Waits for its end, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.is_alive:  # noqa: ASYNC110 - a process
                    await asyncio.sleep(CHECK_SECONDS)
        return not self.is_alive

    async def end(self, sent: signal.Signals = signal.SIGTERM) -> None:
        """Ends it, in order or with SIGKILL."""
        self.send(sent)
        self.send(signal.SIGCONT)
        if not await self.ended(END_SECONDS):
            self.send(signal.SIGKILL)
            await self.ended(END_SECONDS)
        self.exit_code = None if self._process is None else self._process.exitcode


def run_replica(
    environment: Mapping[str, str], log: Path, lease_seconds: float, told: Connection
) -> None:
    """Serves in this process until SIGTERM."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
        os.environ[tool_log.LOG_FILE_VARIABLE] = environment[tool_log.LOG_FILE_VARIABLE]
        try:
            asyncio.run(_serve(environment, lease_seconds, told))
        except SlackbotError as err:
            sys.stderr.write(f"slackbot: {err.user_message}\n")
            sys.exit(MISTAKE)  # a bug ends with Python's own exit code, which is another


async def _serve(environment: Mapping[str, str], lease_seconds: float, told: Connection) -> None:
    """As `slackbot serve`, with another lease and without preparing to read files."""
    settings = config.parse(environment)
    logs.start(settings.log_level, settings.secrets)
    stop = asyncio.Event()
    on_stop(stop.set)
    async with running(settings, lease_seconds=lease_seconds):
        told.send("connected")
        await stop.wait()
