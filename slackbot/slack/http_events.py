"""Takes Slack's events over HTTP: only what Slack has signed, and each request once.

https://docs.slack.dev/apis/events-api/using-http-request-urls
"""

import logging
import time

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot.slack import texts
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.http_connections import HttpConnection
from slackbot.slack.payloads import is_question, is_readable, parse_body
from slackbot.slack.repeats import Repeats
from slackbot.slack.signatures import SIGNATURE, TIMESTAMP, ClaimedSignature

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 2 * 2**20
"""More than Slack's longest payload: the edit of a message of 40,000 characters, which has the old
and the new text, each in two forms, with six bytes for a character, is just below 1 MB.

https://docs.slack.dev/reference/methods/chat.postMessage#truncating
"""


class EventRequests:
    def __init__(self, dispatcher: Dispatcher, signing_secret: str) -> None:
        self._dispatcher = dispatcher
        self._secret = signing_secret.encode()
        self._repeats = Repeats()

    async def answer(self, request: web.Request) -> web.Response:
        """Verifies the signature on the raw bytes before anything is parsed.

        Answers 401 for another signature, before the body is read if the headers show it already;
        400 for what is no payload. A request that was answered with 200 takes effect once.
        """
        headers = request.headers
        claimed = ClaimedSignature.read(
            headers.getall(TIMESTAMP, []), headers.getall(SIGNATURE, [])
        )
        if claimed is None:
            return _refuse(texts.UNSIGNED)
        if not claimed.is_current(time.time()):
            return _refuse(texts.SIGNED_AT_ANOTHER_TIME)
        if (request.content_length or 0) > MAX_BODY_BYTES:
            return web.Response(status=413)
        try:
            body = await request.read()
        except (OSError, web.RequestPayloadError):  # it ended before its end
            return web.Response(status=400)
        if not claimed.signs(body, self._secret):
            return _refuse(texts.SIGNED_BY_ANOTHER)
        assert isinstance(request.protocol, HttpConnection)  # noqa: S101 - http_server makes them
        request.protocol.verify()
        return await self._handle(request.content_type, body, claimed)

    async def _handle(
        self, content_type: str, body: bytes, signature: ClaimedSignature
    ) -> web.Response:
        """Passes on what Slack has signed: no header of the request, and its bytes as UTF-8."""
        try:
            payload = parse_body(content_type, body)
        except ValueError:
            logger.warning("Slack sent a request that is no payload")
            return web.Response(status=400)
        if not is_readable(payload):
            logger.warning("A payload that can't be read was ignored")
            return web.Response(status=200)
        request = AsyncBoltRequest(
            body=body.decode(), headers={"Content-Type": content_type, **signature.headers}
        )

        async def dispatch() -> BoltResponse:
            return await self._dispatcher.async_dispatch(request)

        if is_question(payload):
            return await to_aiohttp_response(await dispatch())
        return await to_aiohttp_response(await self._repeats.once(signature.signature, dispatch))


def _refuse(reason: str) -> web.Response:
    logger.warning("A request was refused: %s", reason)
    return web.Response(status=401)
