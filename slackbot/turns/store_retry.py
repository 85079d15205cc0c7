"""Retries an operation of the store until it succeeds."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from slackbot.backoff import pause
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import LostStoreError, StoreError, UnreadableDraftError

logger = logging.getLogger(__name__)

T = TypeVar("T")


async def until_stored(thread: ThreadKey, ask: Callable[[], Awaitable[T]]) -> T:
    """Returns the operation's result. Retries while the store fails, as the thread's next step
    depends on it. Raises LostStoreError if no other try can work, and UnreadableDraftError, which
    its asker must know of.
    """
    for failures in count(1):
        try:
            return await ask()
        except (LostStoreError, UnreadableDraftError):
            raise
        except StoreError as err:
            logger.log(
                logging.ERROR,
                "The store fails for a thread in %s (%s)",
                thread.channel,
                err.detail,
                exc_info=failures == 1,  # an outage may last, and many threads wait for its end
            )
            await asyncio.sleep(pause(failures))
    raise AssertionError
