"""What one person alone is told, beside the thread's messages."""

import logging
from typing import Protocol

from slackbot.background import BackgroundTasks
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import SlackError

logger = logging.getLogger(__name__)


class EphemeralSender(Protocol):
    async def send_ephemeral(self, thread: ThreadKey, user: str, sentence: str) -> None:
        """Says something in the thread that this person alone can see. May raise SlackError."""


class EphemeralMessages:
    """Nothing waits for them, and nothing depends on them."""

    def __init__(self, sender: EphemeralSender) -> None:
        self._sender = sender
        self._background_tasks = BackgroundTasks()

    def begin(self, thread: ThreadKey, user: str, sentence: str) -> None:
        self._background_tasks.begin(self._send(thread, user, sentence))

    async def close(self) -> None:
        await self._background_tasks.close()

    async def _send(self, thread: ThreadKey, user: str, sentence: str) -> None:
        try:
            await self._sender.send_ephemeral(thread, user, sentence)
        except SlackError as err:
            logger.info("Nothing was whispered in %s: %s", thread.channel, err.user_message)
