"""How what other replicas announce arrives (`store/announcements.py` says what that is).

PostgreSQL sends notifications to connections that listen, and forgets those that nobody receives.
So they only say sooner what polling finds anyway. The connection that listens must be one to the
server itself: PgBouncer in transaction mode swallows notifications. Every few seconds another
connection sends one, which must arrive; only then polling may be rare.
https://www.postgresql.org/docs/15/sql-notify.html
"""

import asyncio
import json
import logging
from typing import LiteralString
from uuid import uuid4

import psycopg

from slackbot.backoff import pause
from slackbot.errors import StoreError
from slackbot.store.announcements import Listener, tell
from slackbot.store.postgres.errors import store_error
from slackbot.store.postgres.lone_connection import LoneConnection, Row, connect, cut

logger = logging.getLogger(__name__)

PROBE_INTERVAL_SECONDS = 15.0

PROBE_TIMEOUT_SECONDS = 5.0
"""How long a notification may be on its way."""

SWALLOWED_PAUSE_SECONDS = 300.0
"""Each try leaves a connection of PgBouncer's that listens."""

CHANNEL: LiteralString = "slackbot"

LISTEN: LiteralString = f"LISTEN {CHANNEL}"

NOTIFY: LiteralString = f"SELECT pg_notify('{CHANNEL}', %(payload)s)"

SWALLOWED = (
    "Notifications of other replicas do not arrive, so this one asks the database each second. If "
    "PgBouncer stands before the database, set SLACKBOT_LISTEN_URL to an address of the server "
    "itself"
)


class SwallowedError(Exception):
    """No notification arrives, though the connection works."""


class Notifications:
    """Listens, and connects again for as long as `run()` runs."""

    def __init__(
        self,
        address: str,
        sender: LoneConnection,
        listener: Listener,
        *,
        probe_interval_seconds: float = PROBE_INTERVAL_SECONDS,
        probe_timeout_seconds: float = PROBE_TIMEOUT_SECONDS,
    ) -> None:
        """`address` is one of the server itself. `sender` connects as those who notify do."""
        self._address = address
        self._sender = sender
        self._listener = listener
        self._probe_interval_seconds = probe_interval_seconds
        self._probe_timeout_seconds = probe_timeout_seconds
        self._arrive = False
        self._probe = ""
        """What was sent last."""
        self._listens = asyncio.Event()
        self._probe_arrived = asyncio.Event()

    def arrive(self) -> bool:
        """Whether what is announced arrives, as far as is known."""
        return self._arrive

    async def run(self) -> None:
        """Listens until it is cancelled."""
        failures = 0
        while True:
            wait = 0.0
            try:
                await self._listen()
            except SwallowedError:
                logger.warning(SWALLOWED)
                wait = SWALLOWED_PAUSE_SECONDS
            except (psycopg.Error, StoreError, TimeoutError) as err:
                logger.warning("Notifications don't arrive now (%s)", type(err).__name__)
            except Exception:  # a bug must not end it: polling goes on
                logger.exception("Notifications don't arrive now")
            failures = 1 if self._arrive else failures + 1
            self._arrive = False
            await asyncio.sleep(max(wait, pause(failures)))

    async def _listen(self) -> None:
        """Does not return; raises when notifications no longer arrive."""
        self._listens.clear()
        connection = await connect(self._address)  # each of its hosts has its time
        receiving = asyncio.create_task(self._receive(connection))
        probing = asyncio.create_task(self._probe_again_and_again())
        try:
            done, _ = await asyncio.wait({receiving, probing}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            probing.cancel()
            cut(connection)  # psycopg would ask the server to cancel, and wait for that
            await asyncio.gather(receiving, probing, return_exceptions=True)
            await connection.close()

    async def _receive(self, connection: psycopg.AsyncConnection[Row]) -> None:
        await connection.execute(LISTEN)
        self._listens.set()
        async for notification in connection.notifies():
            self._handle(notification.payload)

    def _handle(self, payload: str) -> None:
        if payload == self._probe:
            self._probe_arrived.set()
        else:
            tell(self._listener, payload)

    async def _probe_again_and_again(self) -> None:
        async with asyncio.timeout(self._probe_timeout_seconds):
            await self._listens.wait()
        while True:
            self._probe = _new_probe()
            self._probe_arrived.clear()
            await self._sender.run(NOTIFY, {"payload": self._probe})
            try:
                async with asyncio.timeout(self._probe_timeout_seconds):
                    await self._probe_arrived.wait()
            except TimeoutError:
                if self._arrive:  # the connection was lost, and nobody said so
                    raise
                raise SwallowedError from None
            if not self._arrive:
                self._arrive = True
                self._listener.on_gap()
            await asyncio.sleep(self._probe_interval_seconds)


async def notifications_arrive(
    listen_address: str, address: str, *, timeout_seconds: float = PROBE_TIMEOUT_SECONDS
) -> bool:
    """Whether one that is sent at `address` arrives at `listen_address`.

    Raises StoreError if one of them can't be reached.
    """
    sender = LoneConnection(address)
    try:
        connection = await connect(listen_address)
        try:
            await connection.execute(LISTEN)
            sent = _new_probe()
            await sender.run(NOTIFY, {"payload": sent})
            async for notification in connection.notifies(timeout=timeout_seconds):
                if notification.payload == sent:
                    return True
            return False
        finally:
            await connection.close()
    except psycopg.Error as err:
        raise store_error(err) from err
    finally:
        await sender.close()


def _new_probe() -> str:
    return json.dumps({"probe": uuid4().hex})
