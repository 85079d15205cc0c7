"""Slack's end of Socket Mode: connections that the app opened, envelopes out, acknowledgements in.

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

from aiohttp import WSMessage, WSMsgType, web

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack.delivery import Delivery, UnacknowledgedError
from slackbot.playground.wire import Json

CLOSING_SECONDS = 1.0
"""How long a connection that is being closed may take to say goodbye."""


@dataclass(slots=True, eq=False)
class AppConnection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    awaited: dict[str, "asyncio.Future[Json | None]"] = field(default_factory=dict)
    """Envelopes sent over it and not acknowledged yet, by their ids."""
    silent: bool = False
    """Whether it has died unnoticed: nothing gets through any more, in either direction."""


class SocketModeServer:
    """The app's open connections; envelopes go to them in turn."""

    def __init__(self, app_id: str, changes: ChangeNotifier) -> None:
        self._app_id = app_id
        self._changes = changes
        self._tickets: dict[str, float] = {}
        """When each was issued, in monotonic seconds."""
        self._connections: deque[AppConnection] = deque()
        self.ticket_lifetime = 30.0
        """Seconds for which a connection can be opened with a ticket."""
        self.refusing = False
        """Whether new connections are refused."""

    @property
    def count(self) -> int:
        return len(self._connections)

    @property
    def connections(self) -> Sequence[AppConnection]:
        return tuple(self._connections)

    @property
    def silent(self) -> bool:
        """Whether any connection has died unnoticed.

        Setting it concerns all that are open at that moment; those opened later are alive.
        """
        return any(connection.silent for connection in self._connections)

    @silent.setter
    def silent(self, silent: bool) -> None:
        for connection in self._connections:
            connection.silent = silent

    def ticket(self) -> str:
        """Good for opening one connection, soon."""
        ticket = uuid.uuid4().hex
        self._tickets[ticket] = time.monotonic()
        return ticket

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Serves one connection for as long as it lasts."""
        if self.refusing:
            raise web.HTTPServiceUnavailable
        issued = self._tickets.pop(request.query.get("ticket", ""), -math.inf)
        if time.monotonic() - issued >= self.ticket_lifetime:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(autoping=False, timeout=CLOSING_SECONDS)
        try:
            await socket.prepare(request)
            await self._serve(AppConnection(socket, request.transport))
        except ConnectionError:  # whoever asked was killed meanwhile
            raise web.HTTPServiceUnavailable from None
        return socket

    async def attempt(self, delivery: Delivery, patience: float, ack_timeout: float) -> Json | None:
        """Sends a delivery over the next connection; returns what came with its acknowledgement.

        Waits `patience` seconds for a connection if there is none, and `ack_timeout` seconds for
        the acknowledgement. Raises UnacknowledgedError.
        """
        connection = await self._next(patience)
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
        """Ends all connections: with a `disconnect` frame first, or abruptly without a reason."""
        ended = set(self._connections)
        for connection in ended:
            if reason is not None and not connection.silent:
                await _say_goodbye(connection.socket, reason)
            elif connection.transport is not None:
                connection.transport.abort()
        await self._changes.until(lambda: ended.isdisjoint(self._connections))

    async def close(self) -> None:
        self.refusing = True
        await asyncio.gather(*(connection.socket.close() for connection in self._connections))

    async def _next(self, patience: float) -> AppConnection:
        try:
            async with asyncio.timeout(patience):
                await self._changes.until(lambda: self._connections)
        except TimeoutError:
            raise UnacknowledgedError("connection_failed", final=True) from None
        self._connections.rotate(-1)
        return self._connections[-1]

    async def _serve(self, connection: AppConnection) -> None:
        self._connections.append(connection)
        try:
            await connection.socket.send_json(self._hello())
            self._changes.notify()
            async for frame in connection.socket:
                await self._receive(connection, frame)
        finally:
            self._lose(connection)

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

    def _lose(self, connection: AppConnection) -> None:
        """What went over this connection and was not acknowledged is to be sent again."""
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


async def _say_goodbye(socket: web.WebSocketResponse, reason: str) -> None:
    try:
        frame = {"type": "disconnect", "reason": reason, "debug_info": _debug_info()}
        await socket.send_json(frame)
    except ConnectionError:
        return
    await socket.close()


def _debug_info() -> Json:
    return {"host": "playground", "build_number": 1, "approximate_connection_time": 18060}
