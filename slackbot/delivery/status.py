"""The status line under a thread: it says what the bot does until there is text.

Slack removes it when the bot posts to the thread, or after two minutes:
https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from slackbot.backoff import pause
from slackbot.delivery.queue_position import STATUS_REFRESH_SECONDS, QueuePosition
from slackbot.delivery.reply_location import ReplyLocation
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.texts import STARTING_STATUS, THINKING_STATUS
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    SlackError,
    UnknownRefusalError,
    UnreachableError,
)

logger = logging.getLogger(__name__)

STATUS_SECONDS = 120.0
"""After this time Slack removes it."""

MISSING_STATUS_SECONDS = 10.0
"""How long people wait for a first status before they see a placeholder."""

STATUS_WAIT_SECONDS = 0.5
"""How long the first text waits for the status, which must not appear after the text."""


class ThreadStatus:
    """A failure of one call passes: the status is tried again. Only a refusal ends it. A refusal
    that nobody knows, or failures until there is no status to see, show a placeholder instead.
    """

    def __init__(self, transport: ReplyTransport, location: ReplyLocation) -> None:
        self.refused = False
        """Slack accepts no status in this thread, as far as is known, or has not for long."""
        self._transport = transport
        self._location = location
        self._failures = 0
        self._visible_until = 0.0
        """When people have waited too long without a status, by the event loop's clock."""
        self._settled = asyncio.Event()
        self._line = THINKING_STATUS
        self._line_changed = asyncio.Event()
        self._thinking: asyncio.Task[None] | None = None

    async def show_queue_position(self, position: QueuePosition) -> None:
        """Shows how many others are ahead in the queue, until it is cancelled or refused."""
        with suppress(DeliveryError):
            while True:
                wait = 0.0
                if line := position.line(_now()):
                    wait = await self._try(line)
                    if wait:
                        position.miss()
                await asyncio.sleep(wait or position.next_look())

    @asynccontextmanager
    async def thinking(self) -> AsyncIterator[None]:
        """Shows that the bot is thinking while the block runs, until something is posted."""
        task = self._begin_thinking()
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def show_thinking(self) -> None:
        """Shows that the bot is thinking until something is posted, Slack refuses it, or nobody has
        seen it for long.
        """
        thinking = self._begin_thinking()
        try:
            while not (thinking.done() or self._location.messages):
                left = self._visible_until - _now()
                if left <= 0:
                    self.refused = True
                    return
                await asyncio.wait({thinking}, timeout=left)
        except asyncio.CancelledError:
            thinking.cancel()
            raise

    def tell_whether_starting(self, *, is_starting: bool) -> None:
        """Chooses what is shown in the place of "thinking": whether the model is yet to start."""
        line = STARTING_STATUS if is_starting else THINKING_STATUS
        if line != self._line:
            self._line = line
            self._line_changed.set()

    async def wait_until_set(self) -> None:
        """Returns when the status is set or refused, within STATUS_WAIT_SECONDS."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_WAIT_SECONDS):
                await self._settled.wait()

    async def clear(self) -> None:
        """Removes the status where no post of the bot does so."""
        with suppress(SlackError):
            await self._transport.status(self._location.thread, "")

    def _begin_thinking(self) -> asyncio.Task[None]:
        if self._thinking is None:
            self._visible_until = _now() + MISSING_STATUS_SECONDS
            self._thinking = asyncio.create_task(self._think())
        return self._thinking

    async def _think(self) -> None:
        try:
            while not self._location.messages:
                self._line_changed.clear()
                wait = await self._try(self._line)
                self._settled.set()
                if self.refused:
                    return
                if self._location.messages:  # Slack was slow: the status would outlive the post
                    await self._try("")
                await self._pause(wait)
        except DeliveryError:
            self.refused = True
        finally:
            self._settled.set()

    async def _pause(self, wait: float) -> None:
        """Until the line is to be set again: when it changes, unless a failed call has to wait."""
        if wait:
            await asyncio.sleep(wait)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_REFRESH_SECONDS):
                await self._line_changed.wait()

    async def _try(self, line: str) -> float:
        """Sets the status. Returns the seconds until the next try if it failed, otherwise 0.

        Raises DeliveryError if Slack refuses it.
        """
        try:
            await self._transport.status(self._location.thread, line)
        except RateLimitedError as err:
            wait, reason = err.retry_after, err.user_message
        except UnreachableError as err:
            self._failures += 1
            wait, reason = pause(self._failures), err.user_message
            self.refused = isinstance(err, UnknownRefusalError)
        else:
            self._failures, self.refused = 0, False
            self._visible_until = _now() + STATUS_SECONDS
            return 0.0
        logger.info("No status in %s now: %s", self._location.thread.channel, reason)
        return wait


def _now() -> float:
    return asyncio.get_running_loop().time()
