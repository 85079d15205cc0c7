"""The bot's own HTTP server."""

import aiohttp

from slackbot.readiness import NO_ANSWER
from slackbot.service import Service
from slackbot.slack import texts
from slackbot.store.texts import FAILING
from tests.harness import BotHarness
from tests.store.faults import full_disk, write_locked
from tests.store.rows import file_of


async def get(service: Service, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{service.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def test_health_over_socket_mode(harness: BotHarness) -> None:
    """With PORT set, both checks answer 200 while the bot works; events stay on the socket."""
    async with harness.running({"PORT": "0"}) as service:
        assert await get(service, "/healthz") == (200, "ok")
        assert await get(service, "/readyz") == (200, "ok")
        status, _ = await get(service, "/slack/events")
        assert status == 404


async def test_health_over_http(harness: BotHarness) -> None:
    """Both checks answer in HTTP mode too."""
    secret = harness.workspace.signing_secret
    http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret, "PORT": "0"}
    async with harness.running(http) as service:
        assert await get(service, "/healthz") == (200, "ok")
        assert await get(service, "/readyz") == (200, "ok")
        status, _ = await get(service, "/slack/events")
        assert status == 405


async def test_not_ready_without_slack(harness: BotHarness) -> None:
    """A bot that has lost its connection works, and is not ready until it has another."""
    async with harness.running({"PORT": "0"}) as service:
        harness.workspace.sockets.refusing = True
        await harness.workspace.disconnect_sockets(reason=None)
        assert await get(service, "/readyz") == (503, f"Slack: {texts.NOT_CONNECTED}")
        assert await get(service, "/healthz") == (200, "ok")
        harness.workspace.sockets.refusing = False
        await harness.workspace.until(lambda: harness.workspace.connections)
        await harness.all_received()
        assert await get(service, "/readyz") == (200, "ok")


async def test_not_ready_while_the_database_takes_no_writes(harness: BotHarness) -> None:
    """A full disk is told at once, with the reason."""
    async with harness.running({"PORT": "0"}) as service:
        with full_disk(file_of(harness.environment["DATABASE_URL"])):
            assert await get(service, "/readyz") == (503, f"database: {FAILING}")
            assert await get(service, "/healthz") == (200, "ok")


async def test_not_ready_while_the_database_hangs(harness: BotHarness) -> None:
    """A database that does not answer holds up no check for longer than a second."""
    async with harness.running({"PORT": "0"}) as service:
        with write_locked(harness.environment["DATABASE_URL"]):
            assert await get(service, "/readyz") == (503, f"database: {NO_ANSWER}")
            assert await get(service, "/healthz") == (200, "ok")


async def test_no_port_no_server(harness: BotHarness) -> None:
    """Without PORT nothing listens."""
    async with harness.running() as service:
        assert service.port is None
