"""Deletes conversations in which nothing has happened for a number of days."""

import asyncio
import logging
import time
from typing import Protocol

from slackbot.errors import StoreError

logger = logging.getLogger(__name__)

CLEANUP_INTERVAL_SECONDS = 3600.0
"""The time between two cleanups."""

SECONDS_PER_DAY = 86_400.0


class DeletionCount(Protocol):
    @property
    def conversations(self) -> int: ...


class ExpiringStore(Protocol):
    async def forget_untouched(self, before: float, after: str = "") -> tuple[DeletionCount, str]:
        """Deletes a page of conversations last touched before a time in seconds since the epoch.

        Also returns the `after` of the next page, "" after the last one. Raises StoreError.
        """


async def delete_untouched_conversations(days: int, store: ExpiringStore) -> None:
    """Deletes conversations untouched for `days`, now and every hour, until cancelled."""
    while True:
        try:
            await _delete_untouched(days, store)
        except StoreError:
            logger.exception("Old conversations could not be deleted, trying again later")
        await asyncio.sleep(CLEANUP_INTERVAL_SECONDS)


async def _delete_untouched(days: int, store: ExpiringStore) -> None:
    before = time.time() - days * SECONDS_PER_DAY
    gone, after = await store.forget_untouched(before)
    total = gone.conversations
    while after:
        gone, after = await store.forget_untouched(before, after)
        total += gone.conversations
    if total:
        logger.info("Deleted %d conversation(s), untouched for %d days", total, days)
