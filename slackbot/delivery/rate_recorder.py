"""Keeps what the rate budgets have counted, so that the next process goes on from there.

A bot that believes its minute unspent is refused, and its answers wait for Slack's Retry-After.
"""

import asyncio
import logging

from slackbot.conversation.ids import TeamId
from slackbot.delivery.rate_limiter import RateLimiter
from slackbot.delivery.rate_memory import RateMemoryStore
from slackbot.errors import StoreError

logger = logging.getLogger(__name__)


class RateRecorder:
    def __init__(self, rate_limiter: RateLimiter, store: RateMemoryStore, team: TeamId) -> None:
        self._rate_limiter = rate_limiter
        self._store = store
        self._team = team
        self._changed = asyncio.Event()
        self._recording: asyncio.Task[None] | None = None
        rate_limiter.on_change = self._changed.set

    async def open(self) -> None:
        """Takes over what an earlier process kept, and records from now on."""
        try:
            memory = await self._store.rates(self._team)
        except StoreError:
            logger.warning("The rate budgets of the last run can't be read")
            memory = None
        if memory is not None:
            self._rate_limiter.recall(memory)
        self._recording = asyncio.create_task(self._record())

    async def close(self) -> None:
        if self._recording is not None:
            self._recording.cancel()
            await asyncio.gather(self._recording, return_exceptions=True)
        await self._save(final=True)

    async def _record(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._save(final=False)

    async def _save(self, *, final: bool) -> None:
        try:
            await self._store.save_rates(self._team, self._rate_limiter.memory(final=final))
        except StoreError:
            logger.info("The rate budgets could not be kept; the next change is another try")
        except Exception:  # a bug of ours must not end in silence, nor end the bot
            logger.exception("The rate budgets could not be kept")
