"""The page's web server on 127.0.0.1: static files, live updates, and people's actions."""

import json
from importlib.resources import files
from typing import Self

from aiohttp import web

from slackbot.errors import ConfigError
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.local_server import LocalServer
from slackbot.playground.page.action_request import ActionError, ActionRequest
from slackbot.playground.page.actions import ACTIONS
from slackbot.playground.page.guard import FILE_POLICY, Guard, add_headers
from slackbot.playground.page.inspector import Inspector
from slackbot.playground.page.live_updates import stream_updates
from slackbot.playground.page.page_state import PageRenderer
from slackbot.playground.playground import Playground

MAX_UPLOAD_BYTES = 64 * 2**20
CONTENT_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
INLINE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")
"""Types that the page shows; other files are downloaded."""


class PageServer(LocalServer):
    """Serves the playground's page at `url`."""

    def __init__(self, playground: Playground, port: int = 0) -> None:
        """Port 0 picks a free one."""
        self._playground = playground
        self._workspace = playground.workspace
        self._inspector = Inspector(playground)
        self._renderer = PageRenderer(playground)
        self._parts = files("slackbot.playground.page") / "parts"
        self._guard = Guard()
        app = web.Application(middlewares=[self._guard.check], client_max_size=MAX_UPLOAD_BYTES)
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/{token}/", self._part)
        app.router.add_get("/{token}/parts/{name}", self._part)
        app.router.add_get("/{token}/feed", self._stream_updates)
        app.router.add_post("/{token}/act/{name}", self._act)
        app.router.add_post("/{token}/upload", self._upload)
        app.router.add_get("/{token}/file/{id}", self._file)
        app.router.add_get("/{token}/inspect/answer/{channel}/{ts}", self._inspect_answer)
        app.router.add_get("/{token}/inspect/traffic", self._inspect_traffic)
        app.router.add_get(
            "/{token}/inspect/{kind:call|delivery}/{number:\\d+}", self._inspect_entry
        )
        super().__init__(app, port)

    async def __aenter__(self) -> Self:
        """Raises ConfigError if the port can't be used."""
        try:
            return await super().__aenter__()
        except (OSError, OverflowError) as err:
            reason = "can't be used: choose another, or leave it out for a free one."
            raise ConfigError("--port", f"{self._port} {reason}") from err

    @property
    def url(self) -> str:
        """With the token: who has it can use the playground."""
        return f"http://{self.address}/{self._guard.token}/"

    async def _part(self, request: web.Request) -> web.Response:
        """Serves one of the page's files."""
        name = request.match_info.get("name", "index.html")
        part, ending = self._parts / name, name[name.rfind(".") :]
        if "/" in name or "\\" in name or ending not in CONTENT_TYPES or not part.is_file():
            raise web.HTTPNotFound
        return web.Response(
            body=part.read_bytes(), content_type=CONTENT_TYPES[ending], charset="utf-8"
        )

    async def _stream_updates(self, request: web.Request) -> web.StreamResponse:
        return await stream_updates(request, self._renderer, self._workspace.changes)

    async def _act(self, request: web.Request) -> web.Response:
        act = ACTIONS.get(request.match_info["name"])
        if act is None:
            raise web.HTTPNotFound
        try:
            asked = ActionRequest(self._playground, await request.json())
            return web.json_response(await act(asked))
        except json.JSONDecodeError:
            return _refused("Send JSON.")
        except ActionError as err:
            return _refused(str(err))
        except RefusedError as refusal:
            return _refused(f"Slack refuses this: {' '.join((refusal.error, *refusal.details))}")

    async def _upload(self, request: web.Request) -> web.Response:
        """Stores a file, whose name and owner are in the query; a message shares it later."""
        try:
            person = ActionRequest(self._playground, request.query).person
            content = await request.read()
        except ActionError as err:
            return _refused(str(err))
        except web.HTTPRequestEntityTooLarge:
            return _refused(f"A file can have at most {MAX_UPLOAD_BYTES // 2**20} MB here.")
        if not content:
            return _refused("The file is empty.")
        name, kind = request.query.get("name") or "file", request.content_type
        clip = bool(request.query.get("clip"))
        shared = self._workspace.share(person, name, content, kind, clip=clip)
        return web.json_response({"id": shared["id"]})

    async def _file(self, request: web.Request) -> web.Response:
        try:
            file = self._workspace.files.find(request.match_info["id"])
        except RefusedError:
            raise web.HTTPNotFound from None
        headers = {"Content-Security-Policy": FILE_POLICY}
        kind = (
            file.mimetype if file.mimetype.startswith(INLINE_TYPES) else "application/octet-stream"
        )
        if kind == "application/octet-stream":
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=file.content, content_type=kind, headers=headers)

    async def _inspect_answer(self, request: web.Request) -> web.Response:
        message = self._workspace.messages.get(
            (request.match_info["channel"], request.match_info["ts"])
        )
        if message is None:
            raise web.HTTPNotFound
        return web.json_response(self._inspector.answer(message))

    async def _inspect_traffic(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "entries": self._inspector.traffic(),
                "budget": self._inspector.rate_limit_usage(),
                "logs": [list(bot.log) for bot in self._playground.bots],
            }
        )

    async def _inspect_entry(self, request: web.Request) -> web.Response:
        kind, number = request.match_info["kind"], int(request.match_info["number"])
        try:
            return web.json_response(self._inspector.entry(kind, number))
        except LookupError:
            raise web.HTTPNotFound from None


def _refused(sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=400)
