"""Slack's events over a WebSocket that we open: no public address is needed.

https://docs.slack.dev/apis/events-api/using-socket-mode

Slack asks for a new connection every few hours, and drops some or lets them fall silent. Slack's
own client asks for an address once and retries it forever, though an address is good for one
connection within seconds; it also logs addresses, which are secret. So here every attempt asks for
a new address, as often as Slack allows, and the log names only the kind of failure.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from slackbot.backoff import pause
from slackbot.errors import DeliveryError, RateLimitedError, RevokedError, UnreachableError
from slackbot.network.failures import network_error
from slackbot.slack import texts
from slackbot.slack.address_budget import AddressBudget
from slackbot.slack.api_calls import call
from slackbot.slack.client import WebClient
from slackbot.slack.dispatcher import Dispatcher
from slackbot.slack.events import is_own_echo
from slackbot.slack.identity import Identity
from slackbot.slack.payloads import is_readable
from slackbot.slack.repeats import Repeats

logger = logging.getLogger(__name__)

PING_INTERVAL_SECONDS = 10.0
"""A connection that does not answer a ping within half of it is lost."""

OPEN_TIMEOUT_SECONDS = 15.0

CLOSE_TIMEOUT = aiohttp.ClientWSTimeout(ws_close=1.0)
"""Seconds."""

STABLE_AFTER_SECONDS = 10.0
"""When a connection that lasted this long ends, the next is opened at once."""

DRAIN_TIMEOUT_SECONDS = 1.0
"""How long envelopes that have arrived may take when the bot stops."""

ENVELOPE_FIELDS = ("type", "envelope_id", "payload", "retry_attempt", "retry_reason")


@asynccontextmanager
async def connecting(
    dispatcher: Dispatcher,
    client: WebClient,
    me: Identity | None,
    app_token: str,
    *,
    first_address: str | None = None,
    ping: float = PING_INTERVAL_SECONDS,
) -> AsyncIterator["SocketConnections"]:
    """Connects, and stays connected, while the block runs.

    `me` is the bot, unless there are several. The socket is opened by `client`, whose connections
    nothing else may use up. `first_address` is where to connect first, if Slack was asked for an
    address already.
    """
    connections = SocketConnections(dispatcher, client, me, app_token, first_address, ping)
    keeping = asyncio.create_task(connections.keep())
    try:
        yield connections
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await connections.close()


class SocketConnection:
    """One WebSocket, from its opening to its end."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.ending = asyncio.Event()
        """Another one is needed: it was lost, or Slack is about to end it."""
        self.reason = ""
        """Why, in Slack's word or as a code of WebSocket's."""


