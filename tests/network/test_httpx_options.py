"""Clients of httpx2 that go the way that the settings say."""

import ssl

import httpx2
import pytest
import trustme
from aiohttp import web

from slackbot.network import Network, Proxies, Proxy
from slackbot.network.failures import network_error
from slackbot.network.httpx_options import httpx_options
from slackbot.playground.local_server import LocalServer
from tests.proxy_server import ProxyServer


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="here")


@pytest.fixture
def app() -> web.Application:
    app = web.Application()
    app.router.add_get("/", answer)
    return app


@pytest.mark.parametrize("over_tls", [False, True], ids=["http-proxy", "https-proxy"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_through_a_proxy(
    app: web.Application, authority: trustme.CA, scheme: str, *, over_tls: bool
) -> None:
    """With the user name and the password, and an authority of one's own."""
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with (
        LocalServer(app) as server,
        ProxyServer(
            {"a.test": server.address}, authority, credentials="me:p w", over_tls=over_tls
        ) as proxy,
    ):
        known = Proxy(f"{'https' if over_tls else 'http'}://{proxy.address}", "me", "p w")
        network = Network(Proxies(known, known), trusted)
        url = f"{scheme}://a.test/"
        async with httpx2.AsyncClient(**httpx_options(network, url)) as client:
            assert (await client.get(url)).text == "here"
    assert proxy.hosts() == {"a.test"}


async def test_the_environment_is_not_read_again(
    app: web.Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the settings say holds: they know a .env file, and the rules of NO_PROXY."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with LocalServer(app) as server:
        url = f"http://{server.address}/"
        async with httpx2.AsyncClient(**httpx_options(Network(), url)) as client:
            assert (await client.get(url)).text == "here"


async def test_an_unknown_authority(app: web.Application, authority: trustme.CA) -> None:
    """It is told as such, also in a group of errors, as MCP's client raises."""
    async with (
        LocalServer(app) as server,
        ProxyServer({"a.test": server.address}, authority) as proxy,
    ):
        network = Network(Proxies(https=Proxy(f"http://{proxy.address}")))
        async with httpx2.AsyncClient(**httpx_options(network, "https://a.test/")) as client:
            with pytest.raises(httpx2.ConnectError) as raised:
                await client.get("https://a.test/")
    for error in (raised.value, ExceptionGroup("", [ValueError(), raised.value])):
        assert str(network_error(error)).startswith("SSL_CERT_FILE does not vouch for")
