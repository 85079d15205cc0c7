"""Ephemeral messages: only one person sees them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.backoff import pause
from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import RateLimitedError, SlackError, UnreachableError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 120.0
"""How long a message is worth another attempt: it explains why there is no answer."""


class EphemeralSender(Protocol):
    async def send_ephemeral(
        self, thread: ThreadKey, user: UserId, sentence: str, *, in_thread: bool
    ) -> None:
        """Sends a message to the thread, or its channel, that only this person sees.

        May raise SlackError.
        """


def always() -> bool:
    return True


class EphemeralMessages:
    """Sends ephemeral messages in the background.

    What Slack refuses for a while is tried again; one that fails for good is only logged.
    """

    def __init__(self, sender: EphemeralSender) -> None:
        self._sender = sender
        self._background_tasks = BackgroundTasks()

    def begin(
        self,
        thread: ThreadKey,
        user: UserId,
        sentence: str,
        *,
        has_replies: bool = True,
        is_true: Callable[[], bool] = always,
    ) -> None:
        """Sends a message to the thread, or to its channel: in a thread without a reply, Slack
        shows it to nobody. A direct message is a thread that the person sees. It is not tried
        again once it no longer `is_true`.

        https://docs.slack.dev/reference/methods/chat.postEphemeral#arguments
        """
        in_thread = has_replies or thread.channel.startswith("D")
        send = partial(self._sender.send_ephemeral, thread, user, sentence, in_thread=in_thread)
        self._background_tasks.begin(_send(thread, send, is_true))

    def answer(self, message: Message, sentence: str) -> None:
        """Sends a message to the author of this one, where they wrote it."""
        has_replies = not message.starts_thread
        self.begin(message.thread, message.user, sentence, has_replies=has_replies)

    async def close(self) -> None:
        await self._background_tasks.close()


async def _send(
    thread: ThreadKey, send: Callable[[], Awaitable[None]], is_true: Callable[[], bool]
) -> None:
    now = asyncio.get_running_loop().time
    ends_at = now() + RETRY_SECONDS
    for failures in count(1):
        try:
            await send()
        except SlackError as err:
            wait = _wait_after(err, failures)
            if wait is None or now() + wait > ends_at:
                logger.info(
                    "An ephemeral message in %s failed: %s", thread.channel, err.user_message
                )
                return
            await asyncio.sleep(wait)
            if is_true():
                continue
        return


def _wait_after(err: SlackError, failures: int) -> float | None:
    """Returns the seconds until another attempt. None if it won't help, or the person may have the
    message already.
    """
    if isinstance(err, RateLimitedError):
        return err.retry_after
    if isinstance(err, UnreachableError) and (err.code or not err.sent):
        return pause(failures)
    return None
