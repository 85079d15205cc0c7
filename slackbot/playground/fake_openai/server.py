"""A small OpenAI-compatible server for tests and for the playground's stand-in model.

It implements Chat Completions and the streaming Responses API as strictly as OpenAI's server, and
can answer a request with any failure that real servers have shown.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

from aiohttp import web

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_openai.chat_completion import ScriptedCompletion
from slackbot.playground.fake_openai.media import ModelMedia
from slackbot.playground.fake_openai.request_checks import RequestRules
from slackbot.playground.fake_openai.response import ScriptedResponse
from slackbot.playground.fake_openai.script import Refusal, Script, says
from slackbot.playground.fake_openai.stand_in import stand_in
from slackbot.playground.fake_openai.stream import ModelStream
from slackbot.playground.local_server import LocalServer

MAX_REQUEST_BYTES = 64 * 2**20

WRONG_KEY = Refusal(401, "Incorrect API key provided.", code="invalid_api_key")


class ModelServer(LocalServer):
    """Answers requests with the enqueued scripts in order, then with those of `answer`."""

    def __init__(
        self,
        *,
        port: int = 0,
        api_key: str | None = None,
        rules: RequestRules | None = None,
        answer: Callable[[dict[str, Any]], Script | str] = stand_in,
        paths: Sequence[str] = ("/v1",),
    ) -> None:
        """Port 0 picks a free one. With an `api_key`, requests without it are refused. The API is
        served below each of the `paths`.
        """
        self.answer = answer
        self.rules = rules or RequestRules()
        self.models: list[str] = []
        """The models that it lists; empty lists the one that answers."""
        self.requests: list[dict[str, Any]] = []
        """The JSON bodies of all requests in order, including refused ones."""
        self.headers: list[dict[str, str]] = []
        """The headers of `requests`, with lower-case names, without the key."""
        self.paths: list[str] = []
        """The paths of `requests`."""
        self.streams: list[ModelStream] = []
        self.media = ModelMedia()
        self._api_key = api_key
        self._path = paths[0]
        self._queue: deque[Script | str] = deque()
        self._changes = ChangeNotifier()
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        for path in paths:
            app.router.add_post(f"{path}/chat/completions", self._complete)
            app.router.add_post(f"{path}/responses", self._respond)
            app.router.add_get(f"{path}/models", self._models)
            app.router.add_post(f"{path}/audio/transcriptions", self._transcribe)
            app.router.add_post(f"{path}/audio/speech", self._speak)
            app.router.add_post(f"{path}/images/generations", self._draw)
        super().__init__(app, port)

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://{self.address}{self._path}"

    def enqueue(self, *answers: Script | str) -> None:
        """Adds answers to the queue; a plain text is streamed word by word."""
        self._queue.extend(answers)

    def release(self) -> None:
        """Lets all held streams go on; a single stream has its own `release`."""
        for stream in self.streams:
            stream.release()

    @property
    def open_streams(self) -> int:
        return sum(stream.open for stream in self.streams)

    async def until(
        self,
        condition: Callable[[], bool],
        timeout: float = 30.0,  # noqa: ASYNC109 - shorter in tests than a block
    ) -> None:
        """Waits until `condition()` is true, checking it after each request, chunk and disconnect.

        Raises TimeoutError.
        """
        async with asyncio.timeout(timeout):
            await self._changes.until(condition)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if refusal := self.refusal(request):
            return _refused(refusal)
        models = [
            {"id": name, "object": "model", "created": 0, "owned_by": "slackbot"}
            for name in self.models or [self.rules.model or "stand-in"]
        ]
        return web.json_response({"object": "list", "data": models}, headers=_headers())

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        if refusal := self.refusal(request):
            return _refused(refusal)
        body = await self._body(request)
        script = self._script(body, self.rules.violation(body) or self.media.violation(body))
        if isinstance(script, Refusal):
            return _refused(script)
        completion = ScriptedCompletion(script, body)
        if completion.wants_audio:
            self.media.audio_expiry[completion.audio_id] = completion.audio_expires_at
        if not (body.get("stream") and script.streams):
            return web.json_response(completion.whole(), headers=_headers())
        return await self._stream(request, completion)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        """https://platform.openai.com/docs/api-reference/responses (streaming only)"""
        if refusal := self.refusal(request):
            return _refused(refusal)
        body = await self._body(request)
        script = self._script(body, self.rules.violation_of_response(body))
        if isinstance(script, Refusal):
            return _refused(script)
        response = ScriptedResponse(script, body)
        if not script.streams:
            return web.json_response(response.whole(), headers=_headers())
        return await self._stream(request, response)

    async def _body(self, request: web.Request) -> Any:
        """Returns the JSON of the body, or None if it is not JSON."""
        body = await _json(request)
        if isinstance(body, dict):
            self.requests.append(body)
            self.headers.append(_headers_without_key(request))
            self.paths.append(request.path)
            self._changes.notify()
        return body

    def _script(self, body: Any, violation: Refusal | None) -> Script | Refusal:
        if violation is not None:
            return violation
        script = self._next_script(body)
        refused = script.refusal is not None and script.disruption is None
        return script.refusal if refused and script.refusal is not None else script

    async def _stream(
        self, request: web.Request, answer: ScriptedCompletion | ScriptedResponse
    ) -> web.StreamResponse:
        stream = ModelStream(answer, self._changes.notify)
        self.streams.append(stream)
        return await stream.answer(request, _headers())

    async def _transcribe(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self.media.transcribe)

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self.media.speak)

    async def _draw(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, self.media.draw)

    async def _serve(
        self,
        request: web.Request,
        serve: Callable[[web.Request], Awaitable[dict[str, Any] | bytes | Refusal]],
    ) -> web.StreamResponse:
        if refusal := self.refusal(request):
            return _refused(refusal)
        answer = await serve(request)
        self._changes.notify()
        if isinstance(answer, Refusal):
            return _refused(answer)
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="audio/mpeg", headers=_headers())
        return web.json_response(answer, headers=_headers())

    def _next_script(self, body: dict[str, Any]) -> Script:
        answer = self._queue.popleft() if self._queue else self.answer(body)
        return says(answer) if isinstance(answer, str) else answer

    def refusal(self, request: web.Request) -> Refusal | None:
        """What is wrong with the address or the key of a request, if anything."""
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if self._api_key in (None, key) else WRONG_KEY


async def _json(request: web.Request) -> Any:
    """Returns the JSON of the body, or None if it is not JSON."""
    try:
        return await request.json()
    except json.JSONDecodeError:
        return None


def _headers_without_key(request: web.Request) -> dict[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers.pop("authorization", None)
    headers.pop("api-key", None)
    return headers


def _refused(refusal: Refusal) -> web.Response:
    headers = _headers()
    if refusal.retry_after is not None:
        headers["Retry-After"] = f"{refusal.retry_after:g}"
    return web.json_response(refusal.body, status=refusal.status, headers=headers)


def _headers() -> dict[str, str]:
    return {"x-request-id": f"req_{uuid4().hex}"}
