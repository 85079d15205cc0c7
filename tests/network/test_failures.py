"""What is not a proxy's or a certificate's fault; `test_behind_a_proxy.py` has what is."""

import ssl

import pytest
import trustme
from aiohttp import web

from slackbot.network import DIRECT, Network, Proxies, Proxy
from slackbot.network.failures import network_error
from slackbot.network.sessions import open_session
from slackbot.playground.local_server import LocalServer
from tests.proxy_server import ProxyServer


async def test_other_failures() -> None:
    """A server that is down, or a timeout, leads nobody to look at a proxy."""
    async with open_session(DIRECT) as session:
        with pytest.raises(OSError, match=r"127\.0\.0\.1") as raised:
            await session.get("http://127.0.0.1:9/")
    assert network_error(raised.value) is None
    assert network_error(TimeoutError()) is None


async def test_a_certificate_that_is_not_valid(authority: trustme.CA) -> None:
    """Where the authority is known, another one would not help."""
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    async with (
        LocalServer(web.Application()) as server,
        ProxyServer({"a.test": server.address}, authority, certified=("b.test",)) as proxy,
        open_session(Network(Proxies(https=Proxy(f"http://{proxy.address}")), trusted)) as session,
    ):
        with pytest.raises(OSError, match="certificate") as raised:
            await session.get("https://a.test/")
    assert str(network_error(raised.value)).startswith(
        "SSL_CERT_FILE can't make up for the certificate of a.test, which is not valid: Hostname mi"
    )
