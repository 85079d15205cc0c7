"""One replica owns a workspace at a time, and the workspaces spread over the replicas.

Each replica renews its leases, a few times in the life of one. It claims what nobody owns up to its
share, and hands over what it has beyond that. A replica that dies leaves leases that expire; one
that can't reach the database stops before its leases can have expired.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from slackbot.backoff import pause
from slackbot.conversation.ids import TeamId
from slackbot.errors import StoreError
from slackbot.workspaces.lease import Lease
from slackbot.workspaces.lease_store import Census, LeaseStore, Presence
from slackbot.workspaces.owner import Owner
from slackbot.workspaces.spread import share
from slackbot.workspaces.tenure import Clock, Tenure, steady_clock

logger = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
"""How long a lease lasts unless it is renewed, by the database's clock."""

RENEWALS_PER_LEASE = 3

MARGIN_SECONDS = 2.0
"""How long before its lease could expire a replica stops using it: calls are under way then."""

BUSY_PATIENCE_SECONDS = 60.0
"""How long a workspace where somebody is being answered is kept beyond the replica's share."""

EXPIRY_GRACE_SECONDS = 0.05
"""How long after another replica's lease should have expired this one looks."""


@dataclass(slots=True)
class _Setback:
    """A workspace that could not be taken."""

    failures: int = 0
    ends_at: float = 0.0
    """When it is tried again, by this process's clock."""


class Ownership:
    """The workspaces of one replica."""

    def __init__(
        self,
        replica: str,
        leases: LeaseStore,
        owner: Owner,
        *,
        lease_seconds: float = LEASE_SECONDS,
        clock: Clock = steady_clock,
    ) -> None:
        """`replica` is an ID that no other process ever had."""
        self._replica = replica
        self._leases = leases
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._tenures: dict[TeamId, Tenure] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._setbacks: dict[TeamId, _Setback] = {}
        self._crowded_since: float | None = None
        """When this replica began to own more than its share."""
        self.others = 0
        """How many other replicas lived at the last heartbeat."""
        self._failures = 0
        """Heartbeats that failed in a row."""
        self._woken = asyncio.Event()
        self._closing = False
        self._ended = asyncio.Event()
        self._ended.set()

    @property
    def is_failing(self) -> bool:
        """Whether the last heartbeat failed."""
        return self._failures > 0

    def wake(self) -> None:
        """Looks now: a lease was released, or a workspace was added or removed."""
        self._woken.set()

    def lose(self, lease: Lease) -> None:
        """The database has refused what the owner wrote: another replica has the workspace."""
        tenure = self._tenures.get(lease.team)
        if tenure is not None and tenure.lease == lease:
            tenure.lose()
        self.wake()

    def leave(self, team: TeamId) -> None:
        """Hands a workspace over; any replica may have it next, if it is still there."""
        if (tenure := self._tenures.get(team)) is not None:
            tenure.hand_over()

    async def run(self) -> None:
        """Owns a share of the workspaces until `close()` is called."""
        self._ended.clear()
        try:
            while True:
                self._woken.clear()
                closing = self._closing
                began_at = self._clock()
                wait = await self._tick(began_at)
                if closing and not self._tasks:
                    return
                await self._sleep(began_at + wait - self._clock())
        finally:
            self._ended.set()

    async def close(self) -> None:
        """Hands all workspaces over. Returns when this replica owns none."""
        self._closing = True
        for tenure in self._tenures.values():
            tenure.hand_over()
        self.wake()
        await self._ended.wait()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _tick(self, now: float) -> float:
        """Looks once. Returns after how many seconds to look again, counted from `now`."""
        interval = self._lease_seconds / RENEWALS_PER_LEASE
        try:
            census = await self._leases.beat(self._replica, self._lease_seconds, self._presence())
            self._failures = 0
            self.others = len(census.owned.keys() - {self._replica})
            await self._follow(census, now + self._lease_seconds - MARGIN_SECONDS)
        except StoreError as err:
            self._failures += 1
            logger.warning("The leases can't be renewed (%s): trying again", err.detail)
            return min(interval, self._clock() - now + pause(self._failures))
        except Exception:  # a bug must not cost the other leases
            logger.exception("The leases were not looked at")
            return interval
        pauses = [setback.ends_at - now for setback in self._setbacks.values()]
        looks = [interval, *(seconds for seconds in pauses if seconds > 0.0)]
        if census.next_expiry_seconds is not None:
            looks.append(max(census.next_expiry_seconds, 0.0) + EXPIRY_GRACE_SECONDS)
        return min(looks)

    def _presence(self) -> Presence:
        """A replica that can't take any workspace leaves its share to the others meanwhile."""
        if self._closing or (not self._tenures and self._set_back()):
            return "leaving"
        return "here"

    async def _follow(self, census: Census, ends_at: float) -> None:
        """Does what the census asks for. The leases in it are used until `ends_at`."""
        kept = {
            tenure.lease
            for tenure in self._tenures.values()
            if tenure.lease in census.leases and tenure.renew(ends_at)
        }
        for tenure in self._tenures.values():
            if tenure.lease not in kept:
                tenure.lose()
        if unused := census.leases - kept:
            await self._leases.release(unused)  # lost here already, or claimed without an answer
        target = share(self._replica, census)
        staying = [tenure for tenure in self._tenures.values() if not tenure.is_leaving]
        self._hand_over_idle(staying, len(staying) - target)
        if len(staying) < target:
            await self._claim(target - len(staying))

    def _hand_over_idle(self, staying: Sequence[Tenure], surplus: int) -> None:
        now = self._clock()
        if surplus <= 0:
            self._crowded_since = None
            return
        if self._crowded_since is None:
            self._crowded_since = now
        is_urgent = now - self._crowded_since >= BUSY_PATIENCE_SECONDS
        busy = {one for one in staying if self._owner.is_busy(one.lease.team)}
        idle_first = [one for one in staying if one not in busy] + (list(busy) if is_urgent else [])
        for tenure in idle_first[:surplus]:
            tenure.hand_over()

    async def _claim(self, most: int) -> None:
        asked_at = self._clock()
        excluding = {*self._tenures, *self._set_back()}
        claimed = await self._leases.claim(
            self._replica, most, self._lease_seconds, excluding=excluding
        )
        for lease in claimed:
            ends_at = asked_at + self._lease_seconds - MARGIN_SECONDS
            tenure = Tenure(lease, ends_at, self._owner, self._leases, self._clock)
            self._tenures[lease.team] = tenure
            if self._closing:
                tenure.hand_over()
            task = asyncio.create_task(self._serve(tenure))
            self._tasks.add(task)
            task.add_done_callback(self._on_end)

    async def _serve(self, tenure: Tenure) -> None:
        team = tenure.lease.team
        try:
            error = await tenure.run()
        finally:
            del self._tenures[team]
        if error is None:
            self._setbacks.pop(team, None)
            return
        setback = self._setbacks.setdefault(team, _Setback())
        setback.failures += 1
        setback.ends_at = self._clock() + pause(setback.failures)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.wake()

    def _set_back(self) -> set[TeamId]:
        """Workspaces that could not be taken a moment ago."""
        now = self._clock()
        return {team for team, setback in self._setbacks.items() if setback.ends_at > now}

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._woken.wait()
        except TimeoutError:
            pass
