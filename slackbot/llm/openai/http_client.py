"""The HTTP client below OpenAI's: aiohttp, which takes half the time for each piece of a stream."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
from openai import DefaultAioHttpClient

from slackbot.llm.openai.event_stream import UnreadableEventError
from slackbot.network import Network
from slackbot.network.bounded_body import bound_body
from slackbot.network.httpx_options import httpx_options

PIECE_BYTES = 2**16

STREAMING_PATHS = ("/chat/completions", "/responses")

MAX_STREAM_BYTES = 128 * 2**20
"""Of an answer that is read as it arrives: minutes of speech, or words of a hundred thousand
tokens, whatever a server sends along with each.
"""

MAX_BODY_BYTES = 32 * 2**20
"""Of what is read as a whole: the largest is a picture, in base64."""

MAX_ERROR_BYTES = 2**20
"""Of an error's body; what is wrong stands at its beginning. The rest is not read."""


class HttpClient(DefaultAioHttpClient):
    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Sends a body with files in pieces: as a whole it would hold up everything else."""
        if isinstance(request.stream, httpx2.ByteStream) and len(request.content) > PIECE_BYTES:
            request = httpx2.Request(
                request.method,
                request.url,
                headers=request.headers,
                content=_pieces(request.content),
                extensions=request.extensions,
            )
        return await super().send(request, **options)


def open_http_client(timeout: httpx2.Timeout, network: Network, url: str) -> HttpClient:
    """A client for the server at this address. To be closed when it is not needed any more."""
    proxy = network.proxies.for_url(url)
    credentials = {} if proxy is None else proxy.headers

    async def identify(request: httpx2.Request) -> None:
        """The transport tells the proxy who asks only where it asks for a tunnel."""
        for name, value in credentials.items():
            request.headers.pop(name, None)
            if request.url.scheme == "http":
                request.headers[name] = value

    async def bound(response: httpx2.Response) -> None:
        """A broken server must not fill the memory."""
        if response.is_error:
            bound_body(response, MAX_ERROR_BYTES)
            return
        is_streamed = response.request.url.path.endswith(STREAMING_PATHS)
        max_bytes = MAX_STREAM_BYTES if is_streamed else MAX_BODY_BYTES
        bound_body(response, max_bytes, UnreadableEventError())

    home = httpx2.URL(url).origin

    async def keep_key(request: httpx2.Request) -> None:
        """A redirect does not take the key elsewhere; the client itself drops `Authorization`."""
        if request.url.origin != home:
            request.headers.pop("api-key", None)

    return HttpClient(
        timeout=timeout,
        event_hooks={
            "request": [keep_key, *([identify] if credentials else [])],
            "response": [bound],
        },
        **httpx_options(network, url),
    )


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PIECE_BYTES):
        yield body[start : start + PIECE_BYTES]
