"""Lets each signed request, and each envelope, take effect once.

Who has seen a signed request can send it again for as long as its time counts as current. Slack
itself signs each attempt with the time of that attempt, and makes another one only if the last was
not answered with 200.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from cachetools import TTLCache
from slack_bolt.response import BoltResponse

from slackbot.slack.signatures import MAX_AGE_SECONDS

logger = logging.getLogger(__name__)

REMEMBERED_SECONDS = 2 * MAX_AGE_SECONDS
"""A request counts as current from MAX_AGE_SECONDS before its time to as long after it."""

MAX_REMEMBERED = 10_000
"""Slack delivers at most 30,000 events an hour to an app in a workspace: 5,000 in that time.

https://docs.slack.dev/apis/events-api#rate-limits
"""

SUCCESS = 200


@dataclass(slots=True)
class _DeliveredRequest:
    handled: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Repeats:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._requests: TTLCache[str, _DeliveredRequest] = TTLCache(
            MAX_REMEMBERED, REMEMBERED_SECONDS, timer=clock
        )
        """By identity."""

    async def once(
        self, identity: str, handle: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Handles a request, or answers 200 if one with this identity was handled.

        One that failed is handled again; one that is being handled is awaited.
        """
        request = self._requests.get(identity)
        if request is None:
            request = self._requests[identity] = _DeliveredRequest()
        async with request.lock:
            if request.handled:
                logger.warning("A request was delivered again: it is acknowledged without effect")
                return BoltResponse(status=SUCCESS)
            response = await handle()
            request.handled = response.status == SUCCESS
            return response
