"""The bot's HTTP server: health checks, and Slack's events unless Socket Mode delivers them.

https://docs.slack.dev/apis/events-api/using-http-request-urls
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from slackbot.errors import ConfigError
from slackbot.slack import texts
from slackbot.slack.payloads import is_readable, parse_body

logger = logging.getLogger(__name__)

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


def events(app: AsyncApp, signing_secret: str) -> web.RouteDef:
    """Slack's events. The signature is verified on the raw bytes before anything is parsed.

    Answers 401 for another signature, 400 for what is no payload.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    verifier = SignatureVerifier(signing_secret)

    async def answer(request: web.Request) -> web.Response:
        body = await request.read()
        if not _is_signed(verifier, request, body):
            return web.Response(status=401)
        try:
            payload = parse_body(request.content_type, body)
        except ValueError:
            logger.warning("Slack sent a request that is no payload")
            return web.Response(status=400)
        if not is_readable(payload):
            logger.warning("A payload that can't be read was ignored")
            return web.Response(status=200)
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return web.post("/slack/events", answer)


def _is_signed(verifier: SignatureVerifier, request: web.Request, body: bytes) -> bool:
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    try:
        return signature.isascii() and verifier.is_valid(body, timestamp, signature)
    except ValueError:  # the timestamp is no number
        return False
