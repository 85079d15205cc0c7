"""What one person alone is told, beside the thread's messages."""

import asyncio
import logging
from typing import Protocol

from slackbot.conversation import ThreadKey
from slackbot.errors import SlackError

logger = logging.getLogger(__name__)


class Whisperer(Protocol):
    async def whisper(self, thread: ThreadKey, user: str, sentence: str) -> None:
        """Says something in the thread that this person alone can see. May raise SlackError."""


class Whispers:
    """Nothing waits for them, and nothing depends on them."""

    def __init__(self, whisperer: Whisperer) -> None:
        self._whisperer = whisperer
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, thread: ThreadKey, user: str, sentence: str) -> None:
        task = asyncio.create_task(self._whisper(thread, user, sentence))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends those that are still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _whisper(self, thread: ThreadKey, user: str, sentence: str) -> None:
        try:
            await self._whisperer.whisper(thread, user, sentence)
        except SlackError as err:
            logger.info("Nothing was whispered in %s: %s", thread.channel, err.user_message)
