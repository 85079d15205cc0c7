"""A model's server that sends without an end: the bot reads a part, says so, and goes on."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from slackbot.llm.openai.event_stream import MAX_EVENT_BYTES
from slackbot.llm.openai.http_client import MAX_ERROR_BYTES
from slackbot.playground.local_server import LocalServer
from tests.harness import BotHarness

MEBIBYTE = 2**20
SENT = 100 * MEBIBYTE
BUFFERS = 16 * MEBIBYTE
"""What sockets take before somebody reads it."""


class BrokenServer:
    """Answers each request with the same pieces, up to 100 MiB of them."""

    def __init__(self, piece: bytes, *, status: int = 200, first: bytes = b"") -> None:
        self.piece = piece
        self.status = status
        self.first = first
        self.most_sent = 0
        """In bytes, of one answer."""
        self.app = web.Application()
        self.app.router.add_post("/v1/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=self.status)
        await response.prepare(request)
        sent = 0
        with suppress(ConnectionError):
            await response.write(self.first)
            while sent < SENT:
                await response.write(self.piece)
                sent += len(self.piece)
                self.most_sent = max(self.most_sent, sent)
        return response


async def answers(harness: BotHarness, broken: BrokenServer, api: str) -> AsyncIterator[str]:
    """What people read when they ask twice."""
    async with LocalServer(broken.app) as server:
        changes = {
            "OPENAI_BASE_URL": f"http://{server.address}/v1",
            "OPENAI_API": api,
            "SLACKBOT_MAX_ANSWER_TOKENS": "1000",
        }
        async with harness.running(changes):
            for _ in range(2):
                _, shown = await harness.ask("hello?")
                yield shown


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_line_without_an_end(harness: BotHarness, api: str) -> None:
    """A line is read up to the size of the largest event."""
    broken = BrokenServer(b"x" * MEBIBYTE, first=b"data: ")
    async for shown in answers(harness, broken, api):
        assert shown == "⚠️ _The model's server sent something that is not an answer._"
    assert broken.most_sent < MAX_EVENT_BYTES + BUFFERS


@pytest.mark.parametrize("status", [400, 401, 503])
async def test_an_error_without_an_end(harness: BotHarness, status: int) -> None:
    """Only the beginning of an error is read."""
    broken = BrokenServer(b"x" * MEBIBYTE, status=status)
    async for shown in answers(harness, broken, "chat"):
        assert shown.startswith("⚠️ _The model")
    assert broken.most_sent < MAX_ERROR_BYTES + BUFFERS


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_events_of_an_unknown_kind(harness: BotHarness, api: str) -> None:
    """Events that say nothing have an end, as thoughts have."""
    broken = BrokenServer(b'data: {"type": "response.unknown"}\n\n' * 100)
    async for shown in answers(harness, broken, api):
        assert shown.startswith("⚠️ _The model reached its length limit")
    assert broken.most_sent < BUFFERS
