"""Slack's side of Socket Mode: sends envelopes over the app's connections, reads acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import math
import time
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import WSMessage, WSMsgType, web

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack.delivery import Delivery, UnacknowledgedError
from slackbot.playground.json_types import Json

if TYPE_CHECKING:
    from random import Random

CLOSE_TIMEOUT_SECONDS = 1.0
"""How long closing a connection may take."""


@dataclass(slots=True, eq=False)
class AppConnection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    awaited: dict[str, "asyncio.Future[Json | None]"] = field(default_factory=dict)
    """Envelopes sent over it and not acknowledged yet, by id."""
    silent: bool = False
    """Whether it has died unnoticed: nothing gets through in either direction."""


class SocketModeServer:
    """The app's open connections. Any of them can get an envelope; a retry goes to another one.

    https://docs.slack.dev/apis/events-api/using-socket-mode#connections
    """

    def __init__(self, app_id: str, changes: ChangeNotifier) -> None:
        self._app_id = app_id
        self._changes = changes
        self._tickets: dict[str, float] = {}
        """Ticket -> when it was issued, in monotonic seconds."""
        self._connections: deque[AppConnection] = deque()
        self.ticket_lifetime = 30.0
        """Seconds for which a ticket is valid."""
        self.refusing = False
        """Whether new connections are refused."""
        self.rng: Random | None = None
        """Draws the connection that gets an envelope; None means that they get them in turn."""

    @property
    def count(self) -> int:
        return len(self._connections)

    @property
    def connections(self) -> Sequence[AppConnection]:
        return tuple(self._connections)

    @property
    def silent(self) -> bool:
        """Whether any connection has died unnoticed.

        Setting it affects the connections that are open now, not later ones.
        """
        return any(connection.silent for connection in self._connections)

    @silent.setter
    def silent(self, silent: bool) -> None:
        for connection in self._connections:
            connection.silent = silent

    def ticket(self) -> str:
        """Returns a ticket for opening one connection."""
        ticket = uuid.uuid4().hex
        self._tickets[ticket] = time.monotonic()
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serves one connection until it ends."""
        if self.refusing:
            raise web.HTTPServiceUnavailable
        issued = self._tickets.pop(request.query.get("ticket", ""), -math.inf)
        if time.monotonic() - issued >= self.ticket_lifetime:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(autoping=False, timeout=CLOSE_TIMEOUT_SECONDS)
        try:
            await socket.prepare(request)
            await self._serve(AppConnection(socket, request.transport))
        except ConnectionError:  # the client was killed meanwhile
            raise web.HTTPServiceUnavailable from None
        return socket

    async def attempt(
        self, delivery: Delivery, connection_timeout: float, ack_timeout: float
    ) -> Json | None:
        """Sends a delivery over the next connection; returns the body of its acknowledgement.

        Waits up to `connection_timeout` seconds for a connection, and `ack_timeout` seconds for
        the acknowledgement. Raises UnacknowledgedError.
        """
        connection = await self._next(connection_timeout, delivery.connection)
        delivery.connection = connection
        envelope_id = str(uuid.uuid4())
        acknowledgement = asyncio.get_running_loop().create_future()
        connection.awaited[envelope_id] = acknowledgement
        try:
            async with asyncio.timeout(ack_timeout):
                if not connection.silent:
                    await connection.socket.send_json(_envelope(delivery, envelope_id))
                payload: Json | None = await acknowledgement
        except TimeoutError:
            raise UnacknowledgedError("timeout") from None
        except ConnectionError:
            raise UnacknowledgedError("connection_failed") from None
        finally:
            connection.awaited.pop(envelope_id, None)
        return payload

    async def disconnect(self, reason: str | None) -> None:
        """Ends all connections: after a `disconnect` frame, or abruptly if `reason` is None."""
        ended = set(self._connections)
        for connection in ended:
            if reason is not None and not connection.silent:
                await _send_disconnect(connection.socket, reason)
            elif connection.transport is not None:
                connection.transport.abort()
        await self._changes.until(lambda: ended.isdisjoint(self._connections))

    async def close(self) -> None:
        self.refusing = True
        await asyncio.gather(*(connection.socket.close() for connection in self._connections))

    async def _next(self, connection_timeout: float, tried: object) -> AppConnection:
        """Returns the connection for an attempt; another than `tried`, if there is one."""
        try:
            async with asyncio.timeout(connection_timeout):
                await self._changes.until(lambda: self._connections)
        except TimeoutError:
            raise UnacknowledgedError("connection_failed", final=True) from None
        others = [each for each in self._connections if each is not tried]
        if self.rng is not None:
            return self.rng.choice(others or list(self._connections))
        connection = (others or self._connections)[0]
        self._connections.remove(connection)
        self._connections.append(connection)
        return connection

    async def _serve(self, connection: AppConnection) -> None:
        self._connections.append(connection)
        try:
            await connection.socket.send_json(self._hello())
            self._changes.notify()
            async for frame in connection.socket:
                await self._receive(connection, frame)
        finally:
            self._remove(connection)

    async def _receive(self, connection: AppConnection, frame: WSMessage) -> None:
        if connection.silent:
            return
        if frame.type is WSMsgType.PING:
            await connection.socket.pong(frame.data)
        elif frame.type is WSMsgType.TEXT:
            message = json.loads(frame.data)
            acknowledgement = connection.awaited.pop(message.get("envelope_id"), None)
            if acknowledgement is not None and not acknowledgement.done():
                acknowledgement.set_result(message.get("payload"))

    def _remove(self, connection: AppConnection) -> None:
        """Removes a connection; its unacknowledged envelopes are sent again."""
        self._connections.remove(connection)
        for acknowledgement in connection.awaited.values():
            if not acknowledgement.done():
                acknowledgement.set_exception(UnacknowledgedError("connection_failed"))
        self._changes.notify()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.count,
            "connection_info": {"app_id": self._app_id},
            "debug_info": _debug_info(),
        }


def _envelope(delivery: Delivery, envelope_id: str) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
    }
    if delivery.kind == "events_api":
        envelope |= {"retry_attempt": delivery.retry, "retry_reason": delivery.retry_reason}
    return envelope


async def _send_disconnect(socket: web.WebSocketResponse, reason: str) -> None:
    try:
        frame = {"type": "disconnect", "reason": reason, "debug_info": _debug_info()}
        await socket.send_json(frame)
    except ConnectionError:
        return
    await socket.close()


def _debug_info() -> Json:
    return {"host": "playground", "build_number": 1, "approximate_connection_time": 18060}
