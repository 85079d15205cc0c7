"""An app without any of Slack's libraries, so that a test sees each frame."""

import asyncio
from typing import Any

import aiohttp

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack.platform import SlackPlatform
from slackbot.playground.fake_slack.workspace import Workspace


class BareApp:
    """A Socket Mode app that records what it receives, and normally acknowledges it."""

    def __init__(self, server: Workspace | SlackPlatform, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._session = session
        self._connections: list[aiohttp.ClientWebSocketResponse] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.unresponsive = False
        self.answers: dict[str, Any] = {}
        """The body of the acknowledgement, by the envelope's type."""
        self.received: list[dict[str, Any]] = []
        self.received_by: list[int] = []
        """The number of the connection over which each frame arrived."""
        self.changes = ChangeNotifier()
        """Notified of every frame."""

    async def connect(self) -> aiohttp.ClientWebSocketResponse:
        app = self._server.app
        headers = {"Authorization": f"Bearer {app.app_token}"}
        url = f"{self._server.url}apps.connections.open"
        async with self._session.post(url, headers=headers) as response:
            link = (await response.json())["url"]
        connection = await self._session.ws_connect(link)
        hello = await connection.receive_json()
        assert hello["type"] == "hello"
        self._tasks.append(asyncio.create_task(self._read(connection, len(self._tasks))))
        self._connections.append(connection)
        return connection

    @property
    def events(self) -> list[dict[str, Any]]:
        return [
            frame["payload"]["event"] for frame in self.received if frame["type"] == "events_api"
        ]

    async def disconnected(self) -> None:
        """Returns once all connections have ended and their frames are recorded."""
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._connections:
            await connection.close()

    async def _read(self, connection: aiohttp.ClientWebSocketResponse, number: int) -> None:
        async for message in connection:
            frame = message.json()
            self.received.append(frame)
            self.received_by.append(number)
            self.changes.notify()
            if "envelope_id" in frame and not self.unresponsive:
                answer = {"envelope_id": frame["envelope_id"]}
                if frame["type"] in self.answers:
                    answer["payload"] = self.answers[frame["type"]]
                await connection.send_json(answer)
