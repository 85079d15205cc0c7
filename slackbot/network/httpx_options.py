"""How httpx2's clients go the way that the settings say."""

import ssl
from typing import TypedDict

import httpx2

from slackbot.network.network import Network


class HttpxOptions(TypedDict):
    """Options of `httpx2.AsyncClient`."""

    proxy: httpx2.Proxy | None
    verify: ssl.SSLContext | bool
    trust_env: bool


def httpx_options(network: Network, url: str) -> HttpxOptions:
    """Options for a client that talks to this address only."""
    proxy = network.proxies.for_url(url)
    return {
        "proxy": None
        if proxy is None
        else httpx2.Proxy(proxy.address, headers=proxy.headers, ssl_context=network.certificates),
        "verify": network.certificates or True,
        "trust_env": False,  # it is read by us
    }
