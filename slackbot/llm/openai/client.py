"""The connection to an OpenAI-compatible server."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slackbot.config import ModelAddress
from slackbot.network import DIRECT, Network

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"

CONNECT_TIMEOUT_SECONDS = 5.0

OPEN_TIMEOUT_SECONDS = 30.0
"""How long it may take until a connection can be used: a proxy lets it through, and TLS begins."""

MAX_RETRIES = 2
"""The client's own: after 408, 409, 429, 5xx and lost connections."""

VOICE = "alloy"
"""Every model that speaks has had this voice so far."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds."""

    first_token: float = 600.0
    """How long the model may take until its answer begins, and between two pieces of it where the
    server sends nothing but comments, which keep the connection alive."""
    stall: float = 60.0
    """How long nothing may come once the answer has begun."""
    notice: float = 10.0
    """After this time without an answer's headers, people are told that the model is starting."""


class Connection:
    """Opened when it is first used: importing OpenAI's library takes as long as all the rest of the
    bot's start.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str | None,
        timeout_seconds: float,
        model: str = "",
        network: Network = DIRECT,
    ) -> None:
        """To be closed when it is not needed any more. The timeout is that of each attempt.

        Where the address names a deployment of Azure's, it serves the `model` of this name.
        `network` leads to the server.
        """
        self._api_key = api_key or "none"  # Servers without keys take any; the client wants one.
        self.address = ModelAddress.parse(base_url or OPENAI_URL)
        self._timeout_seconds = timeout_seconds
        self._model = model
        self._network = network
        self._client: AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    @property
    def is_official(self) -> bool:
        """Whether the server is OpenAI's own."""
        return is_openai(self.address.host)

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

        if self.address.deployment and body["model"] == self._model:
            body = {**body, "model": self.address.deployment}
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
        from openai import AsyncAzureOpenAI, AsyncOpenAI  # noqa: PLC0415 - takes long: in a thread

        from slackbot.llm.openai.http_client import open_http_client  # noqa: PLC0415 - the same

        timeout = httpx2.Timeout(
            self._timeout_seconds, connect=CONNECT_TIMEOUT_SECONDS, pool=OPEN_TIMEOUT_SECONDS
        )
        options: dict[str, Any] = {
            "api_key": self._api_key,
            "base_url": self.address.url,
            "timeout": timeout,
            "max_retries": MAX_RETRIES,
            "http_client": open_http_client(timeout, self._network, self.address.url),
        }
        query = dict(self.address.query)
        if self.address.has_deployments:
            version = query.pop("api-version")
            return AsyncAzureOpenAI(**options, api_version=version, default_query=query)
        return AsyncOpenAI(**options, default_headers=self._headers(), default_query=query)

    def _headers(self) -> dict[str, Any]:
        """The headers that identify the caller, where a bearer token alone does not.

        https://learn.microsoft.com/azure/ai-foundry/openai/reference#authentication
        """
        from openai import omit  # noqa: PLC0415 - imported by the caller

        if self.address.is_azure:
            return {"api-key": self._api_key, "Authorization": omit}
        if self.address.has_login:
            login = f"{self.address.user}:{self.address.password}".encode()
            return {"Authorization": f"Basic {b64encode(login).decode()}"}
        # Gateways in front of Azure's API take the one or the other.
        return {"api-key": self._api_key} if "api-version" in self.address.query else {}


def is_openai(host: str) -> bool:
    """Whether a host is OpenAI's own, or Azure's with the same models."""
    return host == "api.openai.com" or host.endswith((".openai.com", ".openai.azure.com"))