class SocketConnections:
    """Usually one; a new one is opened before Slack ends the old."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        client: WebClient,
        me: Identity | None,
        app_token: str,
        first_address: str | None,
        ping: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._client = client
        self._me = me
        self._app_token = app_token
        self._first_address = first_address
        self._ping = ping
        self._address_budget = AddressBudget()
        self._repeats = Repeats()
        if first_address is not None:
            self._address_budget.spend(asyncio.get_running_loop().time())
        self._open: set[SocketConnection] = set()
        self._opened = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def are_open(self) -> bool:
        return any(not connection.ending.is_set() for connection in self._open)

    async def until_open(self) -> None:
        """Returns when the first one is open."""
        await self._opened.wait()

    async def keep(self) -> None:
        """Opens one connection after the other until it is cancelled."""
        now = asyncio.get_running_loop().time
        short_lived = 0
        while True:
            began = now()
            wait = 0.0
            try:
                connection = await self._connect()
                await connection.ending.wait()
                logger.info(
                    "The connection to Slack ends (%s): another one is opened", connection.reason
                )
            except Exception as err:  # noqa: BLE001 - the bot must reconnect
                wait = self._explain(err)
            short_lived = 0 if now() - began > STABLE_AFTER_SECONDS else short_lived + 1
            if short_lived > 1:
                wait = max(wait, pause(short_lived - 1))
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Envelopes that have arrived get a moment to be handled and acknowledged."""
        handling = {task for task in self._tasks if task.get_name() == "envelope"}
        if handling:
            await asyncio.wait(handling, timeout=DRAIN_TIMEOUT_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self) -> SocketConnection:
        """Opens a connection and starts to listen to it."""
        address, self._first_address = self._first_address, None
        address = address or await self._new_address()
        session = self._client.session
        assert session is not None  # noqa: S101 - web_client() gives it one
        async with asyncio.timeout(OPEN_TIMEOUT_SECONDS):
            socket = await session.ws_connect(address, heartbeat=self._ping, timeout=CLOSE_TIMEOUT)
        connection = SocketConnection(socket)
        self._open.add(connection)
        self._opened.set()
        self._begin(self._listen(connection), "connection")
        return connection

    async def _new_address(self) -> str:
        """Waits until Slack may be asked again, then asks."""
        now = asyncio.get_running_loop().time
        if delay := self._address_budget.delay(now()):
            logger.warning("Slack is asked for a new connection in %.0f s", delay)
            await asyncio.sleep(delay)
        request = self._client.apps_connections_open(app_token=self._app_token)
        self._address_budget.spend(now())
        try:
            return str((await call("apps.connections.open", request))["url"])
        except UnreachableError as err:
            if not err.sent:
                self._address_budget.refund()
            raise

    def _explain(self, err: Exception) -> float:
        """Logs why there is no connection; returns the seconds that Slack asks to wait."""
        match err:
            case RevokedError(code=code):
                logger.critical("Slack refuses the app-level token (%s): set a new one", code)
            case DeliveryError(code=code):
                advice = texts.HOW_TO_GET_SOCKET_ACCESS
                logger.critical("Slack refuses the app-level token (%s): %s", code, advice)
            case RateLimitedError(retry_after=seconds):
                logger.warning("Slack gives no address for a socket for %.0f s", seconds)
            case UnreachableError(code=code) if code:
                logger.warning("Slack gives no address for a socket (%s)", code)
            case aiohttp.WSServerHandshakeError(status=status):
                logger.warning("Slack can't be reached over Socket Mode: status %s", status)
            case _:
                fault = network_error(err)
                reason = fault.user_message if fault else type(err.__cause__ or err).__name__
                logger.warning("Slack can't be reached over Socket Mode: %s", reason)
        return err.retry_after if isinstance(err, RateLimitedError) else 0.0

    async def _listen(self, connection: SocketConnection) -> None:
        try:
            async for frame in connection.socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._receive(connection, frame.data)
        finally:
            connection.reason = connection.reason or f"code {connection.socket.close_code}"
            connection.ending.set()
            self._open.discard(connection)
            await connection.socket.close()

    def _receive(self, connection: SocketConnection, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if isinstance(message, dict) and "envelope_id" in message:
            self._begin(self._handle(connection, message), "envelope")
        elif not isinstance(message, dict) or "type" not in message:
            logger.warning("Slack sent something unknown over its socket")
        elif message["type"] == "disconnect":
            connection.reason = f"{str(message.get('reason'))!r:.80}"
            if advice := texts.DISCONNECT_ADVICE.get(str(message.get("reason"))):
                logger.warning("Slack ends a connection (%s): %s", connection.reason, advice)
            connection.ending.set()

    async def _handle(self, connection: SocketConnection, message: dict[str, Any]) -> None:
        """Hands an envelope to the app and acknowledges it once the app is done.

        An echo of the bot's own calls is acknowledged at once: most envelopes are one.
        """
        acknowledgement = SocketModeResponse(message["envelope_id"])
        payload = message.get("payload")
        if not is_readable(payload):
            logger.warning("A payload that can't be read was ignored")
        elif self._me is None or not is_own_echo(payload.get("event", {}), self._me):
            fields: dict[str, Any] = {name: message.get(name) for name in ENVELOPE_FIELDS}
            envelope = SocketModeRequest(**fields)
            try:
                response = await self._repeats.once(
                    str(envelope.envelope_id), lambda: self._dispatch(envelope)
                )
            except Exception:  # a bug, of ours or Bolt's, must not end in silence
                logger.exception("An envelope could not be handled")
                return
            if response.status != 200:  # noqa: PLR2004
                logger.warning("An envelope was not handled: Slack will send it again")
                return
            acknowledgement.payload = _payload(response)
        try:
            await connection.socket.send_json(acknowledgement.to_dict())
        except ConnectionError:
            logger.info("An acknowledgement was lost with its connection")

    async def _dispatch(self, envelope: SocketModeRequest) -> BoltResponse:
        request = AsyncBoltRequest(
            mode="socket_mode", body=envelope.payload, headers=build_headers(envelope)
        )
        return await self._dispatcher.async_dispatch(request)

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _payload(response: BoltResponse) -> dict[str, Any] | None:
    """What the acknowledgement carries, such as the answer to a command."""
    if not response.body:
        return None
    content_type = response.headers.get("content-type", [""])[0]
    if content_type.startswith("application/json"):
        payload: dict[str, Any] = json.loads(response.body)
        return payload
    return {"text": response.body}
