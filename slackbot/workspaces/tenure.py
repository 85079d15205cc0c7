"""One workspace in the hands of this replica, from the claim to the end of its lease.

The replica may act as long as its own clock says that the lease can't have expired. No call to the
database is needed to know that, so a replica that was paused, or has lost the database, stops by
itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from slackbot.errors import StoreError
from slackbot.workspaces.lease import Lease
from slackbot.workspaces.lease_store import LeaseStore
from slackbot.workspaces.owner import Owner

logger = logging.getLogger(__name__)

Clock = Callable[[], float]
"""Seconds since any moment."""


def steady_clock() -> float:
    """Seconds that also pass while the process is stopped, or the machine is suspended."""
    if hasattr(time, "CLOCK_BOOTTIME"):  # Linux; its monotonic clock stops during a suspend
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Tenure:
    """Belongs to the event loop in which it was made."""

    def __init__(
        self, lease: Lease, ends_at: float, owner: Owner, leases: LeaseStore, clock: Clock
    ) -> None:
        """`ends_at` is when the replica stops using the lease unless it is renewed."""
        self.lease = lease
        self._ends_at = ends_at
        self._owner = owner
        self._leases = leases
        self._clock = clock
        loop = asyncio.get_running_loop()
        self._over: asyncio.Future[None] = loop.create_future()
        self._leaving: asyncio.Future[None] = loop.create_future()

    @property
    def is_leaving(self) -> bool:
        return self._leaving.done() or not self.holds()

    def holds(self) -> bool:
        """Whether the replica may still act. Once false, it stays false."""
        return not self._over.done() and self._clock() < self._ends_at

    def renew(self, ends_at: float) -> bool:
        """Keeps the lease for longer, unless it is over already. Returns whether it is kept."""
        if not self.holds():
            self.lose()
            return False
        self._ends_at = max(self._ends_at, ends_at)
        return True

    def lose(self) -> None:
        """The lease is over: the owner stops at once."""
        if not self._over.done():
            self._over.set_result(None)

    def hand_over(self) -> None:
        """The owner stops in order; then the lease is released."""
        if not self._leaving.done():
            self._leaving.set_result(None)

    async def run(self) -> Exception | None:
        """Returns when the lease is over. Returns the error if the owner could not take it."""
        team = self.lease.team
        taking = asyncio.ensure_future(self._owner.take(self.lease, self.holds))
        await self._until(taking, self._leaving)
        error = await _end(taking)
        if error is None:
            logger.info("This replica answers in the workspace %s now", team)
            await self._until(self._leaving)
            await self._stop()
            logger.info("This replica no longer answers in the workspace %s", team)
        elif isinstance(error, Exception):
            logger.warning("The workspace %s could not be taken", team, exc_info=error)
        if self.holds():
            self.lose()  # before another replica can have it
            await self._release()
        return error if isinstance(error, Exception) else None

    async def _until(self, *ends: asyncio.Future[None]) -> None:
        """Returns when one of them is done, or the lease is over."""
        while self.holds() and not any(end.done() for end in ends):
            await asyncio.wait(
                {*ends, self._over},
                timeout=self._ends_at - self._clock(),
                return_when=asyncio.FIRST_COMPLETED,
            )

    async def _stop(self) -> None:
        if self.holds():
            handing_over = asyncio.ensure_future(self._owner.hand_over(self.lease))
            await self._until(handing_over)
            error = await _end(handing_over)
            if error is None:
                return
            if isinstance(error, Exception):
                logger.error("The workspace %s was not handed over in order", exc_info=error)
        try:
            await self._owner.lose(self.lease)
        except Exception:  # the other workspaces go on
            logger.exception("The workspace %s was not left in order", self.lease.team)

    async def _release(self) -> None:
        try:
            await self._leases.release([self.lease])
        except StoreError as err:
            logger.warning(
                "The workspace %s can't be released (%s): another replica takes it when the lease "
                "expires",
                self.lease.team,
                err.detail,
            )


async def _end(work: asyncio.Future[None]) -> BaseException | None:
    """Cancels what is not done, and returns its error if it failed or was cancelled."""
    work.cancel()
    (result,) = await asyncio.gather(work, return_exceptions=True)
    return result
