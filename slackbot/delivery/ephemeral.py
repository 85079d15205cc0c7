"""Ephemeral messages: only one person sees them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Protocol

from cachetools import TTLCache

from slackbot.background import BackgroundTasks
from slackbot.backoff import pause
from slackbot.conversation.ids import ChannelId, UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.delivery.texts import ELSEWHERE
from slackbot.errors import (
    DeliveryError,
    RateLimitedError,
    RevokedError,
    SlackError,
    UnreachableError,
)

logger = logging.getLogger(__name__)

RETRY_SECONDS = 120.0
"""How long a message is worth another attempt: it explains why there is no answer."""

REMIND_SECONDS = 60.0
"""How long a person still sees what they were told last."""

MAX_REMINDED = 10_000


class EphemeralSender(Protocol):
    async def send_ephemeral(
        self, thread: ThreadKey, user: UserId, sentence: str, *, in_thread: bool
    ) -> None:
        """Sends a message to the thread, or its channel, that only this person sees.

        May raise SlackError.
        """

    async def post_note(self, channel: ChannelId, text: str) -> None:
        """Posts a message that is no reply. May raise SlackError."""


def always() -> bool:
    return True


class EphemeralMessages:
    """Sends ephemeral messages in the background.

    What Slack refuses for a while is tried again. What it refuses for good, as in a locked thread,
    goes to the channel, and if it is refused there, to the person as a direct message.
    """

    def __init__(self, sender: EphemeralSender) -> None:
        self._sender = sender
        self._background_tasks = BackgroundTasks()
        self._reminded: TTLCache[tuple[ThreadKey, UserId, str], None] = TTLCache(
            MAX_REMINDED, REMIND_SECONDS
        )

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
        sending = _Sending(self._sender, thread, user, sentence, in_thread, is_true)
        self._background_tasks.begin(sending.run())

    def remind(self, thread: ThreadKey, user: UserId, sentence: str) -> None:
        """Answers what a person did in a thread, such as pressing a button. Who does the same again
        within REMIND_SECONDS is told once.
        """
        key = (thread, user, sentence)
        if key not in self._reminded:
            self._reminded[key] = None
            self.begin(thread, user, sentence)

    def answer(self, message: Message, sentence: str) -> None:
        """Sends a message to the author of this one, where they wrote it."""
        has_replies = not message.starts_thread
        self.begin(message.thread, message.user, sentence, has_replies=has_replies)

    def abandon(self) -> None:
        """Gives up what is on its way."""
        self._background_tasks.abandon()

    async def close(self) -> None:
        await self._background_tasks.close()


@dataclass(frozen=True, slots=True)
class _Sending:
    """One message on its way to one person."""

    sender: EphemeralSender
    thread: ThreadKey
    user: UserId
    sentence: str
    in_thread: bool
    is_true: Callable[[], bool]

    async def run(self) -> None:
        """Sends it where the person is, else to the channel, or else as a direct message."""
        channel = self.thread.channel
        for in_thread in (True, False) if self.in_thread else (False,):
            if await self._is_done(partial(self._send_ephemeral, in_thread=in_thread)):
                return
        if self.user and await self._is_done(self._send_directly):
            logger.info("What was to be told in %s went as a direct message", channel)
        else:
            logger.warning("Nobody could be told in %s what happened to their message", channel)

    async def _send_ephemeral(self, *, in_thread: bool) -> None:
        await self.sender.send_ephemeral(self.thread, self.user, self.sentence, in_thread=in_thread)

    async def _send_directly(self) -> None:
        """https://docs.slack.dev/reference/methods/chat.postMessage#channels - a user's ID stands
        for the direct message with that person.
        """
        channel, sentence = self.thread.channel, self.sentence
        if channel.startswith("D"):
            await self.sender.post_note(channel, sentence)
        else:
            told = ELSEWHERE.format(sentence=sentence, channel=channel)
            await self.sender.post_note(ChannelId(self.user), told)

    async def _is_done(self, send: Callable[[], Awaitable[None]]) -> bool:
        """Sends it, again and again if that may help. False if Slack refuses it."""
        now = asyncio.get_running_loop().time
        ends_at = now() + RETRY_SECONDS
        for failures in count(1):
            try:
                await send()
            except SlackError as err:
                wait = _wait_after(err, failures)
                if wait is None and isinstance(err, UnreachableError):
                    return True  # the person may have it, and must not get it twice
                if wait is None or now() + wait > ends_at:
                    code = err.code if isinstance(err, DeliveryError | UnreachableError) else ""
                    logger.info("%s in %s failed: %s", err.method, self.thread.channel, code)
                    return isinstance(err, RevokedError)  # the log says that already
                await asyncio.sleep(wait)
                if self.is_true():
                    continue
            return True
        return True


def _wait_after(err: SlackError, failures: int) -> float | None:
    """Returns the seconds until another attempt. None if it won't help, or the person may have the
    message already.
    """
    if isinstance(err, RateLimitedError):
        return err.retry_after
    if isinstance(err, UnreachableError) and (err.code or not err.sent):
        return pause(failures)
    return None
