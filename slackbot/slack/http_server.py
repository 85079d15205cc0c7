"""The bot's HTTP server: health checks, and Slack's events unless Socket Mode delivers them.

https://docs.slack.dev/apis/events-api/using-http-request-urls
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from slackbot.errors import ConfigError
from slackbot.slack import texts
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.http_connections import (
    ConnectionLimits,
    Connections,
    HttpConnection,
    close_after,
)
from slackbot.slack.http_events import MAX_BODY_BYTES, EventRequests

ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - a platform's router has to reach it

SHUTDOWN_TIMEOUT_SECONDS = 3.0
"""How long verified requests may take when the bot stops: Slack does not wait longer."""

LIMITS = ConnectionLimits()


@asynccontextmanager
async def listening(
    port: int, *routes: web.RouteDef, limits: ConnectionLimits = LIMITS
) -> AsyncIterator[int]:
    """Serves on all interfaces while the block runs; gives the port, a free one for 0."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.add_routes(routes)
    app.on_response_prepare.append(close_after)
    runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_TIMEOUT_SECONDS)
    await runner.setup()
    handlers = runner.server
    assert handlers is not None  # noqa: S101 - setup() makes it
    connections, loop = Connections(limits), asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        stack.callback(connections.close)
        try:
            server = await loop.create_server(
                lambda: HttpConnection(handlers, connections, loop), ALL_INTERFACES, port
            )
        except OSError as err:
            raise ConfigError("PORT", texts.PORT_IN_USE.format(port=port)) from err
        stack.push_async_callback(_stop, server)
        yield server.sockets[0].getsockname()[1]


async def _stop(server: asyncio.Server) -> None:
    """Accepts no more connections. asyncio loses one that is just being accepted, so that is first
    waited for.
    """
    for socket in server.sockets:
        asyncio.get_running_loop().remove_reader(socket)
    await asyncio.sleep(0)
    server.close()


def health() -> web.RouteDef:
    """The process works: that it answers says so."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    return web.get("/healthz", answer)


def readiness(problems: Callable[[], Awaitable[Sequence[str]]]) -> web.RouteDef:
    """The bot can take work, or a line for each problem says why it can't."""

    async def answer(_: web.Request) -> web.Response:
        found = await problems()
        return web.Response(text="\n".join(found) or "ok", status=503 if found else 200)

    return web.get("/readyz", answer)


def events(dispatcher: Dispatcher, signing_secret: str) -> web.RouteDef:
    """Slack's events, which `dispatcher` handles."""
    return web.post("/slack/events", EventRequests(dispatcher, signing_secret).answer)
