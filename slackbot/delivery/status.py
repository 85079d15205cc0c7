"""The status line under a thread: it says what the bot does until there is text.

Slack removes it when the bot posts to the thread, or after two minutes:
https://docs.slack.dev/reference/methods/assistant.threads.setStatus
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from slackbot.conversation.messages import ThreadKey
from slackbot.delivery.queue_position import STATUS_REFRESH_SECONDS, QueuePosition
from slackbot.delivery.reply_transport import ReplyTransport
from slackbot.delivery.texts import THINKING_STATUS
from slackbot.errors import DeliveryError, RateLimitedError, SlackError, UnreachableError

logger = logging.getLogger(__name__)

STATUS_WAIT_SECONDS = 0.5
"""How long the first text waits for the status, which must not appear after the text."""


class ThreadStatus:
    def __init__(self, transport: ReplyTransport, thread: ThreadKey) -> None:
        self.refused = False
        """Slack accepts no status in this thread."""
        self._transport = transport
        self._thread = thread
        self._settled = asyncio.Event()

    async def show_queue_position(self, position: QueuePosition) -> None:
        """Shows how many others are ahead in the queue, until it is cancelled or refused."""
        now = asyncio.get_running_loop().time
        with suppress(DeliveryError):
            while True:
                wait = 0.0
                if line := position.line(now()):
                    try:
                        await self._transport.status(self._thread, line)
                    except (RateLimitedError, UnreachableError) as err:
                        position.miss()
                        wait = err.retry_after if isinstance(err, RateLimitedError) else 0.0
                await asyncio.sleep(wait or position.next_look())

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
        """Returns when the status is set or refused, within STATUS_WAIT_SECONDS."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STATUS_WAIT_SECONDS):
                await self._settled.wait()

    async def clear(self) -> None:
        """Removes the status where no post of the bot does so."""
        with suppress(SlackError):
            await self._transport.status(self._thread, "")
