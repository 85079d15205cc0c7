"""Wakes the sessions of this replica's threads when any replica has stored an event for them.

A notification says which thread it is. Polling finds what no notification reached: those of a lost
connection, and of a database behind PgBouncer.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import StoreError

logger = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""How late an event is whose notification got lost."""

FREQUENT_POLL_SECONDS = 1.0
"""The same where no notifications arrive at all."""


class Waker:
    def __init__(
        self,
        owned: Callable[[], Sequence[TeamId]],
        threads_with_events: Callable[[Sequence[TeamId]], Awaitable[Sequence[ThreadKey]]],
        wake: Callable[[ThreadKey], None],
        notifications_arrive: Callable[[], bool],
    ) -> None:
        """`owned` lists the workspaces in which this replica answers; `threads_with_events` their
        threads with events that no session has taken yet, and raises StoreError. `wake` lets the
        session of a thread look; nothing changes if it has seen the event already.
        """
        self._owned = owned
        self._threads_with_events = threads_with_events
        self._wake = wake
        self._notifications_arrive = notifications_arrive
        self._poll_now = asyncio.Event()

    def on_thread(self, thread: ThreadKey) -> None:
        """An event of this thread was stored."""
        if thread.team in self._owned():
            self._wake(thread)

    def poll_now(self) -> None:
        """Notifications may have got lost."""
        self._poll_now.set()

    async def run(self) -> None:
        """Polls until it is cancelled."""
        while True:
            self._poll_now.clear()
            await self._poll()
            arrive = self._notifications_arrive()
            try:
                async with asyncio.timeout(POLL_SECONDS if arrive else FREQUENT_POLL_SECONDS):
                    await self._poll_now.wait()
            except TimeoutError:
                pass

    async def _poll(self) -> None:
        teams = self._owned()
        if not teams:
            return
        try:
            threads = await self._threads_with_events(teams)
        except StoreError as err:
            logger.warning("The database was not asked for new events (%s)", err.detail)
            return
        except Exception:  # a bug must not end it
            logger.exception("The database was not asked for new events")
            return
        owned = {*self._owned()}
        for thread in threads:
            if thread.team in owned:  # it may have been lost meanwhile
                self._wake(thread)
