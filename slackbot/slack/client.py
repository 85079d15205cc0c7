"""The client of Slack's Web API, with its connections kept and its own retries off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

WebClient = AsyncWebClient
"""slack-sdk's client, by which the composition root hands it on."""

TIMEOUT = 30.0
"""Seconds that Slack may take for one call."""

CONNECTIONS = 50


@asynccontextmanager
async def web_client(api_url: str, token: str) -> AsyncIterator[AsyncWebClient]:
    """Open while the block runs.

    The client's own retry after a reset connection could post a message twice, so there is none.
    """
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        yield AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[])
