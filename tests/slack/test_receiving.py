"""Events arrive over a socket or over HTTP."""

import asyncio

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp

from slackbot import config
from slackbot.readiness import Readiness
from slackbot.slack.receiving import receiving
from slackbot.slack.sign_in import signing_in
from tests.harness import BotHarness
from tests.ports import quiet_port


async def status(port: int) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/readyz") as response,
    ):
        return response.status


@pytest.mark.parametrize("over_http", [False, True])
async def test_not_ready_until_events_can_arrive(harness: BotHarness, *, over_http: bool) -> None:
    """While the bot takes up what an earlier process left, its readiness check says 503."""
    port = quiet_port()
    changes = {"PORT": str(port), "SLACK_SIGNING_SECRET": "secret"}
    if over_http:
        changes["SLACK_APP_TOKEN"] = ""
    settings = config.parse(harness.environment | changes)
    seen: list[int] = []

    async def resume() -> None:
        seen.append(await status(port))

    async with signing_in(settings.slack) as sign_in:
        bolt = AsyncApp(client=sign_in.client, signing_secret="secret")
        readiness = Readiness()
        async with receiving(settings.slack, settings.port, sign_in, bolt, resume, readiness):
            assert [*seen, await status(port)] == [503, 200]
            assert harness.workspace.connections == (0 if over_http else 1)


async def test_takes_up_old_work_before_events_arrive(harness: BotHarness) -> None:
    """What an earlier process left comes before what people ask now."""
    settings = config.parse(harness.environment)
    connections: list[int] = []

    async def resume() -> None:
        connections.append(harness.workspace.connections)

    async with signing_in(settings.slack) as sign_in:
        bolt = AsyncApp(client=sign_in.client, signing_secret="secret")
        async with receiving(settings.slack, None, sign_in, bolt, resume, Readiness()):
            assert connections == [0]


async def test_takes_up_old_work_without_a_socket(harness: BotHarness) -> None:
    """What an earlier process left is taken up although Slack takes no socket."""
    settings = config.parse(harness.environment)
    harness.workspace.sockets.refusing = True
    resumed = asyncio.Event()

    async def resume() -> None:
        resumed.set()

    async def receive() -> None:
        async with signing_in(settings.slack) as sign_in:
            bolt = AsyncApp(client=sign_in.client, signing_secret="secret")
            async with receiving(settings.slack, None, sign_in, bolt, resume, Readiness()):
                await asyncio.Event().wait()

    task = asyncio.create_task(receive())
    async with asyncio.timeout(30.0):
        await resumed.wait()
    assert not harness.workspace.connections
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
