"""The line under a thread that says what the bot is at, until there is text.

Slack takes it away when the bot posts into the thread, or after two minutes:
https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.errors import DeliveryError, RateLimitedError, SlackError, UnreachableError

logger = logging.getLogger(__name__)

THINKING_STATUS = "is thinking…"

NEXT_STATUS = "is busy, and answers you next…"
QUEUED_STATUS = "is busy: {ahead} before you…"

STATUS_REFRESH_SECONDS = 100.0
"""Seconds after which it is set anew."""

QUEUE_POLL_SECONDS = 15.0
"""Seconds between two looks at how far a line has moved."""

STATUS_WAIT_SECONDS = 0.5
"""Seconds that the first text waits for the status to be set, so that it is not set afterwards."""


class ThreadStatus:
    def __init__(self, transport: ReplyTransport, thread: ThreadKey) -> None:
        self.refused = False
        """Slack takes none here."""
        self._transport = transport
        self._thread = thread
        self._settled = asyncio.Event()

    async def show_queue_position(self, ahead: Callable[[], int]) -> None:
        """Says how many others are ahead, for as long as it runs."""
        told, told_at, now = None, 0.0, asyncio.get_running_loop().time
        with suppress(SlackError):
            while True:
                line = QUEUED_STATUS.format(ahead=ahead()) if ahead() else NEXT_STATUS
                if line != told or now() - told_at > STATUS_REFRESH_SECONDS:
                    told, told_at = line, now()
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
        except DeliveryError:
            self.refused = True
        except (RateLimitedError, UnreachableError) as err:
            logger.info("No status in %s: %s", self._thread.channel, err.user_message)
        finally:
            self._settled.set()

    async def wait_until_set(self) -> None:
        """Returns when it is set, or will not be; not much later than at once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_WAIT_SECONDS):
                await self._settled.wait()

    async def clear(self) -> None:
        """Takes it away where nothing was posted that would have done so."""
        with suppress(SlackError):
            await self._transport.status(self._thread, "")
