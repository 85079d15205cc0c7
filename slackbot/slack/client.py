"""The client of Slack's Web API: it keeps connections open and never retries by itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

CALL_TIMEOUT_SECONDS = 30.0

MAX_CONNECTIONS = 50

WebClient = AsyncWebClient
"""slack-sdk's client, by which the composition root hands it on."""


@asynccontextmanager
async def web_client(api_url: str, token: str) -> AsyncIterator[AsyncWebClient]:
    """Open while the block runs, with a pool of connections of its own.

    The client's own retry after a reset connection could post a message twice, so there is none.
    """
    connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
    timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[])
