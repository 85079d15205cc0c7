"""Makes the calls of one reply, which are repeated until they succeed, with growing pauses."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from slackbot.backoff import pause
from slackbot.conversation.ids import ChannelId
from slackbot.delivery.effects import Effects
from slackbot.delivery.setbacks import Failure, Setbacks
from slackbot.delivery.texts import STILL_TRYING
from slackbot.errors import RateLimitedError, StoreError, UnreachableError

logger = logging.getLogger(__name__)

LATE_EFFECT_SECONDS = 0.5
"""How long we wait for a call to take effect after its connection failed."""


class CallRepeater:
    def __init__(self, channel: ChannelId, tell: Callable[[str], None]) -> None:
        """`tell` shows a sentence to the asker alone: once, if calls fail for long."""
        self.setbacks = Setbacks()
        self._channel = channel
        self._tell = tell
        self.told = False
        """The asker knows, or need not know, that calls fail."""
        self._store_failures = 0
        self._effects = Effects()

    async def attempt(self, effect: Coroutine[Any, Any, None]) -> float:
        """Makes a call, which is completed even if the caller is cancelled.

        Returns the seconds to wait before the next call: 0 after one that succeeded. Raises
        DeliveryError and RateLimitedError.
        """
        return await self._effects.complete(self._settle(effect))

    async def look(self, find: Coroutine[Any, Any, None]) -> None:
        """Asks Slack something, and waits before it must be asked again.

        That Slack answers does not mean that the next call will succeed.
        """
        try:
            await find
        except RateLimitedError as err:
            self.note(err)
            await asyncio.sleep(err.retry_after)
        except UnreachableError as err:
            await asyncio.sleep(self.note(err))

    def abandon(self) -> None:
        """Cancels the running call, as the process ends now."""
        self._effects.abandon()

    def note(self, err: Failure) -> float:
        """Notes a failure, and tells the asker in time.

        Returns the seconds to wait before the next attempt, unless Slack says that itself.
        """
        now = asyncio.get_running_loop().time()
        wait = self.setbacks.note(err, now)
        if self.setbacks.are_silent(now) and not self.told:
            self.told = True
            code = "a limit" if isinstance(err, RateLimitedError) else err.code or "no answer"
            logger.warning(
                "A reply in %s waits for Slack: %s (%s)", self._channel, err.method, code
            )
            self._tell(STILL_TRYING)
        return wait

    async def _settle(self, effect: Coroutine[Any, Any, None]) -> float:
        """Makes a call and, if its connection failed, waits until it may have taken effect."""
        try:
            await effect
        except UnreachableError as err:
            wait = self.note(err)
            settling = min(wait, LATE_EFFECT_SECONDS) if err.sent else 0.0
            await asyncio.sleep(settling)
            return wait - settling
        except StoreError:  # nothing is posted that a crash could post again
            logger.exception("A post in %s could not be recorded", self._channel)
            self._store_failures += 1
            return pause(self._store_failures)
        self.setbacks.clear()
        self._store_failures = 0
        return 0.0
