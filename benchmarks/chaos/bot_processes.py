"""The lives of the bot: from one start to the next violent end."""

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
from benchmarks.chaos.crowd import Crowd
from slackbot.cli.serve import serve_until_stopped
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.store import open_store

LIFE = 1.5
"""Seconds after which a run is killed at the latest."""

CALLS = 24
"""Calls to Slack after which a run is killed at the latest: most kills come right after one."""

SETTLING = 300.0
"""Seconds in which all is answered once the weather has cleared."""

FORKS = get_context("forkserver")
"""Runs begin as forks of a process that has imported the bot already."""
FORKS.set_forkserver_preload(["__main__", "slackbot.cli.serve", "slackbot.app"])


class Lives:
    def __init__(
        self, workspace: Workspace, rng: Random, environment: Mapping[str, str], place: Path
    ) -> None:
        """What the bot leaves is left in the folder `place`."""
        self.ends: Counter[str] = Counter()
        self.lost = 0
        """How many sockets were lost, or fell silent."""
        self.database = f"sqlite:///{place / 'slackbot.db'}"
        self._workspace = workspace
        self._rng = rng
        self._log = place / "log"
        self._book = place / "log_book"
        self._environment = {
            **environment,
            "DATABASE_URL": self.database,
            "SLACKBOT_GRACE": "0.5",
            "SLACKBOT_TOOLS": tool_log.__name__,
            tool_log.PLACE: str(self._book),
        }
        self._log.touch()
        self._book.touch()

    @property
    def logged(self) -> str:
        return self._log.read_text()

    @property
    def with_notes(self) -> list[str]:
        """What the tool has written down, each time that it was run."""
        return self._book.read_text().split()

    async def live_and_die(self) -> None:
        """One run of the bot, from its start to a violent end."""
        async with self._running() as process:
            begun, most = len(self._workspace.calls), self._rng.randint(0, CALLS)
            await self._until_called(begun + most // 2)
            if self._rng.random() < 0.3:
                await self._lose_sockets()
            await self._until_called(begun + most)
            polite = self._rng.random() < 0.2
            os.kill(process.pid or 0, signal.SIGTERM if polite else signal.SIGKILL)
        self.ends["SIGTERM" if polite else "SIGKILL"] += 1
        expected = {0, -signal.SIGTERM} if polite else {-signal.SIGKILL}
        assert process.exitcode in expected, f"it ended with {process.exitcode}: {self.logged}"

    async def settle(self, crowd: Crowd) -> None:
        """A last run, in good weather, until nothing is left to do."""
        async with self._running() as process:
            end = time.monotonic() + SETTLING
            while not await self._is_settled(crowd) and time.monotonic() < end:
                await crowd.press_again()
                await asyncio.sleep(0.2)
            os.kill(process.pid or 0, signal.SIGTERM)
        assert process.exitcode == 0, f"it ended with {process.exitcode}: {self.logged}"

    async def _is_settled(self, crowd: Crowd) -> bool:
        """Whether nothing waits in the store either: also what was taken and never acknowledged."""
        if not crowd.is_settled:
            return False
        store = await open_store(self.database, beside=True)
        left = await store.unanswered()
        await store.close()
        return not left

    async def _until_called(self, calls: int) -> None:
        """Waits for Slack to have been called so often, half a life at the most."""
        with suppress(TimeoutError):
            await self._workspace.until(lambda: len(self._workspace.calls) >= calls, LIFE / 2)

    async def _lose_sockets(self) -> None:
        if self._workspace.connections:
            self.lost += 1
            match self._rng.choice(["refresh", "drop", "silence"]):
                case "refresh":
                    await self._workspace.disconnect_sockets()
                case "drop":
                    await self._workspace.disconnect_sockets(reason=None)
                case "silence":
                    self._workspace.sockets.silent = True

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[BaseProcess]:
        process = FORKS.Process(target=be_bot, args=(self._environment, self._log))
        process.start()
        try:
            yield process
        finally:
            await asyncio.to_thread(process.join, 30.0)
            process.kill()


def be_bot(environment: Mapping[str, str], log: Path) -> None:
    """`slackbot serve` in this process."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
        os.environ[tool_log.PLACE] = environment[tool_log.PLACE]
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        asyncio.run(serve_until_stopped(environment))
