"""Attacks by the downloads of files: they send more than they say, pack it, or never end."""

import gzip
from asyncio import Event
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from slackbot.conversation.attachment import MAX_FILE_BYTES, Attachment
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.errors import AttachmentError
from slackbot.slack.client import web_client
from slackbot.slack.downloads import Downloads
from slackbot.slack.file_downloads import SlackFiles

CHUNK = bytes(10**6)

MAX_SENT_BYTES = 3 * MAX_FILE_BYTES


class Server:
    """A Slack whose files are hostile."""

    def __init__(self) -> None:
        self.file: Mapping[str, Any] = {}
        """What files.info says."""
        self.sent_bytes = 0
        """Of endless downloads; more than arrives, as some are under way in the network."""
        self.completed: list[str] = []
        """The paths of the downloads that were sent to their end."""
        self.requests: list[str] = []
        """The paths of the downloads, in order."""
        self.url = ""
        self.closing = Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/api/files.info", self._info)
        app.router.add_get("/files/endless", self._endless)
        app.router.add_get("/files/said/{bytes}", self._said)
        app.router.add_get("/files/packed", self._packed)
        app.router.add_get("/files/slow", self._slow)
        return app

    async def _info(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True, "file": self.file})

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):  # the bot has left, before or during the write
            while True:
                await response.write(CHUNK)
                self.sent_bytes += len(CHUNK)
        return response

    async def _said(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        said = int(request.match_info["bytes"])
        response = web.StreamResponse(headers={"Content-Length": str(said)})
        await response.prepare(request)
        with suppress(ConnectionError):  # the bot has left, before or during the write
            for _ in range(min(said, MAX_SENT_BYTES) // len(CHUNK)):
                await response.write(CHUNK)
            self.completed.append(request.path)
        return response

    async def _packed(self, request: web.Request) -> web.Response:
        self.requests.append(request.headers["Accept-Encoding"])
        packed = gzip.compress(bytes(10 * MAX_FILE_BYTES), 1)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async def _slow(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await self.closing.wait()
        return response


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    runner = web.AppRunner(server.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    server.closing.set()
    await runner.cleanup()


async def nobody(_: UserId) -> str | None:
    return None


async def fetch(server: Server, path: str, **fields: Any) -> bytes:
    server.file = {
        "id": "F1",
        "name": "notes.txt",
        "mimetype": "text/plain",
        "url_private": f"{server.url}{path}",
        **fields,
    }
    async with web_client(f"{server.url}/api/", "xoxb-test") as client:
        found = await SlackFiles(client, nobody).find(ChannelId("C1"), Attachment("F1"))
        return await found.read()


@pytest.mark.parametrize("path", ["/files/endless", f"/files/said/{10**12}"])
async def test_endless_file(server: Server, path: str) -> None:
    """A download ends at 20 MB, whatever it says about its length."""
    with pytest.raises(AttachmentError, match="larger than 20 MB"):
        await fetch(server, path)
    assert server.sent_bytes <= MAX_SENT_BYTES
    assert server.completed == []
    assert len(server.requests) == 1


async def test_file_that_says_its_length(server: Server) -> None:
    """What says that it is too large is not read at all."""
    with pytest.raises(AttachmentError, match="larger than 20 MB"):
        await fetch(server, f"/files/said/{MAX_FILE_BYTES + 1}")
    assert server.completed == []


async def test_packed_file(server: Server) -> None:
    """The bot asks for nothing packed, and what is packed all the same counts as it unpacks."""
    with pytest.raises(AttachmentError, match="larger than 20 MB"):
        await fetch(server, "/files/packed")
    assert server.requests == ["identity"]


async def test_attachments_of_an_email(server: Server) -> None:
    """The attachments of an email take 20 MB together: none is fetched that has no room left."""
    size = MAX_FILE_BYTES * 3 // 4
    attached = [
        {"filename": f"{number}.txt", "url": f"{server.url}/files/said/{size}"}
        for number in range(4)
    ]
    email = await fetch(
        server, "", mode="email", filetype="email", plain_text="Hi", attachments=attached
    )
    assert len(email) < 2 * MAX_FILE_BYTES
    assert server.completed == [f"/files/said/{size}"]
    assert [f"{number}.txt".encode() in email for number in range(4)] == [True] * 4


async def test_download_that_never_ends(server: Server) -> None:
    """A download that stalls is given up after one time limit for all attempts."""
    async with web_client(f"{server.url}/api/", "xoxb-test") as client:
        downloads = Downloads(client, max_seconds=0.3)
        with pytest.raises(AttachmentError, match="could not be fetched from Slack"):
            await downloads.fetch(URL(f"{server.url}/files/slow"), Attachment("F1", "notes.txt"))
    assert server.requests == ["/files/slow"]
