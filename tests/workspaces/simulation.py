"""Replicas on a virtual clock, each with an event loop of its own, around a database in memory.

Nothing waits: an hour passes in a second. A replica that is paused runs nothing while the clock
goes on, as under SIGSTOP. Statements reach the database some time after they were sent, and their
answers come back later still, or never; what a client has given up may take effect all the same.
"""

import asyncio
import heapq
from collections.abc import Callable, Collection, Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, TypeVar, TypeVarTuple

from slackbot.conversation.ids import TeamId
from slackbot.errors import StoreError
from slackbot.workspaces import Census, Lease, Ownership, Presence

DEADLINE_SECONDS = 3.0
"""When a client gives a statement up."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Simulation:
    """What happens when. Everything is drawn from `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = 0.0
        self.database = Database(self)
        self.replicas: list[Replica] = []
        self._pending: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = count()
        self.watch: Callable[[], None] = lambda: None
        """Called before and after all that happens."""
        self.violations: list[str] = []
        """What must not happen, and did."""

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        """Does something in so many seconds."""
        heapq.heappush(self._pending, (self.now + seconds, next(self._numbers), action))

    def start(self, **traits: Any) -> "Replica":
        replica = Replica(self, f"R{len(self.replicas)}-{self.random.random():.6f}", **traits)
        self.replicas.append(replica)
        return replica

    def live(self) -> "Sequence[Replica]":
        return [replica for replica in self.replicas if not replica.has_ended]

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Lets time pass. Returns whether `until` came true."""
        end = self.now + seconds
        while not until():
            times = [time for replica in self.live() for time in replica.next_times()]
            if self._pending:
                times.append(self._pending[0][0])
            if not times or min(times) > end:
                self.now = end
                self.watch()
                return until()
            self.now = max(self.now, min(times))
            self.watch()
            while self._pending and self._pending[0][0] <= self.now:
                heapq.heappop(self._pending)[2]()
            for replica in self.live():
                replica.settle()
            self.watch()
        return True

    def close(self) -> None:
        for replica in self.replicas:
            replica.remove()


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs what is due by the simulation's clock, when it is told to."""

    def __init__(self, simulation: Simulation) -> None:
        super().__init__()
        self._simulation = simulation
        self._times: list[float] = []
        self._has_work = False

    def time(self) -> float:
        return self._simulation.now

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        self._has_work = True
        return super().call_soon(callback, *args, context=context)

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        heapq.heappush(self._times, when)
        return super().call_at(when, callback, *args, context=context)

    def next_times(self) -> Iterator[float]:
        if self._has_work:
            yield self.time()
        if self._times:
            yield self._times[0]

    def settle(self) -> None:
        """Runs until nothing is due."""
        while self._has_work or (self._times and self._times[0] <= self.time()):
            while self._times and self._times[0] <= self.time():
                heapq.heappop(self._times)
            self.call_soon(self.stop)
            self._has_work = False
            self.run_forever()


@dataclass
class Row:
    owner: str | None = None
    epoch: int = 0
    expires_at: float = 0.0


class Database:
    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.rows: dict[TeamId, Row] = {}
        self.presences: dict[str, float] = {}
        self.is_down = False
        self.loss = 0.0
        """The part of statements, answers and notifications that is late or gets lost."""

    @property
    def now(self) -> float:
        return self._simulation.now

    def notify(self) -> None:
        for replica in self._simulation.live():
            if self._simulation.random.random() >= self.loss:
                self._simulation.at(0.01, replica.wake)

    def confirms(self, lease: Lease) -> bool:
        row = self.rows.get(lease.team)
        return (
            row is not None
            and (row.owner, row.epoch) == (lease.owner, lease.epoch)
            and row.expires_at > self.now
        )

    def beat(self, replica: str, seconds: float, presence: Presence) -> Census:
        if presence == "here":
            self.presences[replica] = self.now + seconds
        elif self.presences.pop(replica, None) is not None:
            self.notify()
        valid = {team: row for team, row in self.rows.items() if row.expires_at > self.now}
        mine = {team: row for team, row in valid.items() if row.owner == replica}
        for row in mine.values():
            row.expires_at = self.now + seconds
        live = {one: end for one, end in self.presences.items() if end > self.now}
        ends = [row.expires_at for row in valid.values() if row.owner not in {None, replica}]
        ends += [end for one, end in live.items() if one != replica]
        return Census(
            frozenset(Lease(team, replica, row.epoch) for team, row in mine.items()),
            {one: sum(row.owner == one for row in valid.values()) for one in live},
            len(self.rows),
            min(ends) - self.now if ends else None,
        )

    def claim(
        self, replica: str, most: int, seconds: float, excluding: Collection[TeamId]
    ) -> Sequence[Lease]:
        free = [
            team
            for team, row in self.rows.items()
            if team not in excluding and (row.owner is None or row.expires_at <= self.now)
        ]
        for team in free[:most]:
            self.rows[team] = Row(replica, self.rows[team].epoch + 1, self.now + seconds)
        return [Lease(team, replica, self.rows[team].epoch) for team in free[:most]]

    def release(self, leases: Collection[Lease]) -> None:
        for lease in leases:
            row = self.rows.get(lease.team)
            if row is not None and (row.owner, row.epoch) == (lease.owner, lease.epoch):
                self.rows[lease.team] = Row(None, row.epoch)
                self.notify()

    def add(self, team: TeamId) -> None:
        if team not in self.rows:
            self.rows[team] = Row()
            self.notify()

    def remove(self, team: TeamId) -> None:
        if self.rows.pop(team, None) is not None:
            self.notify()


class Connection:
    """One replica's way to the database: the LeaseStore that its Ownership uses."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._database = simulation.database

    async def beat(self, replica: str, seconds: float, presence: Presence) -> Census:
        return await self._ask(lambda: self._database.beat(replica, seconds, presence))

    async def claim(
        self, replica: str, most: int, seconds: float, *, excluding: Collection[TeamId] = ()
    ) -> Sequence[Lease]:
        return await self._ask(lambda: self._database.claim(replica, most, seconds, excluding))

    async def release(self, leases: Collection[Lease]) -> None:
        await self._ask(lambda: self._database.release(leases))

    async def add(self, team: TeamId) -> None:
        await self._ask(lambda: self._database.add(team))

    async def _ask(self, statement: Callable[[], T]) -> T:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._simulation.at(self._delay(), lambda: self._arrive(statement, answer))
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await answer
        except TimeoutError:
            raise StoreError("no answer") from None

    def _arrive(self, statement: Callable[[], T], answer: asyncio.Future[T]) -> None:
        if self._database.is_down:
            return
        result = statement()

        def deliver() -> None:
            if not answer.done() and not answer.get_loop().is_closed():
                answer.set_result(result)

        if not self._is_unlucky():
            self._simulation.at(self._delay(), deliver)

    def _delay(self) -> float:
        """Seconds on the way: mostly none to speak of, sometimes longer than anybody waits."""
        longest = 2 * DEADLINE_SECONDS if self._is_unlucky() else 0.01
        return self._simulation.random.uniform(0.0, longest)

    def _is_unlucky(self) -> bool:
        return self._simulation.random.random() < self._database.loss


class SlowOwner:
    """Takes its time for everything, up to so many seconds, and may fail."""

    def __init__(self, simulation: Simulation, longest: float, failing: float, busy: float) -> None:
        self._simulation = simulation
        self._longest = longest
        self.failing = failing
        self._busy = busy
        self._beliefs: dict[Lease, Callable[[], bool]] = {}
        self._over: set[Lease] = set()
        self.active: set[Lease] = set()
        """The leases that it was given, and has not left yet."""
        self._taken: set[Lease] = set()

    def believed(self) -> Sequence[Lease]:
        """The leases that it may use now, as it was told."""
        believed = [lease for lease, holds in self._beliefs.items() if holds()]
        if not self._over.isdisjoint(believed):
            self._simulation.violations.append("A lease that was over counts again")
        self._over |= self._beliefs.keys() - {*believed}
        return believed

    def answers_in(self) -> Sequence[TeamId]:
        """The workspaces that it has taken, and may use."""
        return [lease.team for lease in self._taken & self.active if self._beliefs[lease]()]

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        if any(one.team == lease.team for one in self.active):
            self._simulation.violations.append(f"{lease} was taken before the last one was left")
        self.active.add(lease)
        self._beliefs[lease] = holds
        try:
            await self._dawdle()
        except BaseException:
            self.active.remove(lease)
            raise
        self._taken.add(lease)

    async def lose(self, lease: Lease) -> None:
        if self._beliefs[lease]() and not self.failing:
            self._simulation.violations.append(f"{lease} was lost, and still counts")
        await self._stop(lease)

    async def hand_over(self, lease: Lease) -> None:
        await self._dawdle()
        self.active.remove(lease)

    def is_busy(self, team: TeamId) -> bool:
        if team not in {lease.team for lease in self.active}:
            self._simulation.violations.append(f"{team} is not taken: it can't be busy")
        return self._simulation.random.random() < self._busy

    async def _stop(self, lease: Lease) -> None:
        try:
            await self._dawdle()
        finally:
            self.active.remove(lease)

    async def _dawdle(self) -> None:
        await asyncio.sleep(self._simulation.random.uniform(0.0, self._longest))
        if self._simulation.random.random() < self.failing:
            raise RuntimeError


class Replica:
    """A process: it can be killed, paused, and asked to end."""

    def __init__(
        self,
        simulation: Simulation,
        name: str,
        *,
        longest: float = 0.0,
        failing: float = 0.0,
        busy: float = 0.0,
    ) -> None:
        self.name = name
        self._simulation = simulation
        self._loop = VirtualLoop(simulation)
        self._paused_until = 0.0
        self.owner = SlowOwner(simulation, longest, failing, busy)
        self.has_ended = False
        connection = Connection(simulation)
        self.ownership = Ownership(name, connection, self.owner, clock=self._loop.time)
        self._running = self._loop.create_task(self.ownership.run())
        self._closing: asyncio.Task[None] | None = None

    def next_times(self) -> Iterator[float]:
        yield from (max(time, self._paused_until) for time in self._loop.next_times())

    def settle(self) -> None:
        if self._simulation.now >= self._paused_until:
            self._loop.settle()

    def wake(self) -> None:
        if not self.has_ended:
            self.ownership.wake()

    def pause(self, seconds: float) -> None:
        self._paused_until = max(self._paused_until, self._simulation.now + seconds)

    def close(self) -> None:
        """Asks it to end in order."""

        async def close() -> None:
            await self.ownership.close()
            await self._running
            if self.owner.active:
                self._simulation.violations.append(f"{self.name} ended while it answered")
            self.kill()

        self._closing = self._loop.create_task(close())

    def kill(self) -> None:
        """Nothing of it runs any more."""
        self.has_ended = True

    def remove(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.settle()
        self._loop.close()
