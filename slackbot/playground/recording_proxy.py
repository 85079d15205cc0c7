"""A proxy between the bot and its model that records every exchange for the inspector."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from yarl import URL

from slackbot.config import ModelAddress
from slackbot.network import DIRECT, Network
from slackbot.network.sessions import open_session
from slackbot.playground.json_types import Json
from slackbot.playground.local_server import LocalServer

MAX_REQUEST_BYTES = 64 * 2**20
MAX_EXCHANGES = 500
"""How many exchanges are kept in memory."""

FORWARDED_REQUEST_HEADERS = ("accept", "api-key", "authorization", "content-type", "user-agent")
"""The request headers that reach the model's server."""
FORWARDED_RESPONSE_HEADERS = ("content-type", "retry-after", "x-request-id", "x-should-retry")
"""The response headers that reach the bot."""

NOT_REACHED = "The model's server was not reached: it may be starting up."
"""The bot waits for a server that says so, as it does for a port at which nothing listens."""

UPSTREAM_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=30)
"""No timeout but for connecting: the bot decides how long it waits."""


@dataclass(slots=True, eq=False)
class Exchange:
    """One request to the model and its response. Times are monotonic seconds."""

    number: int
    path: str
    body: Json
    """Empty if the body was not JSON."""
    started: float
    status: int = 0
    """0 until the server answers; 502 if it could not be reached."""
    chunks: list[tuple[float, int]] = field(default_factory=list)
    """When each chunk of text arrived, and its length in characters."""
    text: str = ""
    tools: list[Json] = field(default_factory=list)
    """The tool calls in the response: name and arguments."""
    usage: Json = field(default_factory=dict)
    error: str = ""
    ended: float | None = None


class RecordingProxy(LocalServer):
    """Forwards requests to the model's server and records them. It never records keys."""

    def __init__(
        self, upstream: str, changed: Callable[[], None], network: Network = DIRECT
    ) -> None:
        """`upstream` is the model server's base URL, such as https://api.openai.com/v1, and
        `network` leads there.
        """
        self.exchanges: list[Exchange] = []
        self._upstream = ModelAddress.parse(upstream)
        self._changed = changed
        self._network = network
        self._count = 0
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._forward)
        super().__init__(app)

    async def __aenter__(self) -> Self:
        self._session = open_session(
            self._network,
            force_close=True,  # the server may close an idle connection as it is reused
            timeout=UPSTREAM_TIMEOUT,
        )
        return await super().__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await super().__aexit__(kind, error, traceback)
        if self._session is not None:
            await self._session.close()

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return self._upstream.at(f"http://{self.address}")

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        below = request.path.removeprefix(self._upstream.path)
        exchange = self._new_exchange(below.strip("/"), content)
        try:
            return await self._relay(request, content, exchange)
        except aiohttp.ClientError as err:
            if exchange.status:  # the bot has seen the start, so it must see the break too
                exchange.error = exchange.error or "the connection broke off"
                if request.transport is not None:
                    request.transport.abort()
                raise
            exchange.status, exchange.error = 502, f"not reached: {type(err).__name__}"
            error = {"message": NOT_REACHED, "type": "server_error"}
            return web.json_response({"error": error}, status=502)
        finally:
            exchange.ended = time.monotonic()
            self._changed()

    async def _relay(
        self, request: web.Request, content: bytes, exchange: Exchange
    ) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101 - it exists while the server runs
        async with self._session.request(
            request.method,
            URL(self._upstream.origin + request.raw_path, encoded=True),
            data=content or None,
            headers=_select(request.headers, FORWARDED_REQUEST_HEADERS),
        ) as answer:
            exchange.status = answer.status
            response = web.StreamResponse(
                status=answer.status, headers=_select(answer.headers, FORWARDED_RESPONSE_HEADERS)
            )
            await response.prepare(request)
            reader = _StreamReader(exchange, streamed=answer.content_type == "text/event-stream")
            async for chunk in answer.content.iter_any():
                reader.feed(chunk)
                self._changed()
                await response.write(chunk)
            reader.close()
            await response.write_eof()
            return response

    def _new_exchange(self, path: str, content: bytes) -> Exchange:
        self._count += 1
        exchange = Exchange(self._count, path, _json_object(content), time.monotonic())
        self.exchanges.append(exchange)
        del self.exchanges[:-MAX_EXCHANGES]
        self._changed()
        return exchange


class _StreamReader:
    """Records a response while it passes: server-sent events of either API, or a JSON object.

    https://platform.openai.com/docs/api-reference/chat-streaming
    """

    def __init__(self, exchange: Exchange, *, streamed: bool) -> None:
        self._exchange = exchange
        self._streamed = streamed
        self._buffer = b""

    def feed(self, chunk: bytes) -> None:
        self._buffer += chunk
        if self._streamed:
            *lines, self._buffer = self._buffer.split(b"\n")
            for line in lines:
                if line.startswith(b"data:"):
                    self._record(_json_object(line.removeprefix(b"data:")), "delta")

    def close(self) -> None:
        if not self._streamed:
            self._record(_json_object(self._buffer), "message")

    def _record(self, data: Json, part: str) -> None:
        self._record_end(data)
        if str(data.get("type", "")).startswith("response."):
            self._record_event(data)
        for choice in data.get("choices") or []:
            delta = choice.get(part) or {}
            self._record_text(delta.get("content") or delta.get("refusal") or "")
            for call in delta.get("tool_calls") or []:
                self._record_call(call)

    def _record_event(self, event: Json) -> None:
        """https://platform.openai.com/docs/api-reference/responses-streaming"""
        match event["type"]:
            case "response.output_text.delta" | "response.refusal.delta":
                self._record_text(str(event.get("delta", "")))
            case "response.output_item.done":
                item = event.get("item") or {}
                if item.get("type") == "function_call":
                    called = {name: item.get(name) for name in ("name", "arguments")}
                    self._exchange.tools.append(called)
            case "response.completed" | "response.incomplete" | "response.failed":
                self._record_end(event.get("response") or {})

    def _record_end(self, data: Json) -> None:
        if isinstance(error := data.get("error"), Mapping):
            self._exchange.error = str(error.get("message", ""))
        if isinstance(usage := data.get("usage"), dict):
            self._exchange.usage = usage

    def _record_text(self, text: str) -> None:
        if text:
            self._exchange.text += text
            self._exchange.chunks.append((time.monotonic(), len(text)))

    def _record_call(self, call: Json) -> None:
        function, tools = call.get("function") or {}, self._exchange.tools
        if function.get("name"):
            tools.append({"name": function["name"], "arguments": ""})
        if tools:
            tools[-1]["arguments"] += function.get("arguments") or ""


def _select(headers: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return dict(_selected(headers, names))


def _selected(headers: Mapping[str, str], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        if (value := headers.get(name)) is not None:
            yield name, value


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
