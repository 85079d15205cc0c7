"""What Slack is asked when the bot starts: whose token this is, and where to connect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from slackbot.config import SlackSettings
from slackbot.slack.client import WebClient, web_client
from slackbot.slack.identity import Identity, identify, socket_address


@dataclass(frozen=True, slots=True)
class SignIn:
    """Slack's answers, which may be on their way. A task raises ConfigError for a refused token."""

    client: WebClient
    identity: asyncio.Task[Identity]
    socket_address: asyncio.Task[str | None]
    """For the first connection; None without an app-level token."""


@asynccontextmanager
async def signing_in(settings: SlackSettings) -> AsyncIterator[SignIn]:
    """Asks both at once. The client is open while the block runs."""
    async with web_client(settings.api_url, settings.bot_token.get_secret_value()) as client:
        identity = asyncio.create_task(identify(client))
        address = asyncio.create_task(_first_address(client, settings))
        try:
            yield SignIn(client, identity, address)
        finally:
            identity.cancel()
            address.cancel()
            await asyncio.gather(identity, address, return_exceptions=True)


async def _first_address(client: WebClient, settings: SlackSettings) -> str | None:
    if settings.app_token is None:
        return None
    return await socket_address(client, settings.app_token.get_secret_value())
