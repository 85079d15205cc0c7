"""The connection to an OpenAI-compatible server."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from slackbot.network import DIRECT, Network

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"

CONNECT_TIMEOUT_SECONDS = 5.0

MAX_RETRIES = 2
"""The client's own: after 408, 409, 429, 5xx and lost connections."""

VOICE = "alloy"
"""Every model that speaks has had this voice so far."""


class Connection:
    """Opened when it is first used: importing OpenAI's library takes as long as all the rest of the
    bot's start.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str | None,
        timeout_seconds: float,
        network: Network = DIRECT,
    ) -> None:
        """To be closed when it is not needed any more. The timeout is that of each attempt."""
        self._api_key = api_key or "none"  # Servers without keys take any; the client wants one.
        self._base_url = base_url or OPENAI_URL
        self._timeout_seconds = timeout_seconds
        self._network = network
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    @property
    def is_official(self) -> bool:
        """Whether the server is OpenAI's own."""
        return is_openai(urlsplit(self._base_url).hostname or "")

    async def client(self) -> "AsyncOpenAI":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._open)
        return self._client

    async def stream(
        self, path: str, body: Mapping[str, Any], *, max_retries: int
    ) -> "httpx2.Response":
        """A response that is still to be read, and to be closed then."""
        client = await self.client()
        from openai import AsyncStream  # noqa: PLC0415 - imported with the client

        stream = await client.post(
            path,
            cast_to=object,
            body=body,
            options={"max_retries": max_retries},
            stream=True,
            stream_cls=AsyncStream[object],
        )
        return stream.response

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    def _open(self) -> "AsyncOpenAI":
        import httpx2  # noqa: PLC0415 - as below
        from openai import AsyncOpenAI  # noqa: PLC0415 - takes long, so a thread does it

        from slackbot.llm.openai.http_client import open_http_client  # noqa: PLC0415 - the same

        timeout = httpx2.Timeout(self._timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS)
        return AsyncOpenAI(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=timeout,
            max_retries=MAX_RETRIES,
            http_client=open_http_client(timeout, self._network, self._base_url),
        )


def is_openai(host: str) -> bool:
    """Whether a host is OpenAI's own, or Azure's with the same models."""
    return host == "api.openai.com" or host.endswith((".openai.com", ".openai.azure.com"))
