"""Deletes conversations in which nothing has happened for a number of days, by Slack's clock.

The machine's clock may be wrong, and what is deleted is gone. So Slack is asked for the time before
each round, and a round takes place only if the machine's clock agrees. A conversation is as old as
its newest message, or change of one, by Slack's own timestamps.
"""

import asyncio
import logging
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
    async def claim_cleanup(self) -> bool:
        """Returns False if another replica has cleaned up within the hour. Raises StoreError."""

    async def forget_untouched(self, before: float) -> DeletionCount:
        """Deletes conversations in which nothing has happened since a time, in seconds since the
        epoch. Raises StoreError.
        """


class Clocks(Protocol):
    """Both give seconds since the epoch."""

    async def slack(self) -> float:
        """Raises SlackError."""

    def machine(self) -> float: ...


async def delete_untouched_conversations(days: int, store: ExpiringStore, clocks: Clocks) -> None:
    """Deletes conversations untouched for `days`, now and every hour, until cancelled."""
    while True:
        try:
            await clean_up(days, store, clocks)
        except SlackError as err:
            logger.warning("Slack does not tell the time, deleting nothing: %s", err.user_message)
        except StoreError:
            logger.exception("Old conversations could not be deleted, trying again later")
        await asyncio.sleep(CLEANUP_INTERVAL_SECONDS)


async def clean_up(days: int, store: ExpiringStore, clocks: Clocks) -> None:
    """Deletes conversations untouched for `days`, if the clocks agree, and no other replica did.

    Raises SlackError or StoreError.
    """
    now = await clocks.slack()
    ahead = clocks.machine() - now
    if abs(ahead) > MAX_CLOCK_DIFFERENCE_SECONDS:
        logger.error(
            "The machine's clock is %.0f s ahead of Slack's, deleting nothing: set it", ahead
        )
        return
    if not await store.claim_cleanup():
        return
    gone = await store.forget_untouched(now - days * SECONDS_PER_DAY)
    if gone.conversations:
        logger.info("Deleted %d conversation(s), untouched for %d days", gone.conversations, days)
