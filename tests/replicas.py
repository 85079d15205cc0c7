"""Several replicas of the bot, with one database, one Slack and one model.

`ReplicaProcesses` are processes of their own, which can be killed and paused. `ReplicaTasks` run in
the test's event loop: they start and stop in order only, and cost much less.
"""

import asyncio
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Generic, Self, TypeVar

from slackbot import config
from slackbot.playground.bot_process import BotProcess
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.service import Service
from slackbot.startup import running

START_TIMEOUT_SECONDS = 50.0

Server = Workspace | SlackPlatform
"""A workspace of its own, or many on one platform."""


class Replica(ABC):
    """One of several bots. It can be started again after its end."""

    @abstractmethod
    async def start(self) -> None:
        """Returns when it is connected; raises AssertionError if it ends instead."""

    @abstractmethod
    async def stop(self) -> None:
        """Ends it in order, as SIGTERM does."""

    @property
    @abstractmethod
    def port(self) -> int | None:
        """Where it listens; None if it does not, or does not run."""


AnyReplica = TypeVar("AnyReplica", bound=Replica)


class Replicas(Generic[AnyReplica]):
    """Runs replicas inside an `async with` block.

    Over HTTP Slack reaches those that run, as through a load balancer; otherwise each of them opens
    a Socket Mode connection.
    """

    def __init__(self, replicas: Sequence[AnyReplica], server: Server) -> None:
        self._replicas = replicas
        self._server = server

    def __getitem__(self, number: int) -> AnyReplica:
        return self._replicas[number]

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.TaskGroup() as starting:
                for replica in self._replicas:
                    starting.create_task(replica.start())
        except BaseException:
            await self._stop_all()
            raise
        self._balance()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._stop_all()

    async def start(self, number: int) -> None:
        """Starts a replica that has ended."""
        await self._replicas[number].start()
        self._balance()

    async def stop(self, number: int) -> None:
        """Stops a replica in order. Slack still knows it, and finds nobody there."""
        await self._replicas[number].stop()

    async def _stop_all(self) -> None:
        await asyncio.gather(*(replica.stop() for replica in self._replicas))

    def _balance(self) -> None:
        """Tells Slack the address of each replica that listens."""
        ports = [replica.port for replica in self._replicas]
        urls = [f"http://127.0.0.1:{port}/slack/events" for port in ports if port is not None]
        if urls:
            self._server.events_url = urls


class ReplicaProcess(Replica):
    """A replica that runs `slackbot serve` in a process of its own."""

    def __init__(self, environment: Mapping[str, str], server: Server) -> None:
        machine = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.process = BotProcess({**machine, **environment}, server.changes.notify)
        self._server = server

    async def start(self) -> None:
        await self.process.start()
        await self._server.until(
            lambda: self.process.state != "starting", timeout=START_TIMEOUT_SECONDS
        )
        assert self.process.state == "running", self.log

    async def stop(self) -> None:
        await self.process.close()

    async def kill(self) -> None:
        """Ends it with SIGKILL, paused or not."""
        await self.process.kill()

    def pause(self) -> None:
        """Sends SIGSTOP."""
        self.process.pause()

    def resume(self) -> None:
        """Sends SIGCONT."""
        self.process.resume()

    @property
    def log(self) -> str:
        """The newest lines of its output and its log."""
        return "\n".join(self.process.log)

    @property
    def port(self) -> int | None:
        if self.process.state != "running":
            return None
        found = re.findall(r"HTTP on port (\d+)", self.log)
        return int(found[-1]) if found else None


class ReplicaTask(Replica):
    """A replica that runs in the test's event loop."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._settings = config.parse(environment)
        self._service: asyncio.Future[Service] | None = None
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def service(self) -> Service:
        """The bot that runs; raises AssertionError if none does."""
        assert self._service is not None
        assert self._service.done()
        return self._service.result()

    async def start(self) -> None:
        self._stopping.clear()
        self._service = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(self._service))
        await asyncio.wait(
            (self._task, self._service),
            timeout=START_TIMEOUT_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._task.done():
            await self.stop()  # it raises why the bot could not start
        assert self._service is not None
        assert self._service.done(), "the bot does not start"

    async def stop(self) -> None:
        self._stopping.set()
        task, self._task, self._service = self._task, None, None
        if task is not None:
            await task

    @property
    def port(self) -> int | None:
        return None if self._service is None else self.service.port

    async def _run(self, service: asyncio.Future[Service]) -> None:
        """Begins and ends in the same task, as some of the bot's parts need it."""
        async with running(self._settings) as started:
            service.set_result(started)
            await self._stopping.wait()


def replica_processes(
    count: int, environment: Mapping[str, str], server: Server
) -> Replicas[ReplicaProcess]:
    """`environment` is the whole of it, but for PATH: use `over_http` for events over HTTP."""
    return Replicas([ReplicaProcess(environment, server) for _ in range(count)], server)


def replica_tasks(
    count: int, environment: Mapping[str, str], server: Server
) -> Replicas[ReplicaTask]:
    """The same as tasks. What one of them logs is in the log of all."""
    return Replicas([ReplicaTask(environment) for _ in range(count)], server)


def over_http(environment: Mapping[str, str], server: Server) -> dict[str, str]:
    """Returns the environment of replicas that get events over HTTP, each on a port of its own."""
    return {
        **environment,
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": server.app.signing_secret,
        "PORT": "0",
    }
