"""The HTTP client for one MCP server: what it reads is bounded before anything parses it.

https://modelcontextprotocol.io/specification/draft/basic/transports#streamable-http
"""

import httpx2

from slackbot.network import Network
from slackbot.network.bounded_body import bound_body
from slackbot.network.httpx_options import httpx_options
from slackbot.tools import texts
from slackbot.tools.mcp_config import McpServerConfig
from slackbot.tools.mcp_inbound import MAX_MESSAGE_BYTES

TIMEOUT_SECONDS = httpx2.Timeout(30.0, read=300.0)
"""The same as mcp's own client has: a tool may take minutes until it answers."""


class ResponseTooLongError(httpx2.SSEError, httpx2.StreamError):
    """A response is too long, takes too long, or is packed although the bot takes no packed ones.

    mcp's transport turns errors of these two kinds into the result of the one call: of the first
    kind where the response is a stream of events, of the second where it is one message.
    """

    def __init__(self, message: str) -> None:
        httpx2.SSEError.__init__(self, message)


def open_http_client(
    name: str, config: McpServerConfig, network: Network, response_seconds: float
) -> httpx2.AsyncClient:
    """A client for the URL of the configuration. A response may take `response_seconds`."""

    async def refuse_get(request: httpx2.Request) -> None:
        """Through GET, a server would send what nobody asked for, and ask for more GETs."""
        if request.method == "GET":
            raise httpx2.UnsupportedProtocol("The bot takes no messages unasked")

    async def bound(response: httpx2.Response) -> None:
        packed = response.headers.get("content-encoding", "identity").lower() != "identity"
        error = ResponseTooLongError(texts.SERVER_SENT_TOO_MUCH.format(server=name))
        most = 0 if packed else MAX_MESSAGE_BYTES  # what it becomes when it is unpacked is unknown
        bound_body(response, most, error, response_seconds)

    return httpx2.AsyncClient(
        headers={**config.headers, "Accept-Encoding": "identity"},
        timeout=TIMEOUT_SECONDS,
        event_hooks={"request": [refuse_get], "response": [bound]},
        **httpx_options(network, config.url),
    )
