"""What Slack is asked when the bot starts: whose token this is, and where to connect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from slackbot.config import SlackSettings
from slackbot.slack.client import WebClient, web_client
from slackbot.slack.identity import Identity, identify, socket_address


@dataclass(frozen=True, slots=True)
class SignIn:
    """Slack's answers, which may be on their way. A task raises ConfigError for a refused token."""

    client: WebClient
    """For all that the bot does in Slack."""
    control_client: WebClient
    """For what keeps the bot connected. It never waits for a connection that replies need."""
    identity: asyncio.Task[Identity]
    socket_address: asyncio.Task[str | None]
    """For the first connection; None without an app-level token."""


@asynccontextmanager
async def signing_in(settings: SlackSettings) -> AsyncIterator[SignIn]:
    """Asks both at once. The clients are open while the block runs."""
    token = settings.bot_token.get_secret_value()
    async with AsyncExitStack() as stack:
        client, control = [
            await stack.enter_async_context(web_client(settings.api_url, token, settings.network))
            for _ in range(2)
        ]
        identity = asyncio.create_task(identify(control))
        address = asyncio.create_task(_first_address(control, settings))
        try:
            yield SignIn(client, control, identity, address)
        finally:
            identity.cancel()
            address.cancel()
            await asyncio.gather(identity, address, return_exceptions=True)


async def _first_address(client: WebClient, settings: SlackSettings) -> str | None:
    if settings.app_token is None:
        return None
    return await socket_address(client, settings.app_token.get_secret_value())
