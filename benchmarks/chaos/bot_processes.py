"""Runs the bot again and again, and kills it."""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random

from benchmarks.chaos import tool_log
from benchmarks.chaos.bad_disk import full_disk
from benchmarks.chaos.damage import Damage, damage_page, settle_log
from benchmarks.chaos.settling import opened, settle
from benchmarks.chaos.simulated_users import SimulatedUsers
from benchmarks.chaos.storms import Storm
from benchmarks.watched_bot import serve_watched
from slackbot.errors import SlackbotError
from slackbot.playground.fake_slack.workspace import Workspace

MAX_RUN_SECONDS = 1.5
"""A run is killed after this time at the latest."""

MAX_CALLS_BEFORE_KILL = 24
"""A run is killed after at most this many calls to Slack, usually right after one."""

FULL_DISK_RATE = 0.15
"""The share of runs whose disk is full for a while."""

DAMAGE_RATE = 0.06
"""The share of runs before or in which a page of the database is overwritten."""

MAX_STARTS = 10
"""How often the bot may be started until everything is answered."""

CHECK_SECONDS = 0.05

FULL_DISK_SECONDS = 1.0
"""How long it is full in the last run, which has to recover by itself."""

LAST_STORMS_SECONDS = 6.0
"""How long the storms go on in the last run: it has to live with them without a new start."""

MISTAKE = 2
"""The exit code of a bot that says what somebody has to put right, and ends."""

FORK_CONTEXT = get_context("forkserver")
"""Runs are forks of a process that has imported the bot already."""
FORK_CONTEXT.set_forkserver_preload(
    [
        "__main__",
        "slackbot.cli.serve",
        "slackbot.app",
        "openai",
        "slackbot.app.replica",
        "httpcore2",
        "truststore",
    ]
)


