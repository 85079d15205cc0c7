"""One workspace in one process, simulated: steps take place in an order that a seed decides.

The bot of the workspace has sessions that take events out of the inbox, as real ones do; what is
tested opens it, lets it answer, and closes it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from random import Random
from typing import cast

from slackbot.app.owned_workspaces import OwnedWorkspaces
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import LostStoreError, StoreError
from slackbot.store import RecordStore
from slackbot.workspaces import Lease

TEAM = TeamId("T1")

THREADS = [ThreadKey(TEAM, ChannelId("C1"), Ts(f"{number}.000100")) for number in range(3)]

MAX_PAUSES = 12

MAX_DELAY = 150
"""How many steps of others come before one, at most."""


class Office:
    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - not for secrets
        self.waiting: list[ThreadKey] = []
        """The inbox: the thread of each event."""
        self.bots: WorkspaceBots[OfficeBot] = WorkspaceBots(self._open, lambda: 0.0)
        store = cast("RecordStore", self)  # of which only two methods are used
        self.failed: asyncio.Future[LostStoreError] = asyncio.get_running_loop().create_future()
        """As `RecordStore.failed`."""
        self.workspaces = OwnedWorkspaces(self.bots, store, lambda: 0.0)
        self.fails = False
        """Whether the database fails now and then."""
        self.hangs = False
        """Whether it does not answer."""
        self.hung = asyncio.Event()
        """It has not answered."""

    async def pause(self) -> None:
        """Others go on meanwhile."""
        for _ in range(self.random.randrange(MAX_PAUSES)):
            await asyncio.sleep(0)

    async def later(self, step: Callable[[], Awaitable[None]]) -> None:
        """Carries out a step at some time."""
        for _ in range(self.random.randrange(MAX_DELAY)):
            await asyncio.sleep(0)
        await step()

    def owned(self, _: Lease, __: Callable[[], bool]) -> "Office":
        """As `RecordStore.owned`."""
        return self

    async def unanswered(self, _: TeamId) -> list[ThreadKey]:
        """As `RecordStore.unanswered`."""
        await self.pause()
        found = [*self.waiting]
        if self.hangs:
            self.hung.set()
            await asyncio.Event().wait()
        await self.pause()
        if self.fails and self.random.random() < 0.2:
            raise StoreError("The database fails.")
        return found

    async def deliver(self) -> None:
        """An event arrives here, as `ServedWorkspaces` takes it in."""
        bot = await self.bots.get(TEAM)
        assert bot is not None
        self.workspaces.begin_soon(TEAM)
        thread = self.random.choice(THREADS)
        await self.pause()
        self.waiting.append(thread)
        await self.pause()
        bot.wake(thread)
        if self.bots.opened(TEAM) is not bot:
            self.workspaces.begin_soon(TEAM)

    async def deliver_elsewhere(self) -> None:
        """An event arrives at another replica, which announces it."""
        thread = self.random.choice(THREADS)
        self.waiting.append(thread)
        await self.pause()
        self.workspaces.wake(thread)

    async def close_idle(self) -> None:
        await self.bots.close_idle(0.0, self.workspaces.rest)

    async def own(self, times: int) -> Lease:
        """Gets and loses leases, as `Tenure` does it. Returns the last one, which it keeps."""
        for epoch in range(times):
            lease, over = Lease(TEAM, "R", epoch), asyncio.Event()
            taking = asyncio.create_task(self.workspaces.take(lease, partial(_lasts, over)))
            if await self._cancelled(taking):
                continue
            await self.pause()
            if self.random.random() < 0.5:
                ending = asyncio.create_task(self.workspaces.hand_over(lease))
                if not await self._cancelled(ending):
                    continue
            over.set()
            await self.workspaces.lose(lease)
        lease = Lease(TEAM, "R", times)
        while True:
            try:
                await self.workspaces.take(lease, lambda: True)
            except StoreError:
                await self.pause()
            else:
                return lease

    async def _cancelled(self, step: asyncio.Task[None]) -> bool:
        """Lets a step end, or cancels it. Returns whether it has not succeeded."""
        if self.random.random() < 0.3:
            await self.pause()
            step.cancel()
        (error,) = await asyncio.gather(step, return_exceptions=True)
        return error is not None

    async def settle(self) -> None:
        """Returns when nothing goes on any more but what waits for something to arrive."""
        quiet = 0
        while quiet < 200:
            await asyncio.sleep(0)
            bot = self.bots.opened(TEAM)
            quiet = 0 if bot is not None and bot.is_busy() else quiet + 1

    async def _open(self, stack: AsyncExitStack, _: TeamId) -> "OfficeBot | None":
        await self.pause()
        bot = OfficeBot(self)
        stack.push_async_callback(bot.close)
        return bot


class OfficeBot:
    """Implements `AnsweringBot`, and is both its parts."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._holds: Callable[[], bool] | None = None
        self._is_closing = False
        self._is_closed = False
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def bot(self) -> "OfficeBot":
        return self

    @property
    def answering(self) -> "OfficeBot":
        return self

    async def begin(self, _: RecordStore, holds: Callable[[], bool]) -> None:
        await self._office.pause()
        async with self._lock:
            if self._is_closed:
                return
            assert self._holds is None, "it has begun twice"
            await self._office.pause()
            self._holds, self._is_closing = holds, False

    async def end(self, _: float) -> None:
        async with self._lock:
            self._is_closing = True
            try:
                await self._office.pause()
            finally:
                await self._abandon()
                self._holds = None

    async def lose(self) -> None:
        await self._abandon()
        await self.end(0.0)

    async def close(self) -> None:
        self._is_closed = True
        await self.lose()

    def wake(self, thread: ThreadKey) -> None:
        if self._holds is not None and not self._is_closing:
            self._tasks.add(task := asyncio.create_task(self._answer(thread)))
            task.add_done_callback(self._tasks.discard)

    def resume(self, threads: Sequence[ThreadKey]) -> None:
        for thread in threads:
            self.wake(thread)

    def is_busy(self) -> bool:
        return bool(self._tasks)

    def must_stay(self) -> bool:
        return False

    async def idle(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def abandon(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _abandon(self) -> None:
        self.abandon()
        await self.idle()

    async def _answer(self, thread: ThreadKey) -> None:
        await self._office.pause()
        assert self._holds is not None
        if self._holds():
            self._office.waiting = [each for each in self._office.waiting if each != thread]


def _lasts(over: asyncio.Event) -> bool:
    return not over.is_set()
