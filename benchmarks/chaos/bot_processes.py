"""Runs the bot again and again, and kills it."""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from benchmarks.chaos import tool_log
from benchmarks.chaos.simulated_users import SimulatedUsers
from slackbot.cli.serve import serve_until_stopped
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.store import open_store

MAX_RUN_SECONDS = 1.5
"""A run is killed after this time at the latest."""

MAX_CALLS_BEFORE_KILL = 24
"""A run is killed after at most this many calls to Slack, usually right after one."""

SETTLE_TIMEOUT_SECONDS = 300.0
"""How long the last run, without faults, may take to answer everything."""

FORK_CONTEXT = get_context("forkserver")
"""Runs are forks of a process that has imported the bot already."""
FORK_CONTEXT.set_forkserver_preload(["__main__", "slackbot.cli.serve", "slackbot.app", "openai"])


class BotRuns:
    def __init__(
        self, workspace: Workspace, rng: Random, environment: Mapping[str, str], folder: Path
    ) -> None:
        """The bot's database and logs are in `folder`."""
        self.exits: Counter[str] = Counter()
        self.lost_sockets = 0
        """How many sockets were dropped or went silent."""
        self.database = f"sqlite:///{folder / 'slackbot.db'}"
        self._workspace = workspace
        self._rng = rng
        self._log = folder / "log"
        self._tool_log = folder / "tool_log"
        self._environment = {
            **environment,
            "DATABASE_URL": self.database,
            "SLACKBOT_GRACE": "0.5",
            "SLACKBOT_TOOLS": tool_log.__name__,
            tool_log.LOG_FILE_VARIABLE: str(self._tool_log),
        }
        self._log.touch()
        self._tool_log.touch()

    @property
    def logged(self) -> str:
        return self._log.read_text()

    @property
    def tool_log_lines(self) -> list[str]:
        """What the tool has logged, a line for each time it ran."""
        return self._tool_log.read_text().split()

    async def run_and_kill(self) -> None:
        """Starts the bot and ends it with SIGKILL, sometimes with SIGTERM."""
        async with self._running() as process:
            first, kill_after = (
                len(self._workspace.calls),
                self._rng.randint(0, MAX_CALLS_BEFORE_KILL),
            )
            await self._until_called(first + kill_after // 2)
            if self._rng.random() < 0.3:
                await self._disturb_sockets()
            await self._until_called(first + kill_after)
            gentle = self._rng.random() < 0.2
            os.kill(process.pid or 0, signal.SIGTERM if gentle else signal.SIGKILL)
        self.exits["SIGTERM" if gentle else "SIGKILL"] += 1
        expected = {0, -signal.SIGTERM} if gentle else {-signal.SIGKILL}
        assert process.exitcode in expected, f"it ended with {process.exitcode}: {self.logged}"

    async def run_until_settled(self, users: SimulatedUsers) -> None:
        """Runs the bot without faults until everything is answered."""
        async with self._running() as process:
            end = time.monotonic() + SETTLE_TIMEOUT_SECONDS
            while not await self._is_settled(users) and time.monotonic() < end:
                await users.press_try_again()
                await asyncio.sleep(0.2)
            os.kill(process.pid or 0, signal.SIGTERM)
        assert process.exitcode == 0, f"it ended with {process.exitcode}: {self.logged}"

    async def _is_settled(self, users: SimulatedUsers) -> bool:
        """Whether Slack shows all answers and the store has no unanswered message."""
        if not users.is_settled:
            return False
        store = await open_store(self.database, shared=True)
        left = await store.unanswered()
        await store.close()
        return not left

    async def _until_called(self, calls: int) -> None:
        """Waits until Slack was called this often, at most half the time of a run."""
        with suppress(TimeoutError):
            await self._workspace.until(
                lambda: len(self._workspace.calls) >= calls, MAX_RUN_SECONDS / 2
            )

    async def _disturb_sockets(self) -> None:
        if self._workspace.connections:
            self.lost_sockets += 1
            match self._rng.choice(["refresh", "drop", "silence"]):
                case "refresh":
                    await self._workspace.disconnect_sockets()
                case "drop":
                    await self._workspace.disconnect_sockets(reason=None)
                case "silence":
                    self._workspace.sockets.silent = True

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[BaseProcess]:
        process = FORK_CONTEXT.Process(target=run_bot, args=(self._environment, self._log))
        process.start()
        try:
            yield process
        finally:
            await asyncio.to_thread(process.join, 30.0)
            process.kill()


def run_bot(environment: Mapping[str, str], log: Path) -> None:
    """Runs `slackbot serve` in this process."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
        os.environ[tool_log.LOG_FILE_VARIABLE] = environment[tool_log.LOG_FILE_VARIABLE]
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        asyncio.run(serve_until_stopped(environment))
