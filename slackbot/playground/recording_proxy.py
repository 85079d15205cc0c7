"""Between the bot and its model: hands everything on, and keeps it for the inspector."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from slackbot.playground.local_server import LocalServer
from slackbot.playground.wire import Json

LARGEST_REQUEST = 64 * 2**20
MOST = 500
"""How many exchanges are kept."""

PASSED_ON = ("accept", "authorization", "content-type", "user-agent")
"""The headers that the model's server gets."""
RETURNED = ("content-type", "retry-after", "x-request-id", "x-should-retry")
"""The headers that the bot gets."""

PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=30)
"""How long to wait is the bot's decision."""


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and what came back. Times are monotonic seconds."""

    number: int
    path: str
    body: Json
    """Empty where it was not JSON."""
    started: float
    status: int = 0
    """0 until the server answers; 502 if it could not be reached."""
    chunks: list[tuple[float, int]] = field(default_factory=list)
    """When each piece of text came, and how many characters it had."""
    text: str = ""
    tools: list[Json] = field(default_factory=list)
    """The tool calls that were asked for: name and arguments."""
    usage: Json = field(default_factory=dict)
    error: str = ""
    ended: float | None = None


class RecordingProxy(LocalServer):
    """Keys are handed on, never kept."""

    def __init__(self, upstream: str, changed: Callable[[], None]) -> None:
        """`upstream` is the model server's base URL, such as https://api.openai.com/v1."""
        self.exchanges: list[Exchange] = []
        self._upstream = upstream.rstrip("/")
        self._changed = changed
        self._count = 0
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/v1/{path:.*}", self._pass_on)
        super().__init__(app)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            # A connection for each request: a kept one may be closed just as it is used again.
            connector=aiohttp.TCPConnector(force_close=True),
            timeout=PATIENCE,
            trust_env=True,
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
        """The base URL, as clients want it."""
        return f"http://{self.address}/v1"

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        path = request.match_info["path"]
        exchange = self._begin(path, content)
        try:
            return await self._exchange(request, path, content, exchange)
        except aiohttp.ClientError as err:
            if exchange.status:  # its beginning has reached the bot: so does the break
                exchange.error = exchange.error or "the connection broke off"
                if request.transport is not None:
                    request.transport.abort()
                raise
            exchange.status, exchange.error = 502, f"not reached: {type(err).__name__}"
            error = {"message": "The model's server was not reached.", "type": "server_error"}
            return web.json_response({"error": error}, status=502)
        finally:
            exchange.ended = time.monotonic()
            self._changed()

    async def _exchange(
        self, request: web.Request, path: str, content: bytes, exchange: Exchange
    ) -> web.StreamResponse:
        assert self._session is not None  # noqa: S101 - it is there while this serves
        async with self._session.request(
            request.method,
            f"{self._upstream}/{path}",
            params=request.query,
            data=content or None,
            headers=_chosen(request.headers, PASSED_ON),
        ) as answer:
            exchange.status = answer.status
            response = web.StreamResponse(
                status=answer.status, headers=_chosen(answer.headers, RETURNED)
            )
            await response.prepare(request)
            reader = _StreamReader(exchange, streamed=answer.content_type == "text/event-stream")
            async for piece in answer.content.iter_any():
                reader.feed(piece)
                self._changed()
                await response.write(piece)
            reader.close()
            await response.write_eof()
            return response

    def _begin(self, path: str, content: bytes) -> Exchange:
        self._count += 1
        exchange = Exchange(self._count, path, _object(content), time.monotonic())
        self.exchanges.append(exchange)
        del self.exchanges[:-MOST]
        self._changed()
        return exchange


class _StreamReader:
    """Reads an answer as it passes: server-sent events of either API, or one piece of JSON.

    https://platform.openai.com/docs/api-reference/chat-streaming
    """

    def __init__(self, exchange: Exchange, *, streamed: bool) -> None:
        self._exchange = exchange
        self._streamed = streamed
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        self._rest += piece
        if self._streamed:
            *lines, self._rest = self._rest.split(b"\n")
            for line in lines:
                if line.startswith(b"data:"):
                    self._note(_object(line.removeprefix(b"data:")), "delta")

    def close(self) -> None:
        if not self._streamed:
            self._note(_object(self._rest), "message")

    def _note(self, data: Json, part: str) -> None:
        self._note_end(data)
        if str(data.get("type", "")).startswith("response."):
            self._note_event(data)
        for choice in data.get("choices") or []:
            delta = choice.get(part) or {}
            self._note_text(delta.get("content") or delta.get("refusal") or "")
            for call in delta.get("tool_calls") or []:
                self._note_call(call)

    def _note_event(self, event: Json) -> None:
        """https://platform.openai.com/docs/api-reference/responses-streaming"""
        match event["type"]:
            case "response.output_text.delta" | "response.refusal.delta":
                self._note_text(str(event.get("delta", "")))
            case "response.output_item.done":
                item = event.get("item") or {}
                if item.get("type") == "function_call":
                    called = {name: item.get(name) for name in ("name", "arguments")}
                    self._exchange.tools.append(called)
            case "response.completed" | "response.incomplete" | "response.failed":
                self._note_end(event.get("response") or {})

    def _note_end(self, data: Json) -> None:
        if isinstance(error := data.get("error"), Mapping):
            self._exchange.error = str(error.get("message", ""))
        if isinstance(usage := data.get("usage"), dict):
            self._exchange.usage = usage

    def _note_text(self, text: str) -> None:
        if text:
            self._exchange.text += text
            self._exchange.chunks.append((time.monotonic(), len(text)))

    def _note_call(self, call: Json) -> None:
        function, tools = call.get("function") or {}, self._exchange.tools
        if function.get("name"):
            tools.append({"name": function["name"], "arguments": ""})
        if tools:
            tools[-1]["arguments"] += function.get("arguments") or ""


def _chosen(headers: Mapping[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return dict(_present(headers, names))


def _present(headers: Mapping[str, str], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        if (value := headers.get(name)) is not None:
            yield name, value


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
