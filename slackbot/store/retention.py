"""Deletes conversations in which nothing has happened for a number of days, by Slack's clock.

The machine's clock may be wrong, and what is deleted is gone. So Slack is asked for the time before
each round, and a round takes place only if the machine's clock agrees. A conversation is as old as
its newest message, or change of one, by Slack's own timestamps.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from slackbot.errors import SlackError, StoreError

logger = logging.getLogger(__name__)

CLEANUP_INTERVAL_SECONDS = 3600.0
"""The time between two cleanups."""

SECONDS_PER_DAY = 86_400.0

MAX_CLOCK_DIFFERENCE_SECONDS = 3600.0
"""Between Slack's clock and the machine's: more is a sign that one of them is wrong."""


class DeletionCount(Protocol):
    @property
    def conversations(self) -> int: ...


class ExpiringStore(Protocol):
    async def forget_untouched(self, before: float) -> DeletionCount:
        """Deletes conversations in which nothing has happened since a time, in seconds since the
        epoch. Raises StoreError.
        """


async def delete_untouched_conversations(
    days: int,
    store: ExpiringStore,
    *,
    slack_time: Callable[[], Awaitable[float]],
    machine_time: Callable[[], float],
) -> None:
    """Deletes conversations untouched for `days`, now and every hour, until cancelled.

    Both clocks give seconds since the epoch; Slack's may raise SlackError.
    """
    while True:
        try:
            now = await slack_time()
            if abs(now - machine_time()) > MAX_CLOCK_DIFFERENCE_SECONDS:
                logger.error(
                    "The machine's clock is %.0f s from Slack's: set it. No old conversations are "
                    "deleted until then",
                    machine_time() - now,
                )
            else:
                await _delete_untouched(days, store, now)
        except SlackError as err:
            logger.warning("Slack does not tell the time, deleting nothing: %s", err.user_message)
        except StoreError:
            logger.exception("Old conversations could not be deleted, trying again later")
        await asyncio.sleep(CLEANUP_INTERVAL_SECONDS)


async def _delete_untouched(days: int, store: ExpiringStore, now: float) -> None:
    gone = await store.forget_untouched(now - days * SECONDS_PER_DAY)
    if gone.conversations:
        logger.info("Deleted %d conversation(s), untouched for %d days", gone.conversations, days)
