"""What an attacker does with the bot's port: raw bytes over sockets."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from slackbot.service import Service
from tests.harness import BotHarness

PATIENCE_SECONDS = 60.0

LOOKS_SIGNED = {"X-Slack-Signature": f"v0={'0' * 64}"}


@asynccontextmanager
async def over_http(harness: BotHarness) -> AsyncIterator[Service]:
    """The bot receives the workspace's events over HTTP while the block runs."""
    secret = harness.workspace.signing_secret
    http = {"SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": secret, "PORT": "0"}
    async with harness.running(http) as service:
        harness.workspace.events_url = f"http://127.0.0.1:{service.port}/slack/events"
        yield service


def signed(secret: str, body: bytes, timestamp: str = "") -> dict[str, str]:
    """The headers with which Slack signs a body now, or at another time."""
    timestamp = timestamp or str(int(time.time()))
    text = b"v0:%b:%b" % (timestamp.encode(), body)
    digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def looks_signed() -> dict[str, str]:
    """Headers that only the body can prove wrong."""
    return {"X-Slack-Request-Timestamp": str(int(time.time())), **LOOKS_SIGNED}


def request(body: bytes, headers: Mapping[str, str], *more: str) -> bytes:
    """A POST to /slack/events, byte for byte; `more` are whole lines of the head."""
    lines = [
        "POST /slack/events HTTP/1.1",
        "Host: bot.example",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode("utf-8") + body


class Wire:
    """One connection to the bot's port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int | None) -> AsyncIterator["Wire"]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            yield cls(reader, writer)
        finally:
            writer.transport.abort()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def ended(self) -> bytes:
        """Returns all that the bot has sent, once it has closed the connection."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self._reader.read()
            except ConnectionError:
                return b""

    async def status(self, data: bytes = b"") -> int:
        """Sends a request; returns the status of the answer, without waiting for the end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.send(data)
            line = await self._reader.readline()
        return int(line.split()[1])


async def status(port: int | None, data: bytes) -> int:
    """Sends a request over a connection of its own; returns the status of the answer."""
    async with Wire.open(port) as wire:
        return await wire.status(data)


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: bot.example\r\n\r\n"
