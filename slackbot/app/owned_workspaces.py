"""Answers in the workspaces that this replica owns."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import SlackbotError
from slackbot.store import RecordStore
from slackbot.workspaces import Lease

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Owned:
    lease: Lease
    store: RecordStore
    """The owner's."""
    is_held: Callable[[], bool]
    answers: bool = False
    """A workspace in which nothing waits costs no bot until something does."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def holds(self) -> bool:
        """Whether this replica may act there, as far as it knows and the database has said."""
        return self.is_held() and not self.store.failed.done()


class OwnedWorkspaces:
    """Implements `workspaces.Owner`."""

    def __init__(
        self,
        bots: WorkspaceBots,
        store: RecordStore,
        grace: Callable[[], float],
        on_refusal: Callable[[], None],
    ) -> None:
        """`grace` says how many seconds running replies get when a workspace is handed over.

        `on_refusal` is called when the database refuses what an owner writes: the lease is lost.
        """
        self._bots = bots
        self._store = store
        self._grace = grace
        self._on_refusal = on_refusal
        self._owned: dict[TeamId, _Owned] = {}
        self._tasks = BackgroundTasks()

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        store = self._store.owned(lease)
        store.failed.add_done_callback(lambda _: self._on_refusal())
        owned = self._owned[lease.team] = _Owned(lease, store, holds)
        try:
            waiting = await store.unanswered(lease.team)
            if waiting or self._bots.opened(lease.team) is not None:
                await self._begin(owned, waiting)
        except BaseException:
            await self.lose(lease)
            raise

    async def lose(self, lease: Lease) -> None:
        owned = self._owned[lease.team]
        self._drop(owned)
        async with owned.lock:
            if owned.answers and (bot := self._bots.opened(lease.team)) is not None:
                await bot.answering.lose()

    async def hand_over(self, lease: Lease) -> None:
        owned = self._owned[lease.team]
        async with owned.lock:
            if owned.answers and (bot := self._bots.opened(lease.team)) is not None:
                await bot.answering.end(self._grace())
            self._drop(owned)

    def is_busy(self, team: TeamId) -> bool:
        bot = self._bots.opened(team)
        return bot is not None and bot.bot.is_busy()

    def wake(self, thread: ThreadKey) -> None:
        """A thread has events: its session looks, if this replica owns the workspace."""
        owned = self._owned.get(thread.team)
        if owned is None:
            return
        if owned.answers and (bot := self._bots.opened(thread.team)) is not None:
            bot.bot.wake(thread)
        else:
            self._tasks.begin(self._begin_late(owned, thread))

    async def close(self) -> None:
        await self._tasks.close()

    async def _begin_late(self, owned: _Owned, thread: ThreadKey) -> None:
        try:
            await self._begin(owned, [thread])
        except SlackbotError as err:  # polling finds the thread again
            logger.warning("%s can't be answered in now: %s", thread.team, err.user_message)

    async def _begin(self, owned: _Owned, waiting: Sequence[ThreadKey]) -> None:
        team = owned.lease.team
        bot = await self._bots.get(team)
        async with owned.lock:
            if bot is None or self._owned.get(team) is not owned:
                return
            if not owned.answers:
                await bot.answering.begin(owned.store, owned.holds)
                owned.answers = True
            bot.bot.resume(waiting)

    def _drop(self, owned: _Owned) -> None:
        if self._owned.get(owned.lease.team) is owned:
            del self._owned[owned.lease.team]