class BotRuns:
    def __init__(
        self,
        workspace: Workspace,
        rng: Random,
        environment: Mapping[str, str],
        folder: Path,
        storms: Collection[Storm],
    ) -> None:
        """The bot's database and logs are in `folder`."""
        self.exits: Counter[str] = Counter()
        self.lost_sockets = 0
        """How many sockets were dropped or went silent."""
        self.full_disks = 0
        self.damages: list[Damage] = []
        self._database = folder / "slackbot.db"
        self.database = f"sqlite:///{self._database}"
        self.stalls = folder / "stalls"
        """Where the watchdog writes."""
        self._workspace = workspace
        self._rng = rng
        self._storms = storms
        self._log, self._log_of_bad_disks = folder / "log", folder / "log_of_bad_disks"
        self._tool_log = folder / "tool_log"
        self._environment = {
            **environment,
            "DATABASE_URL": self.database,
            "SLACKBOT_GRACE": "0.5",
            "SLACKBOT_TOOLS": tool_log.__name__,
            tool_log.LOG_FILE_VARIABLE: str(self._tool_log),
        }
        for file in (self._log, self._log_of_bad_disks, self._tool_log):
            file.touch()

    @property
    def logged(self) -> str:
        """What the bot has logged in the runs whose disk was sound."""
        return self._log.read_text()

    @property
    def tool_log_lines(self) -> list[str]:
        """What the tool has logged, a line for each time it ran."""
        return self._tool_log.read_text().split()

    async def run_and_kill(self) -> None:
        """Starts the bot and ends it with SIGKILL, sometimes with SIGTERM."""
        is_full = "disk" in self._storms and self._rng.random() < FULL_DISK_RATE
        is_damaged = "damage" in self._storms and self._rng.random() < DAMAGE_RATE
        damages_before = is_damaged and self._rng.random() < 0.5
        if damages_before:
            settle_log(self._database)
            self._damage()
        async with self._running(bad_disk=is_full or is_damaged) as process:
            first, kill_after = (
                len(self._workspace.calls),
                self._rng.randint(0, MAX_CALLS_BEFORE_KILL),
            )
            await self._until_called(first + kill_after // 2)
            if is_damaged and not damages_before:
                self._damage()
            if self._rng.random() < 0.3:
                await self._disturb_sockets()
            with self._full_disk(process) if is_full else nullcontext():
                await self._until_called(first + kill_after)
            if is_full and self._rng.random() < 0.5:
                await self._until_called(first + 2 * kill_after)
            gentle = self._rng.random() < 0.2
            _kill(process, signal.SIGTERM if gentle else signal.SIGKILL)
        if process.exitcode == MISTAKE and self._may_give_up:  # it has said so, and ended
            self.exits["ended by itself"] += 1
            return
        self.exits["SIGTERM" if gentle else "SIGKILL"] += 1
        expected = {0, -signal.SIGTERM} if gentle else {-signal.SIGKILL}
        assert process.exitcode in expected, f"it ended with {process.exitcode}: {self.logged}"

    async def run_until_settled(
        self, users: SimulatedUsers, calm_down: Callable[[], Awaitable[None]]
    ) -> None:
        """Runs the bot until everything is answered; `calm_down` ends the storms after a while.

        If it ends by itself it is started again, as a service manager does.
        """
        is_full, starts = "disk" in self._storms, 0
        while starts < MAX_STARTS:
            starts += 1
            async with self._running(bad_disk=is_full) as process:
                if await self._is_connected(process):
                    with self._full_disk(process) if is_full else nullcontext():
                        await asyncio.sleep(FULL_DISK_SECONDS)
                    await asyncio.sleep(LAST_STORMS_SECONDS - FULL_DISK_SECONDS)
                    await calm_down()
                    is_full = False
                    opening = partial(opened, self.database, shared=True)
                    damaged = bool(self.damages)
                    await settle(users, opening, process.is_alive, damaged=damaged)
                _kill(process, signal.SIGTERM)
            if process.exitcode == 0:
                return
            assert process.exitcode == MISTAKE, f"it ended with {process.exitcode}: {self.logged}"
        raise AssertionError(f"it has ended by itself {starts} times: {self.logged}")

    async def _is_connected(self, process: BaseProcess) -> bool:
        """Waits until the bot is connected; false if it ends before."""
        while process.is_alive() and not self._workspace.connections:  # noqa: ASYNC110 - a process
            await asyncio.sleep(CHECK_SECONDS)
        return process.is_alive()

    def _damage(self) -> None:
        if damage := damage_page(self._database, self._rng):
            self.damages.append(damage)

    @property
    def _may_give_up(self) -> bool:
        """Whether a storm is on in which the bot may say what is wrong, and end."""
        return not {"disk", "damage", "outages"}.isdisjoint(self._storms)

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

    def _full_disk(self, process: BaseProcess) -> AbstractContextManager[None]:
        self.full_disks += 1
        return full_disk(process.pid or 0, self._log_of_bad_disks, self._tool_log)

    @asynccontextmanager
    async def _running(self, *, bad_disk: bool) -> AsyncIterator[BaseProcess]:
        log = self._log_of_bad_disks if bad_disk else self._log
        process = FORK_CONTEXT.Process(target=run_bot, args=(self._environment, log, self.stalls))
        process.start()
        try:
            yield process
        finally:
            await asyncio.to_thread(process.join, 30.0)
            process.kill()


def run_bot(environment: Mapping[str, str], log: Path, stalls: Path) -> None:
    """Runs `slackbot serve` in this process."""
    with log.open("a") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
        os.environ[tool_log.LOG_FILE_VARIABLE] = environment[tool_log.LOG_FILE_VARIABLE]
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        try:
            gave_up = asyncio.run(serve_watched(environment, stalls))
        except SlackbotError as err:
            sys.stderr.write(f"slackbot: {err.user_message}\n")
            gave_up = True
        if gave_up:  # a bug ends with Python's own exit code, which is another
            sys.exit(MISTAKE)


def _kill(process: BaseProcess, sent: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # it has ended by itself
        os.kill(process.pid or 0, sent)
