"""What Slack is asked when the bot starts: whose token this is, and where to connect.

Only a refusal that is final ends the start. Whatever else comes back may pass: the bot says what it
sees, waits, and asks again.
"""

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from yarl import URL

from slackbot.backoff import pause
from slackbot.config import SlackSettings
from slackbot.errors import (
    ConfigError,
    ForeignAnswerError,
    RateLimitedError,
    UnreachableError,
)
from slackbot.network.failures import network_error
from slackbot.slack import texts
from slackbot.slack.address_budget import AddressBudget
from slackbot.slack.client import WebClient, web_client
from slackbot.slack.identity import Identity, identify, socket_address

logger = logging.getLogger(__name__)


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
async def signing_in(
    settings: SlackSettings, *, max_attempts: float = math.inf
) -> AsyncIterator[SignIn]:
    """Asks both at once, `max_attempts` times each. The clients are open while the block runs."""
    token = settings.token
    async with AsyncExitStack() as stack:
        client, control = [
            await stack.enter_async_context(web_client(settings.api_url, token, settings.network))
            for _ in range(2)
        ]
        asking = SignInAttempts(control, settings, max_attempts)
        identity = asyncio.create_task(asking.identity())
        address = asyncio.create_task(asking.socket_address(identity))
        try:
            yield SignIn(client, control, identity, address)
        finally:
            identity.cancel()
            address.cancel()
            await asyncio.gather(identity, address, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class AppSignIn:
    """The same where each workspace has a token of its own."""

    control_client: WebClient
    socket_address: asyncio.Task[str | None]


@asynccontextmanager
async def app_signing_in(settings: SlackSettings) -> AsyncIterator[AppSignIn]:
    """Asks for the address. The client, which has no bot token, is open while the block runs."""
    async with web_client(settings.api_url, "", settings.network) as client:
        asking = SignInAttempts(client, settings, math.inf)
        address = asyncio.create_task(asking.socket_address())
        try:
            yield AppSignIn(client, address)
        finally:
            address.cancel()
            await asyncio.gather(address, return_exceptions=True)


class SignInAttempts:
    """Asks Slack until it answers, with growing pauses."""

    def __init__(self, client: WebClient, settings: SlackSettings, max_attempts: float) -> None:
        self._client = client
        self._settings = settings
        self._max_attempts = max_attempts

    async def identity(self) -> Identity:
        """Raises ConfigError."""
        failures = 0
        while True:
            try:
                return await identify(self._client)
            except (RateLimitedError, UnreachableError) as err:
                failures += 1
                await self._wait(err, failures)

    async def socket_address(self, identity: asyncio.Task[Identity] | None = None) -> str | None:
        """Asks again only once `identity` is known: it is what Slack may be asked least often.

        Raises ConfigError.
        """
        if self._settings.app_token is None:
            return None
        token, budget = self._settings.app_token.get_secret_value(), AddressBudget()
        now, failures = asyncio.get_running_loop().time, 0
        while True:
            try:
                return await socket_address(self._client, token)
            except (RateLimitedError, UnreachableError) as err:
                failures += 1
                budget.spend(now())
                if identity is not None:
                    await asyncio.wait({identity})
                await self._wait(err, failures, at_least=budget.delay(now()))

    async def _wait(
        self, err: RateLimitedError | UnreachableError, failures: int, at_least: float = 0.0
    ) -> None:
        """Waits before another attempt. Raises ConfigError if there is none."""
        problem = network_error(err) or ConfigError("SLACK_API_URL", self._problem(err))
        if failures >= self._max_attempts:
            raise problem from err
        asked = err.retry_after if isinstance(err, RateLimitedError) else pause(failures)
        wait = max(asked, at_least)
        logger.warning("%s The next attempt is in %.0f s.", problem.user_message, wait)
        await asyncio.sleep(wait)

    def _problem(self, err: RateLimitedError | UnreachableError) -> str:
        host = URL(self._settings.api_url).host
        if isinstance(err, RateLimitedError):
            return texts.LIMITED_AT_START.format(host=host, seconds=err.retry_after)
        if isinstance(err, ForeignAnswerError):
            return texts.API_FOREIGN.format(host=host, code=err.code)
        if err.code:
            return texts.API_FAILING.format(host=host, code=err.code)
        return texts.API_UNREACHABLE.format(host=host)
