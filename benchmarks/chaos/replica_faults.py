"""Several replicas, each of which is killed, paused and restarted at random."""

import asyncio
import re
import signal
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Literal

from benchmarks.chaos import tool_log
from benchmarks.chaos.bot_processes import MISTAKE
from benchmarks.chaos.replica import ReplicaProcess
from slackbot.playground.fake_slack.platform import SlackPlatform

Fault = Literal["kill", "stop", "short pause", "long pause", "kill in a pause", "sockets"]

FAULTS: Mapping[Fault, float] = {
    "kill": 0.35,
    "stop": 0.15,
    "short pause": 0.15,
    "long pause": 0.15,
    "kill in a pause": 0.05,
    "sockets": 0.15,
}
"""How likely each is, once each has come."""

MAX_RUN_SECONDS = 2.0
"""The next fault of a replica comes after this time at the latest."""

CONNECTED_RATE, MAX_SECONDS_UNTIL_CONNECTED = 0.8, 10.0
"""How often a replica is connected to Slack before its next fault, and how long that is waited for.
"""

MAX_CALLS_BEFORE_FAULT = 40
"""It comes after at most this many calls to Slack, usually right after one."""

MAX_SECONDS_UNTIL_START = 1.0
"""How long a replica that has ended is missing."""

LONG_PAUSE_SECONDS = 0.5, 2.0
"""How much longer than a lease a long pause is."""

_RECORD = re.compile(r"^(?=\d{4}-\d\d-\d\d |slackbot: )", re.MULTILINE)
"""Where a record of the log begins, or what a process says before it ends by itself."""

_KNOWN = re.compile(r"\s*slackbot\.errors\.(StoreError|LostLeaseError): ")
"""The last line of a traceback that says why something waits."""


class ReplicaFaults:
    """The counterpart of BotRuns for a database that replicas share."""

    def __init__(
        self,
        platform: SlackPlatform,
        rng: Random,
        environment: Mapping[str, str],
        folder: Path,
        count: int,
        lease_seconds: float,
    ) -> None:
        """`environment` names their database; logs are in `folder`."""
        self.database = environment["DATABASE_URL"]
        self.damages = ()
        self.counts: Counter[str] = Counter()
        """How often each fault occurred."""
        self._platform = platform
        self._rng = rng
        self._lease_seconds = lease_seconds
        self._logs = [folder / f"log{number}" for number in range(count)]
        """One for each replica: records have several lines, and are not mixed."""
        self._tool_log = folder / "tool_log"
        for file in (*self._logs, self._tool_log):
            file.touch()
        complete = {
            **environment,
            "SLACKBOT_GRACE": "0.5",
            "SLACKBOT_TOOLS": tool_log.__name__,
            tool_log.LOG_FILE_VARIABLE: str(self._tool_log),
        }
        self._replicas = [ReplicaProcess(complete, log, lease_seconds) for log in self._logs]
        self._left: list[Fault] = []
        """The faults that are still to come."""

    @property
    def logged(self) -> str:
        """What the replicas have logged, without what they say of a database that fails."""
        records = [each for log in self._logs for each in _RECORD.split(log.read_text())]
        return "".join(each for each in records if not _KNOWN.match(_last_line(each)))

    @property
    def tool_log_lines(self) -> list[str]:
        """What the tool has logged, a line for each time it ran."""
        return self._tool_log.read_text().split()

    async def run(self, faults: int) -> None:
        """Returns after so many faults; all replicas run then, or start. Each fault comes once
        before any comes again by chance.
        """
        more = self._rng.choices([*FAULTS], [*FAULTS.values()], k=max(faults - len(FAULTS), 0))
        self._left = [*more, *self._rng.sample([*FAULTS], k=len(FAULTS))][-faults:]
        async with asyncio.TaskGroup() as tasks:
            for replica in self._replicas:
                tasks.create_task(self._trouble(replica))

    async def keep_running(self) -> None:
        """Starts each replica again that ends, until this is cancelled."""
        while True:
            for replica in self._replicas:
                if not replica.is_alive:
                    await self._end(replica, signal.SIGTERM)
                    replica.start()
            await asyncio.sleep(MAX_SECONDS_UNTIL_START)

    async def close(self) -> None:
        await asyncio.gather(*(self._end(each, signal.SIGTERM) for each in self._replicas))

    async def _trouble(self, replica: ReplicaProcess) -> None:
        replica.start()
        while self._left:
            if self._rng.random() < CONNECTED_RATE:
                await replica.connected(MAX_SECONDS_UNTIL_CONNECTED)
            await self._until_next_fault()
            if not replica.is_alive:  # the database was away when it started
                await self._end(replica, signal.SIGTERM)
                await self._start_later(replica)
                continue
            if not self._left:  # another replica had the last one
                return
            fault = self._left.pop()
            self.counts[fault] += 1
            await self._apply(fault, replica)

    async def _apply(self, fault: Fault, replica: ReplicaProcess) -> None:
        lease = self._lease_seconds
        match fault:
            case "kill":
                await self._end(replica, signal.SIGKILL)
                await self._start_later(replica)
            case "stop":
                await self._end(replica, signal.SIGTERM)
                await self._start_later(replica)
            case "short pause":
                await self._pause(replica, self._rng.uniform(0.05, lease * 0.6))
            case "long pause":
                await self._pause(replica, lease + self._rng.uniform(*LONG_PAUSE_SECONDS))
            case "kill in a pause":
                replica.send(signal.SIGSTOP)
                await asyncio.sleep(self._rng.uniform(0.05, lease))
                await self._end(replica, signal.SIGKILL)
                await self._start_later(replica)
            case "sockets":
                await self._disturb_sockets()

    async def _pause(self, replica: ReplicaProcess, seconds: float) -> None:
        replica.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            replica.send(signal.SIGCONT)

    async def _disturb_sockets(self) -> None:
        sockets = self._platform.sockets
        match self._rng.choice(["refresh", "drop", "silence"]):
            case "refresh":
                await sockets.disconnect("refresh_requested")
            case "drop":
                await sockets.disconnect(None)
            case "silence":
                sockets.silent = True

    async def _start_later(self, replica: ReplicaProcess) -> None:
        await asyncio.sleep(self._rng.uniform(0.0, MAX_SECONDS_UNTIL_START))
        replica.start()

    async def _until_next_fault(self) -> None:
        """Waits until Slack was called some times."""
        calls = self._calls() + self._rng.randint(0, MAX_CALLS_BEFORE_FAULT)
        with suppress(TimeoutError):
            await self._platform.until(
                lambda: self._calls() >= calls, self._rng.uniform(0.3, 1.0) * MAX_RUN_SECONDS
            )

    def _calls(self) -> int:
        return sum(len(workspace.calls) for workspace in self._platform.workspaces)

    async def _end(self, replica: ReplicaProcess, sent: signal.Signals) -> None:
        await replica.end(sent)
        expected = {None, 0, MISTAKE, -signal.SIGTERM, -sent}
        assert replica.exit_code in expected, f"it ended with {replica.exit_code}: {self.logged}"


def _last_line(record: str) -> str:
    return record.rstrip().rpartition("\n")[2]
