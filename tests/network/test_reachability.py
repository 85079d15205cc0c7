"""Whether anything answers at an address."""

import pytest
import trustme
from aiohttp import web

from slackbot.errors import ConfigError, SlackbotError
from slackbot.network import DIRECT, Network, Proxies, Proxy
from slackbot.network.reachability import reach
from slackbot.playground.local_server import LocalServer
from tests.proxy_server import ProxyServer


@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_any_answer_counts(scheme: str) -> None:
    """Servers answer with an error where they are not asked what they are for."""
    async with LocalServer(web.Application()) as server:
        await reach(DIRECT, f"{scheme}://{server.address}/")


async def test_no_answer() -> None:
    """The host is named."""
    with pytest.raises(SlackbotError, match=r"^127\.0\.0\.1 can't be reached: check the network"):
        await reach(DIRECT, "wss://127.0.0.1:9/")


async def test_a_proxy_that_refuses(authority: trustme.CA) -> None:
    """The proxy's setting is named instead."""
    async with ProxyServer({}, authority) as proxy:
        network = Network(Proxies(https=Proxy(f"http://{proxy.address}")))
        with pytest.raises(ConfigError, match=r"through to files\.test \(status 502\)"):
            await reach(network, "https://files.test/")
