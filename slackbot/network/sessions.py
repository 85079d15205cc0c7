"""Sessions of aiohttp that go the way that the settings say.

aiohttp can read the environment itself, but knows no HTTPS_PROXY for wss://, no ALL_PROXY, and no
ports or networks in NO_PROXY; slack-sdk knows no NO_PROXY. So a middleware decides, for every
request of a session, whatever a library passed on.
"""

from typing import Any

from aiohttp import (
    ClientHandlerType,
    ClientMiddlewareType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    TCPConnector,
)
from yarl import URL

from slackbot.network.network import Network
from slackbot.network.proxies import Proxies


def open_session(
    network: Network, *, max_connections: int = 100, force_close: bool = False, **options: Any
) -> ClientSession:
    """To be closed when it is not needed any more; `options` are ClientSession's.

    `force_close`: each request has a connection of its own.
    """
    return ClientSession(
        connector=TCPConnector(
            limit=max_connections, force_close=force_close, ssl=network.certificates or True
        ),
        middlewares=(_through(network.proxies),),
        **options,
    )


def _through(proxies: Proxies) -> ClientMiddlewareType:
    """https://docs.aiohttp.org/en/stable/client_middleware_cookbook.html"""

    async def choose(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
        proxy = proxies.for_url(str(request.url))
        request.proxy_auth = request.proxy_headers = None
        request.proxy = None if proxy is None else URL(proxy.address)
        if proxy is not None and request.is_ssl():
            request.proxy_headers = type(request.headers)(proxy.headers)  # for CONNECT
        elif proxy is not None:
            request.headers.update(proxy.headers)
        return await send(request)

    return choose
