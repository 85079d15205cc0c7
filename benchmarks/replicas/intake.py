"""How many events replicas take in within a second: from Slack's signed request to the answer 200.

Each is a message in one of the bot's threads that is for somebody else: it is stored, the owner is
woken and remembers it, and nobody is answered. Its workspace is one of ten, its replica any.
"""

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from benchmarks.chaos.bot_processes import FORK_CONTEXT
from benchmarks.environment import cpu_seconds
from benchmarks.installed import install, installed_environment
from benchmarks.replicas.serving import serving
from benchmarks.stored_threads import store_turns
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.delivery import Delivery, UnacknowledgedError
from slackbot.playground.fake_slack.event_payloads import callback
from slackbot.playground.fake_slack.http_delivery import HttpSender
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.json_types import Json
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store import open_store

WORKSPACES = 10
THREADS = 10
"""In each of them."""

EVENTS_AT_ONCE = 32

WARM_UP_SECONDS = 3.0
"""Each replica opens the bots of all workspaces."""

ACK_SECONDS = 3.0
"""As long as Slack waits."""


class Cpu(NamedTuple):
    """Seconds of CPU."""

    replicas: float
    database: float
    slack: float = 0.0
    """What the requests themselves cost their sender."""


@dataclass(frozen=True, slots=True)
class Intake:
    per_second: float
    unacknowledged: int
    median_ms: float
    """Until a request is acknowledged."""
    cpu_per_event: Cpu
    cores: float
    """How many all of them together kept busy."""


async def measure_intake(server: PostgresServer, replicas: int, seconds: float) -> Intake:
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(SlackPlatform())
        model = await stack.enter_async_context(ModelServer())
        workspaces = [platform.add_workspace(f"W{number}") for number in range(WORKSPACES)]
        database = server.create_database()
        await install(platform, database)
        templates = [template for each in workspaces for template in _templates(each)]
        await _store_threads(database, templates)
        environment = {**installed_environment(platform, model), "DATABASE_URL": database}
        urls = await stack.enter_async_context(serving(replicas, environment, platform))
        sender = _Sender([*urls.values()], platform.app.signing_secret, templates)
        await asyncio.to_thread(sender.run, WARM_UP_SECONDS)
        before = _cpu(urls, server)
        sent = await asyncio.to_thread(sender.run, seconds)
        after = _cpu(urls, server)
    used = Cpu(after.replicas - before.replicas, after.database - before.database, sent.cpu)
    events = len(sent.times)
    return Intake(
        events / seconds,
        sent.unacknowledged,
        1000 * statistics.median(sent.times),
        Cpu(*(each / events for each in used)),
        sum(used) / seconds,
    )


class _Sent(NamedTuple):
    times: Sequence[float]
    """How long each that was acknowledged took, in seconds."""
    unacknowledged: int
    cpu: float


class _Sender:
    """Sends events in a process of its own, so that Slack's work is not the bound."""

    def __init__(self, urls: Sequence[str], secret: str, templates: Sequence[Json]) -> None:
        self._urls, self._secret, self._templates = urls, secret, templates
        self._runs = 0

    def run(self, seconds: float) -> _Sent:
        self._runs += 1
        results = FORK_CONTEXT.SimpleQueue()
        process = FORK_CONTEXT.Process(target=self._send, args=(seconds, results))
        process.start()
        sent: _Sent = results.get()
        process.join()
        return sent

    def _send(self, seconds: float, results: object) -> None:
        begin = time.process_time()
        times, unacknowledged = asyncio.run(self._send_all(seconds))
        sent = _Sent(times, unacknowledged, time.process_time() - begin)
        results.put(sent)  # type: ignore[attr-defined]

    async def _send_all(self, seconds: float) -> tuple[Sequence[float], int]:
        sender, numbers = HttpSender(self._secret), count(1)
        sender.urls.extend(self._urls)
        times: list[float] = []
        sent, end = 0, time.monotonic() + seconds

        async def send() -> None:
            nonlocal sent
            while (begin := time.monotonic()) < end:
                number, sent = next(numbers), sent + 1
                payload = _event(self._templates[number % len(self._templates)], self._runs, number)
                with suppress(UnacknowledgedError):
                    await sender.attempt(Delivery("events_api", payload), ACK_SECONDS)
                    times.append(time.monotonic() - begin)

        await asyncio.gather(*(send() for _ in range(EVENTS_AT_ONCE)))
        await sender.close()
        return times, sent - len(times)


def _templates(workspace: Workspace) -> Sequence[Json]:
    """Events of a workspace's threads."""
    person, other = workspace.add_person("Ana"), workspace.add_person("Ben")
    channel = workspace.add_channel("general", members=[person, other])
    found = []
    for number in range(THREADS):
        thread = f"1790000{number:03d}.000000"
        event = {
            "type": "message",
            "channel": channel.id,
            "channel_type": "channel",
            "user": person.id,
            "text": f"<@{other.id}> " + "word " * 40,
            "thread_ts": thread,
        }
        found.append(
            callback(
                event,
                event_id="",
                app_id=workspace.app_id,
                authorization=workspace.authorization,
                is_ext_shared=False,
            )
        )
    return found


def _event(template: Json, run: int, number: int) -> Json:
    """The same event once more, with a ts of its own."""
    ts = f"179100{run:04d}.{number:06d}"
    event = {**template["event"], "ts": ts, "event_ts": ts}
    return {**template, "event": event, "event_id": f"Ev{run}x{number}"}


async def _store_threads(database: str, templates: Sequence[Json]) -> None:
    store = await open_store(database)
    threads = [
        ThreadKey(
            TeamId(each["team_id"]),
            ChannelId(each["event"]["channel"]),
            Ts(each["event"]["thread_ts"]),
        )
        for each in templates
    ]
    await asyncio.gather(*(store_turns(store, thread, 1) for thread in threads))
    await store.close()


def _cpu(replicas: Mapping[int, str], server: PostgresServer) -> Cpu:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return Cpu(
        sum(map(cpu_seconds, replicas)), sum(map(cpu_seconds, [server.pid, *map(int, children)]))
    )
