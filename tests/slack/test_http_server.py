"""The bot's own HTTP server."""

import aiohttp

from slackbot.service import Service
from tests.harness import BotHarness


async def status(service: Service, path: str) -> int:
    url = f"http://127.0.0.1:{service.port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


async def test_health_over_socket_mode(harness: BotHarness) -> None:
    """With PORT set, /healthz answers 200 while the bot is connected; events stay on the socket."""
    async with harness.running({"PORT": "0"}) as service:
        assert await status(service, "/healthz") == 200
        assert await status(service, "/slack/events") == 404


async def test_health_over_http(harness: BotHarness) -> None:
    """/healthz answers in HTTP mode too."""
    secret = harness.workspace.signing_secret
    http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret, "PORT": "0"}
    async with harness.running(http) as service:
        assert await status(service, "/healthz") == 200
        assert await status(service, "/slack/events") == 405


async def test_no_port_no_server(harness: BotHarness) -> None:
    """Without PORT nothing listens."""
    async with harness.running() as service:
        assert service.port is None
