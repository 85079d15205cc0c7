"""The page on the network: plain files, a live feed, and what people do, on 127.0.0.1."""

import json
from importlib.resources import files
from typing import Self

from aiohttp import web

from slackbot.errors import ConfigError
from slackbot.playground.local_server import LocalServer
from slackbot.playground.page.action_request import ActionError, ActionRequest
from slackbot.playground.page.actions import ACTIONS
from slackbot.playground.page.guard import FILE_POLICY, add_headers, guard
from slackbot.playground.page.inspector import Inspector
from slackbot.playground.page.live_updates import stream_updates
from slackbot.playground.page.page_state import PageRenderer
from slackbot.playground.playground import Playground
from slackbot.playground.wire import RefusedError

LARGEST_UPLOAD = 64 * 2**20
TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")
"""What the page shows by itself; anything else is downloaded."""


class PageServer(LocalServer):
    """Serves the playground's page; `url` is where."""

    def __init__(self, playground: Playground, port: int = 0) -> None:
        """Port 0 is a free one."""
        self._playground = playground
        self._workspace = playground.workspace
        self._inspector = Inspector(playground)
        self._renderer = PageRenderer(playground)
        self._parts = files("slackbot.playground.page") / "parts"
        app = web.Application(middlewares=[guard], client_max_size=LARGEST_UPLOAD)
        app.on_response_prepare.append(add_headers)
        app.router.add_get("/", self._part)
        app.router.add_get("/parts/{name}", self._part)
        app.router.add_get("/feed", self._feed)
        app.router.add_post("/act/{name}", self._act)
        app.router.add_post("/upload", self._upload)
        app.router.add_get("/file/{id}", self._file)
        app.router.add_get("/inspect/answer/{channel}/{ts}", self._inspect_answer)
        app.router.add_get("/inspect/traffic", self._inspect_traffic)
        app.router.add_get("/inspect/{kind:call|delivery}/{number:\\d+}", self._inspect_entry)
        super().__init__(app, port)

    async def __aenter__(self) -> Self:
        """Raises ConfigError where the port is taken."""
        try:
            return await super().__aenter__()
        except (OSError, OverflowError) as err:
            reason = "can't be used: choose another, or leave it out for a free one."
            raise ConfigError("--port", f"{self._port} {reason}") from err

    @property
    def url(self) -> str:
        return f"http://{self.address}/"

    async def _part(self, request: web.Request) -> web.Response:
        """One of the files that the page consists of."""
        name = request.match_info.get("name", "index.html")
        part, ending = self._parts / name, name[name.rfind(".") :]
        if "/" in name or "\\" in name or ending not in TYPES or not part.is_file():
            raise web.HTTPNotFound
        return web.Response(body=part.read_bytes(), content_type=TYPES[ending], charset="utf-8")

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        return await stream_updates(request, self._renderer, self._workspace.changes)

    async def _act(self, request: web.Request) -> web.Response:
        act = ACTIONS.get(request.match_info["name"])
        if act is None:
            raise web.HTTPNotFound
        try:
            asked = ActionRequest(self._playground, await request.json())
            return web.json_response(await act(asked))
        except json.JSONDecodeError:
            return _refused("That is no JSON.")
        except ActionError as err:
            return _refused(str(err))
        except RefusedError as refusal:
            return _refused(f"Slack refuses: {' '.join((refusal.error, *refusal.details))}")

    async def _upload(self, request: web.Request) -> web.Response:
        """A file as it is, its name and its owner in the query; it is shared by saying it."""
        try:
            person = ActionRequest(self._playground, request.query).person
            content = await request.read()
        except ActionError as err:
            return _refused(str(err))
        except web.HTTPRequestEntityTooLarge:
            return _refused(f"A file may have {LARGEST_UPLOAD // 2**20} MB at the most here.")
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
        kind = file.mimetype if file.mimetype.startswith(SHOWN) else "application/octet-stream"
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
                "budget": self._inspector.budget(),
                "log": list(self._playground.bot.log),
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
