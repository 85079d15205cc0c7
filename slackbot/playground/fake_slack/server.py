"""The workspace's HTTP server on a free local port."""

from aiohttp import web

from slackbot.playground.fake_slack import response_urls
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.records import WorkspaceRecords
from slackbot.playground.fake_slack.web_api import WebApi, respond
from slackbot.playground.local_server import LocalServer

MAX_REQUEST_BYTES = 64 * 1024 * 1024

LOGIN_PAGE = (
    '<!DOCTYPE html><html lang="en-US" class="" data-primer><head>'
    '<link href="https://a.slack-edge.com/style.css" rel="stylesheet" type="text/css">'
    "<title>Sign in | Slack</title></head>"
    '<body><form action="/signin" method="post"></form></body></html>'
)


class WorkspaceServer(LocalServer):
    """Serves a workspace. A call takes effect even if its client has gone.

    Faults of the methods `upload` and `response_url` hit the addresses that Slack names.
    """

    def __init__(self, records: WorkspaceRecords, web_api: WebApi) -> None:
        self._records = records
        self._faults = web_api.faults
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_route("*", "/api/{method}", web_api.answer)
        app.router.add_get("/link/", records.sockets.accept)
        app.router.add_post("/response/{key}", self._respond)
        app.router.add_post("/upload/{key}", self._upload)
        app.router.add_get("/files/{id}/{name}", self._download)
        super().__init__(app, cancels_requests=False)

    async def _respond(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
        fault = self._faults.take("response_url", {}) or Fault("none")
        hook = self._records.response_targets.get(request.match_info["key"])
        if fault.kind == "answer" and fault.answer is not None:
            return respond(fault.answer)
        if hook is None:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        try:
            response_urls.respond(self._records, hook, await request.json())
        except RefusedError as refusal:
            return web.json_response(refusal.answer, status=400)
        return web.Response(text="ok") if fault.answer is None else respond(fault.answer)

    async def _upload(self, request: web.Request) -> web.Response:
        """The second step of an upload: the content itself, or a form with it."""
        try:
            file = self._records.files.find_upload(request.match_info["key"])
        except RefusedError:
            raise web.HTTPNotFound from None
        content = await _content(request)
        fault = self._faults.take("upload", {})
        if fault is not None and fault.answer is not None:
            return respond(fault.answer)
        file.content = content
        return web.Response(text=f"OK - {len(file.content)}")

    async def _download(self, request: web.Request) -> web.Response:
        """Without the bot's token or files:read, Slack answers 200 with its login page."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        valid = token == self._records.bot_token and not self._records.token_error
        if not valid or "files:read" not in self._records.scopes:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        file = self._file(request)
        if file.locked:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if file.failures:
            file.failures -= 1
            raise web.HTTPServiceUnavailable
        if file.moved_to:
            raise web.HTTPFound(file.moved_to)
        return web.Response(body=file.content, content_type=file.served_as or file.mimetype)

    def _file(self, request: web.Request) -> StoredFile:
        try:
            return self._records.files.find(request.match_info["id"])
        except RefusedError:
            raise web.HTTPNotFound from None


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for field in (await request.post()).values():
        if isinstance(field, web.FileField):
            return field.file.read()
    raise web.HTTPBadRequest
