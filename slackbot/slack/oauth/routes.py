"""The HTTP routes of the pages by which people install the app."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_bolt_request
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from slackbot.slack.oauth.flow import INSTALL_PATH, REDIRECT_PATH, InstallFlow
from slackbot.slack.oauth.pages import HEADERS


def install_routes(flow: InstallFlow) -> Sequence[web.RouteDef]:
    """For `http_server.listening`."""
    return [
        web.get(INSTALL_PATH, _answering(flow.handle_installation)),
        web.get(REDIRECT_PATH, _answering(flow.handle_callback)),
    ]


def _answering(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        """slack-bolt's own conversion drops the cookie's SameSite."""
        response = await handle(await to_bolt_request(request))
        page = web.Response(status=response.status, text=response.body, content_type="text/html")
        page.headers.update(HEADERS)
        for cookie in response.headers.get("set-cookie", []):
            page.headers.add("Set-Cookie", cookie)
        return page

    return answer
