"""The bot's HTTP server: health checks, and Slack's events unless Socket Mode delivers them.

https://docs.slack.dev/apis/events-api/using-http-request-urls
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp

from slackbot.errors import ConfigError
from slackbot.slack import texts

ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - a platform's router has to reach it


@asynccontextmanager
async def listening(port: int, *routes: web.RouteDef) -> AsyncIterator[int]:
    """Serves on all interfaces while the block runs; gives the port, a free one for 0."""
    server = web.Application()
    server.add_routes(routes)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, ALL_INTERFACES, port).start()
        except OSError as err:
            raise ConfigError("PORT", texts.PORT_IN_USE.format(port=port)) from err
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


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


def events(app: AsyncApp) -> web.RouteDef:
    """Slack's events; Bolt verifies each request's signature."""

    async def answer(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return web.post("/slack/events", answer)
