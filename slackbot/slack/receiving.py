"""Receives what Slack delivers: over a socket with an app-level token, otherwise over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from slackbot.config import SlackSettings
from slackbot.readiness import Readiness
from slackbot.slack import http_server, socket_mode, texts
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.sign_in import AppSignIn, SignIn


@asynccontextmanager
async def receiving(
    settings: SlackSettings,
    port: int | None,
    sign_in: SignIn | AppSignIn,
    dispatcher: Dispatcher,
    resume: Callable[[], Awaitable[None]],
    readiness: Readiness,
    *pages: web.RouteDef,
) -> AsyncIterator[int | None]:
    """Receives events while the block runs. Yields the port that is served, if any.

    `resume` begins to take up what an earlier process left, before events arrive: a new question
    comes after those that wait. The port is served before, and `readiness` says so. Raises
    ConfigError for a refused token, or a port in use.
    """
    address = await sign_in.socket_address
    is_connected: Callable[[], bool] | None = None

    async def problem() -> str:
        return "" if is_connected is not None and is_connected() else texts.NOT_CONNECTED

    readiness.add("Slack", problem)
    async with AsyncExitStack() as stack:
        if port is not None:
            routes = [http_server.health(), http_server.readiness(readiness.problems)]
            routes += pages
            if settings.app_token is None and settings.signing_secret is not None:
                secret = settings.signing_secret.get_secret_value()
                routes.append(http_server.events(dispatcher, secret))
            port = await stack.enter_async_context(http_server.listening(port, *routes))
        await resume()
        if settings.app_token is None:
            is_connected = _always
        else:
            connecting = socket_mode.connecting(
                dispatcher,
                sign_in.control_client,
                await sign_in.identity if isinstance(sign_in, SignIn) else None,
                settings.app_token.get_secret_value(),
                first_address=address,
            )
            connections = await stack.enter_async_context(connecting)
            await connections.until_open()
            is_connected = connections.are_open
        yield port


def _always() -> bool:
    return True
