"""Sessions of aiohttp, each request of which goes the way that the settings say."""

import re
import ssl
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

import slackbot
from slackbot.network import DIRECT, Network, Proxies, Proxy
from slackbot.network.sessions import open_session
from slackbot.playground.local_server import LocalServer
from tests.proxy_server import ProxyServer

ROOT = Path(slackbot.__file__).parent


class Recorder:
    """A server that records the headers of what it is asked, and redirects from /away."""

    def __init__(self) -> None:
        self.away = ""
        self.headers: list[dict[str, str]] = []
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if request.path == "/away":
            raise web.HTTPTemporaryRedirect(self.away)
        return web.Response(text="here")


def through(proxy: ProxyServer, certificates: ssl.SSLContext | None = None) -> Network:
    known = Proxy(f"http://{proxy.address}", "me", "pw")
    return Network(Proxies(http=known, https=known), certificates)


async def test_one_tunnel_for_many_requests(authority: trustme.CA) -> None:
    """Connections through a proxy are kept open as others are."""
    recorder = Recorder()
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with (
        LocalServer(recorder.app) as server,
        ProxyServer({"a.test": server.address}, authority, credentials="me:pw") as proxy,
        open_session(through(proxy, trusted)) as session,
    ):
        for _ in range(3):
            async with session.get("https://a.test/") as response:
                assert await response.text() == "here"
    assert proxy.asked == ["CONNECT a.test:443"]
    assert not any("proxy-authorization" in each for each in recorder.headers)


async def test_a_redirect_has_a_way_of_its_own(authority: trustme.CA) -> None:
    """It may lead past the proxy, and then the proxy's password stays here."""
    recorder = Recorder()
    async with (
        LocalServer(recorder.app) as server,
        ProxyServer({"a.test": server.address}, authority, credentials="me:pw") as proxy,
        open_session(through(proxy)) as session,
    ):
        recorder.away = f"http://{server.address}/"
        async with session.get("http://a.test/away") as response:
            assert await response.text() == "here"
    assert proxy.asked == ["GET http://a.test/away"]
    assert ["proxy-authorization" in each for each in recorder.headers] == [True, False]


async def test_what_a_library_asks_for_does_not_count() -> None:
    """slack-sdk names a proxy that it read from the environment, whatever NO_PROXY says."""
    recorder = Recorder()
    async with LocalServer(recorder.app) as server, open_session(DIRECT) as session:
        url = f"http://{server.address}/"
        async with session.get(url, proxy="http://127.0.0.1:9") as response:
            assert response.status == 200


async def test_a_name_is_not_looked_up_without_need(authority: trustme.CA) -> None:
    """Where no proxy leads to a name that nobody knows, the error says that; with one it is its
    own affair.
    """
    recorder = Recorder()
    async with (
        LocalServer(recorder.app) as server,
        ProxyServer({"a.test": server.address}, authority) as proxy,
        open_session(through(proxy)) as session,
        open_session(DIRECT) as direct,
    ):
        async with session.get("http://a.test/") as response:
            assert response.status == 200
        with pytest.raises(aiohttp.ClientConnectorDNSError):
            await direct.get("http://a.test/")


def test_nothing_else_opens_connections() -> None:
    """What opens one without asking the network would go past the proxy."""
    opening = re.compile(r"ClientSession\(|AsyncClient\(|urlopen\(|AsyncWebhookClient\(")
    found = {
        str(file.relative_to(ROOT))
        for file in ROOT.rglob("*.py")
        if opening.search(file.read_text())
    }
    own_machine = {"playground/fake_slack/http_delivery.py"}
    assert found - own_machine == {"network/sessions.py", "tools/mcp_http.py"}
