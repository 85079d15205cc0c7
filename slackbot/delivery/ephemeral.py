"""Ephemeral messages: only one person sees them."""

import logging
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import UserId
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import SlackError

logger = logging.getLogger(__name__)


class EphemeralSender(Protocol):
    async def send_ephemeral(
        self, thread: ThreadKey, user: UserId, sentence: str, *, in_thread: bool
    ) -> None:
        """Sends a message to the thread, or its channel, that only this person sees.

        May raise SlackError.
        """


class EphemeralMessages:
    """Sends ephemeral messages in the background; one that fails is only logged."""

    def __init__(self, sender: EphemeralSender) -> None:
        self._sender = sender
        self._background_tasks = BackgroundTasks()

    def begin(
        self, thread: ThreadKey, user: UserId, sentence: str, *, has_replies: bool = True
    ) -> None:
        """Sends a message to the thread, or to its channel: in a thread without a reply, Slack
        shows it to nobody. A direct message is a thread that the person sees.

        https://docs.slack.dev/reference/methods/chat.postEphemeral#arguments
        """
        in_thread = has_replies or thread.channel.startswith("D")
        self._background_tasks.begin(self._send(thread, user, sentence, in_thread=in_thread))

    def answer(self, message: Message, sentence: str) -> None:
        """Sends a message to the author of this one, where they wrote it."""
        has_replies = not message.starts_thread
        self.begin(message.thread, message.user, sentence, has_replies=has_replies)

    async def close(self) -> None:
        await self._background_tasks.close()

    async def _send(
        self, thread: ThreadKey, user: UserId, sentence: str, *, in_thread: bool
    ) -> None:
        try:
            await self._sender.send_ephemeral(thread, user, sentence, in_thread=in_thread)
        except SlackError as err:
            logger.info("An ephemeral message in %s failed: %s", thread.channel, err.user_message)
