"""Slack's events over a WebSocket that we open: no public address is needed.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

logger = logging.getLogger(__name__)


@asynccontextmanager
async def connected(app: AsyncApp, app_token: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Connected while the block runs, again and again; gives the question whether it is now."""
    handler = AsyncSocketModeHandler(app, app_token, logger=logger)
    client = handler.client
    await handler.connect_async()
    try:
        yield client.is_connected
    finally:
        await handler.close_async()
        tasks = (
            client.message_processor,
            client.current_session_monitor,
            client.message_receiver,
        )
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)
