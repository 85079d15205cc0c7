"""The HTTP server of all workspaces, on a free local port."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from slackbot.playground.fake_slack import authorisation, call_arguments, response_urls
from slackbot.playground.fake_slack.errors import RefusedError
from slackbot.playground.fake_slack.faults import Fault, Faults
from slackbot.playground.fake_slack.files import StoredFile
from slackbot.playground.fake_slack.installations import IssuedToken
from slackbot.playground.fake_slack.platform_records import PlatformRecords
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


class SlackServer(LocalServer):
    """Serves all workspaces of a platform. A call takes effect even if its client has gone.

    Faults of the methods `upload` and `response_url` hit the addresses that Slack names.
    """

    def __init__(self, platform: PlatformRecords, app_calls: WebApi) -> None:
        """`app_calls` answers what concerns no workspace, such as oauth.v2.access."""
        self._platform = platform
        self._app_calls = app_calls
        self._web_apis: dict[WorkspaceRecords, WebApi] = {}
        app = web.Application(client_max_size=MAX_REQUEST_BYTES)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link/", platform.sockets.accept)
        app.router.add_post("/response/{key}", self._respond)
        app.router.add_post("/upload/{key}", self._upload)
        app.router.add_get("/files/{id}/{name}", self._download)
        super().__init__(app, cancels_requests=False)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._platform.address = self.address
        self._platform.origin = f"http://{self.address}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._platform.close()
        for web_api in {self._app_calls, *self._web_apis.values()}:
            await web_api.close()
        await super().__aexit__(kind, error, traceback)

    def add(self, workspace: WorkspaceRecords, web_api: WebApi) -> None:
        """Lets a workspace answer the calls that are about it."""
        self._web_apis[workspace] = web_api

    async def _call(self, request: web.Request) -> web.StreamResponse:
        args, token = await call_arguments.read(request)
        access = self._platform.installations.find(token)
        workspace = None
        if access is not None:
            workspace = authorisation.workspace_of(self._platform, access, args)
        web_api = self._app_calls if workspace is None else self._web_apis[workspace]
        return await web_api.answer(request, args, token)

    async def _respond(self, request: web.Request) -> web.Response:
        """https://docs.slack.dev/interactivity/handling-user-interaction#message_responses"""
        key = request.match_info["key"]
        workspace = self._find(lambda each: key in each.response_targets)
        fault = self._faults_of(workspace).take("response_url", {}) or Fault("none")
        if fault.kind == "answer" and fault.answer is not None:
            return respond(fault.answer)
        if workspace is None:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        try:
            target = workspace.response_targets[key]
            response_urls.respond(workspace, target, await request.json())
        except RefusedError as refusal:
            return web.json_response(refusal.answer, status=400)
        return web.Response(text="ok") if fault.answer is None else respond(fault.answer)

    async def _upload(self, request: web.Request) -> web.Response:
        """The second step of an upload: the content itself, or a form with it."""
        key = request.match_info["key"]
        workspace = self._find(lambda each: each.files.awaits_upload(key))
        if workspace is None:
            raise web.HTTPNotFound
        file = workspace.files.find_upload(key)
        content = await _content(request)
        fault = self._faults_of(workspace).take("upload", {})
        if fault is not None and fault.answer is not None:
            return respond(fault.answer)
        file.content = content
        return web.Response(text=f"OK - {len(file.content)}")

    async def _download(self, request: web.Request) -> web.Response:
        """Without the bot's token or files:read, Slack answers 200 with its login page."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        access = self._platform.installations.find(token)
        if (
            access is None
            or self._platform.installations.error(access)
            or "files:read" not in access.installation.scopes
        ):
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        file = self._file(access, request)
        if file.locked:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if file.failures:
            file.failures -= 1
            raise web.HTTPServiceUnavailable
        if file.moved_to:
            raise web.HTTPFound(file.moved_to)
        return web.Response(body=file.content, content_type=file.served_as or file.mimetype)

    def _file(self, access: IssuedToken, request: web.Request) -> StoredFile:
        """Finds a file in the workspaces of a token."""
        file_id = request.match_info["id"]
        for workspace in self._platform.workspaces_of(access.installation):
            if workspace.owns(file_id):
                try:
                    return workspace.files.find(file_id)
                except RefusedError:
                    break
        raise web.HTTPNotFound

    def _find(self, condition: Callable[[WorkspaceRecords], bool]) -> WorkspaceRecords | None:
        return next(filter(condition, self._platform.workspaces), None)

    def _faults_of(self, workspace: WorkspaceRecords | None) -> Faults:
        return (self._app_calls if workspace is None else self._web_apis[workspace]).faults


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for field in (await request.post()).values():
        if isinstance(field, web.FileField):
            return field.file.read()
    raise web.HTTPBadRequest
