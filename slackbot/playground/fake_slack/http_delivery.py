"""Slack's side of HTTP: signed POSTs of events, commands and interactions to the app.

https://docs.slack.dev/apis/events-api/using-http-request-urls
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections import deque
from http import HTTPStatus
from urllib.parse import urlencode

import aiohttp

from slackbot.playground.fake_slack.delivery import Delivery, UnacknowledgedError
from slackbot.playground.json_types import Json


class HttpSender:
    """Posts signed requests to the app. Close it when done."""

    def __init__(self, signing_secret: str) -> None:
        self._secret = signing_secret.encode()
        self._session: aiohttp.ClientSession | None = None
        self.urls: deque[str] = deque()
        """The app's URLs for events, one for each replica; none means Socket Mode.

        Requests go to them in turn, as through a load balancer.
        """

    async def attempt(self, delivery: Delivery, ack_timeout: float) -> Json | None:
        """Posts a delivery; returns the response's JSON, or its text as `text`, if it has a body.

        A URL that refuses the connection is passed over for the next one. A request that was sent
        is not sent again, as its replica may have taken it in.
        Raises UnacknowledgedError unless the app answers 200 within `ack_timeout` seconds.
        """
        content_type, body = _encode(delivery)
        headers = {"Content-Type": content_type, **self.signature(body)}
        if delivery.retry:
            headers["X-Slack-Retry-Num"] = str(delivery.retry)
            headers["X-Slack-Retry-Reason"] = delivery.retry_reason
        if self._session is None:
            self._session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(ack_timeout):
                response, text = await self._post(self._session, body, headers)
        except TimeoutError:
            raise UnacknowledgedError("http_timeout") from None
        except aiohttp.ClientError:
            raise UnacknowledgedError("connection_failed") from None
        if response.status != HTTPStatus.OK:
            raise UnacknowledgedError("http_error")
        return _decode(response.content_type, text)

    async def _post(
        self, session: aiohttp.ClientSession, body: bytes, headers: dict[str, str]
    ) -> tuple[aiohttp.ClientResponse, str]:
        """Posts to the next URL that can be connected to."""
        self.urls.rotate(-1)
        refused: aiohttp.ClientConnectorError | None = None
        for url in [self.urls[-1], *self.urls][: len(self.urls)]:
            try:
                async with session.post(url, data=body, headers=headers) as response:
                    return response, await response.text()
            except aiohttp.ClientConnectorError as err:
                refused = err
        raise refused or UnacknowledgedError("connection_failed")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def signature(self, body: bytes) -> dict[str, str]:
        """The headers that prove that Slack has sent the body."""
        timestamp = str(int(time.time()))
        signed = b"v0:%s:%s" % (timestamp.encode(), body)
        digest = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _encode(delivery: Delivery) -> tuple[str, bytes]:
    """Encodes events as JSON, commands as a form, interactions as a form with one JSON field."""
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload).encode()
    fields = delivery.payload
    if delivery.kind == "interactive":
        fields = {"payload": json.dumps(fields)}
    return "application/x-www-form-urlencoded", urlencode(fields).encode()


def _decode(content_type: str, text: str) -> Json | None:
    if not text:
        return None
    if content_type == "application/json":
        answer: Json = json.loads(text)
        return answer
    return {"text": text}
