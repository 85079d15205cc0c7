"""Replicas as processes that run `slackbot serve`, and get their events over HTTP."""

import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import psycopg

from slackbot.playground.bot_process import BotProcess
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace

START_SECONDS = 60.0


@asynccontextmanager
async def serving(
    count: int, environment: Mapping[str, str], server: Workspace | SlackPlatform
) -> AsyncIterator[dict[int, str]]:
    """Runs replicas while the block runs; gives the address for events of each, by its process ID.
    One starts after the other.
    """
    async with AsyncExitStack() as stack:
        urls: dict[int, str] = {}
        for _ in range(count):
            replica = BotProcess(_over_http(environment, server), server.changes.notify)
            await replica.start()
            stack.push_async_callback(replica.close)
            await server.until(_has_started(replica), START_SECONDS)
            log = "\n".join(replica.log)
            port = re.search(r"HTTP on port (\d+)", log)
            if port is None or replica.pid is None:
                raise RuntimeError(log)
            urls[replica.pid] = f"http://127.0.0.1:{port[1]}/slack/events"
        yield urls


def owned(database: str) -> dict[int, set[str]]:
    """The workspaces of each replica, by its process ID."""
    found: dict[int, set[str]] = {}
    with psycopg.connect(database) as connection:
        for team, owner in connection.execute("SELECT team_id, owner FROM leases"):
            if of_replica := re.search(r"-(\d+)-[0-9a-f]+$", owner or ""):
                found.setdefault(int(of_replica[1]), set()).add(team)
    return found


def _over_http(
    environment: Mapping[str, str], server: Workspace | SlackPlatform
) -> Mapping[str, str]:
    return {
        "PATH": os.environ["PATH"],
        **environment,
        "SLACK_APP_TOKEN": "",
        "SLACK_SIGNING_SECRET": server.app.signing_secret,
        "PORT": "0",
    }


def _has_started(replica: BotProcess) -> Callable[[], bool]:
    return lambda: replica.state != "starting"
