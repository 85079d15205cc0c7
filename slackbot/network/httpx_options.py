"""How httpx2's clients go the way that the settings say."""

import ssl
from typing import TypedDict

import httpx2

from slackbot.network.network import Network
from slackbot.network.proxies import Proxy


class HttpxOptions(TypedDict):
    """Options of `httpx2.AsyncClient`."""

    proxy: httpx2.Proxy | None
    verify: ssl.SSLContext | bool
    trust_env: bool


def httpx_options(network: Network, url: str) -> HttpxOptions:
    """Options for a client that talks to this address only."""
    proxy = network.proxies.for_url(url)
    return {
        "proxy": None if proxy is None else _httpx_proxy(proxy, network.certificates),
        "verify": network.certificates or True,
        "trust_env": False,  # it is read by us
    }


def _httpx_proxy(proxy: Proxy, certificates: ssl.SSLContext | None) -> httpx2.Proxy:
    is_tls = proxy.address.startswith("https:")
    return httpx2.Proxy(
        proxy.address, headers=proxy.headers, ssl_context=certificates if is_tls else None
    )
