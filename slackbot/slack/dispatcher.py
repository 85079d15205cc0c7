"""What takes a delivery of Slack's: the Bolt app of a workspace, or the router to several."""

from typing import Protocol

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse


class Dispatcher(Protocol):
    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Returns the answer for Slack, as Bolt's AsyncApp does."""
