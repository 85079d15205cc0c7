"""Holds Web API calls back, for a time or until a test releases them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from slackbot.playground.change_notifier import ChangeNotifier
from slackbot.playground.fake_slack.recorded_calls import RecordedCall


class HeldCalls:
    """The calls that wait for their effect or for their answer."""

    def __init__(self, changes: ChangeNotifier) -> None:
        self._changes = changes
        self._released: dict[RecordedCall, asyncio.Event] = {}

    @property
    def waiting(self) -> Sequence[RecordedCall]:
        """The held calls, oldest first."""
        return tuple(self._released)

    async def wait(self, call: RecordedCall, seconds: float | None) -> None:
        """Holds a call for `seconds`, or until it is released; None means until released."""
        released = self._released[call] = asyncio.Event()
        self._changes.notify()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await released.wait()
        finally:
            del self._released[call]
            self._changes.notify()

    def release(self, *calls: RecordedCall) -> None:
        """Lets these calls go on; all of them if none is given."""
        for call in calls or self.waiting:
            self._released[call].set()
