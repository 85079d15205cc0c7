"""The status line under a thread: it says what the bot does until there is text.

Slack removes it when the bot posts to the thread, or after two minutes:
https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.texts import NEXT_STATUS, QUEUED_STATUS, THINKING_STATUS
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    SlackError,
    UnknownRefusalError,
    UnreachableError,
)

logger = logging.getLogger(__name__)

STATUS_REFRESH_SECONDS = 100.0
"""The status is set again after this time, before Slack removes it."""

QUEUE_POLL_SECONDS = 15.0
"""The time between two checks of the position in the queue."""

STATUS_WAIT_SECONDS = 0.5
"""How long the first text waits for the status, which must not appear after the text."""


class ThreadStatus:
    def __init__(self, transport: ReplyTransport, thread: ThreadKey) -> None:
        self.refused = False
        """Slack accepts no status in this thread."""
        self._transport = transport
        self._thread = thread
        self._settled = asyncio.Event()

    async def show_queue_position(self, ahead: Callable[[], int]) -> None:
        """Shows how many others are ahead in the queue, until it is cancelled."""
        shown, shown_at, now = None, 0.0, asyncio.get_running_loop().time
        with suppress(SlackError):
            while True:
                line = QUEUED_STATUS.format(ahead=ahead()) if ahead() else NEXT_STATUS
                if line != shown or now() - shown_at > STATUS_REFRESH_SECONDS:
                    shown, shown_at = line, now()
                    await self._transport.status(self._thread, line)
                await asyncio.sleep(QUEUE_POLL_SECONDS)

    async def show_thinking(self, is_posted: Callable[[], bool]) -> None:
        """Shows that the bot is thinking until something is posted."""
        try:
            while not is_posted():
                await self._transport.status(self._thread, THINKING_STATUS)
                self._settled.set()
                if is_posted():  # Slack was slow: the status would outlive the post
                    await self._transport.status(self._thread, "")
                await asyncio.sleep(STATUS_REFRESH_SECONDS)
        except (DeliveryError, UnknownRefusalError):
            self.refused = True
        except (RateLimitedError, UnreachableError) as err:
            logger.info("No status in %s: %s", self._thread.channel, err.user_message)
        finally:
            self._settled.set()

    async def wait_until_set(self) -> None:
        """Returns when the status is set or refused, within STATUS_WAIT_SECONDS."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_WAIT_SECONDS):
                await self._settled.wait()

    async def clear(self) -> None:
        """Removes the status where no post of the bot does so."""
        with suppress(SlackError):
            await self._transport.status(self._thread, "")
