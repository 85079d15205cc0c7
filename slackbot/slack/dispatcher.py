"""What takes a delivery of Slack's: the Bolt app of a workspace, or the router to several."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse


class Dispatcher(Protocol):
    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Returns the answer for Slack, as Bolt's AsyncApp does."""


class FollowedDispatcher:
    """Says when each delivery has been taken in."""

    def __init__(self, dispatcher: Dispatcher, on_end: Callable[[], Awaitable[None]]) -> None:
        """`on_end` may raise SlackbotError."""
        self._dispatcher = dispatcher
        self._on_end = on_end

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        response = await self._dispatcher.async_dispatch(req)
        await self._on_end()
        return response
