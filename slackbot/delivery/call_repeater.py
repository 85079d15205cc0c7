"""Makes the calls of one reply, which are repeated until they succeed, with growing pauses."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from slackbot.backoff import pause
from slackbot.conversation.ids import ChannelId
from slackbot.delivery.effects import Effects
from slackbot.delivery.setbacks import Failure, Setbacks
from slackbot.delivery.texts import STILL_TRYING
from slackbot.errors import LostStoreError, RateLimitedError, StoreError, UnreachableError

logger = logging.getLogger(__name__)

LATE_EFFECT_SECONDS = 0.5
"""How long we wait for a call to take effect after its connection failed."""


class CallRepeater:
    def __init__(self, channel: ChannelId, tell: Callable[[str, Callable[[], bool]], None]) -> None:
        """`tell` shows a sentence to the asker alone: once, if calls fail for long, or if Slack
        does not answer one. With it comes whether the sentence is still true.
        """
        self.setbacks = Setbacks()
        self._channel = channel
        self._tell = tell
        self.told = False
        """The asker knows, or need not know, that calls fail."""
        self._store_failures = 0
        self._effects = Effects()
        self._silent = False
        """The asker was told, and no call has succeeded since."""
        self._telling: asyncio.TimerHandle | None = None
        """Tells the asker, unless a call succeeds before."""

    async def attempt(self, effect: Callable[[], Awaitable[None]]) -> float:
        """Makes a call, which is completed even if the caller is cancelled.

        Returns the seconds to wait before the next call: 0 after one that succeeded. Raises
        DeliveryError, RateLimitedError and LostStoreError.
        """
        return await self._effects.complete(self._settle(effect))

    async def look(self, find: Coroutine[Any, Any, None]) -> None:
        """Asks Slack something, and waits before it must be asked again.

        That Slack answers does not mean that the next call will succeed.
        """
        self._tell_later()
        try:
            await find
        except RateLimitedError as err:
            self.note(err)
            await asyncio.sleep(err.retry_after)
        except UnreachableError as err:
            await asyncio.sleep(self.note(err))
        else:
            self._tell_no_more()

    def abandon(self) -> None:
        """Cancels the running call, as the process ends now."""
        self._effects.abandon()

    def close(self) -> None:
        """Tells the asker nothing from now on."""
        self.told, self._silent = True, False
        self._tell_no_more()

    def note(self, err: Failure) -> float:
        """Notes a failure, and tells the asker in time, even before the next attempt.

        Returns the seconds to wait before the next attempt, unless Slack says that itself.
        """
        now = asyncio.get_running_loop().time()
        wait = self.setbacks.note(err, now)
        pausing = err.retry_after if isinstance(err, RateLimitedError) else wait
        self._tell_no_more()
        if now + pausing >= self.setbacks.silent_at(now):
            self._tell_later()
        return wait

    def _tell_later(self) -> None:
        """Tells the asker once they have waited for long, unless a call succeeds before."""
        loop = asyncio.get_running_loop()
        if self._telling is None and not self.told:
            self._telling = loop.call_at(self.setbacks.silent_at(loop.time()), self._tell_now)

    def _tell_no_more(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    def _tell_now(self) -> None:
        self._telling = None
        if self.told:
            return
        self.told = self._silent = True
        logger.warning("A reply in %s waits for Slack: %s", self._channel, self._reason())
        self._tell(STILL_TRYING, lambda: self._silent)

    def _reason(self) -> str:
        match self.setbacks.last:
            case None:
                return "no answer"
            case RateLimitedError(method=method):
                return f"{method} (a limit)"
            case failure:
                return f"{failure.method} ({failure.code or 'no answer'})"

    async def _settle(self, effect: Callable[[], Awaitable[None]]) -> float:
        """Makes a call and, if its connection failed, waits until it may have taken effect."""
        self._tell_later()
        try:
            await effect()
        except UnreachableError as err:
            wait = self.note(err)
            settling = min(wait, LATE_EFFECT_SECONDS) if err.sent else 0.0
            await asyncio.sleep(settling)
            return wait - settling
        except LostStoreError:  # no other try can work
            self._tell_no_more()
            raise
        except StoreError:  # nothing is posted that a crash could post again
            logger.exception("A post in %s could not be recorded", self._channel)
            self._store_failures += 1
            self._tell_no_more()
            return pause(self._store_failures)
        except BaseException:
            self._tell_no_more()
            raise
        self.setbacks.clear()
        self._silent = False
        self._tell_no_more()
        self._store_failures = 0
        return 0.0
