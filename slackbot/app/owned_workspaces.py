"""Answers in the workspaces that this process owns."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from slackbot.app.workspace_bot import WorkspaceBot
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
        *,
        on_refusal: Callable[[], None] = lambda: None,
        require_token: Callable[[WorkspaceBot], Awaitable[None]] | None = None,
    ) -> None:
        """`grace` says how many seconds running replies get when a workspace is handed over.

        `on_refusal` is called when the database refuses what an owner writes: the lease is lost.
        `require_token` raises SlackbotError if this process can't answer with the token it has.
        """
        self._bots = bots
        self._store = store
        self._grace = grace
        self._on_refusal = on_refusal
        self._require_token = require_token
        self._owned: dict[TeamId, _Owned] = {}
        self._tasks = BackgroundTasks()

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        store = self._store.owned(lease)
        store.failed.add_done_callback(lambda _: self._on_refusal())
        owned = self._owned[lease.team] = _Owned(lease, store, holds)
        try:
            bot = self._bots.opened(lease.team)
            if bot is not None and self._require_token is not None:
                await self._require_token(bot)
            if bot is not None or await store.unanswered(lease.team):
                await self._begin(owned)
        except BaseException:
            await self.lose(lease)
            raise

    async def lose(self, lease: Lease) -> None:
        owned = self._owned.pop(lease.team, None)
        if owned is None:
            return
        async with owned.lock:
            if owned.answers and (bot := self._bots.opened(lease.team)) is not None:
                await bot.answering.lose()

    async def hand_over(self, lease: Lease) -> None:
        owned = self._owned.get(lease.team)
        if owned is None:
            return
        await self._end(owned, self._grace())
        if self._owned.get(lease.team) is owned:
            del self._owned[lease.team]

    async def rest(self, team: TeamId) -> None:
        """Nothing waits in the workspace: its bot can be closed until something arrives."""
        if (owned := self._owned.get(team)) is not None:
            await self._end(owned, 0.0)

    def is_busy(self, team: TeamId) -> bool:
        bot = self._bots.opened(team)
        return bot is not None and bot.bot.is_busy()

    def owns(self, team: TeamId) -> bool:
        return team in self._owned

    def wake(self, thread: ThreadKey) -> None:
        """A thread has events: its session looks, if this process owns the workspace."""
        owned = self._owned.get(thread.team)
        if owned is None:
            return
        if owned.answers and (bot := self._bots.opened(thread.team)) is not None:
            bot.bot.wake(thread)
        else:
            self._tasks.begin(self._begin_late(owned, thread))

    def begin_soon(self, team: TeamId) -> None:
        """Something arrives in the workspace: answers there, if this process owns it."""
        owned = self._owned.get(team)
        if owned is not None and not owned.answers:
            self._tasks.begin(self._begin_late(owned))

    async def close(self) -> None:
        await self._tasks.close()

    async def _begin_late(self, owned: _Owned, thread: ThreadKey | None = None) -> None:
        try:
            await self._begin(owned)
        except SlackbotError as err:  # a later event is another try
            team = owned.lease.team
            logger.warning("%s can't be answered in now: %s", team, err.user_message)
        else:
            bot = self._bots.opened(owned.lease.team)
            if thread is not None and bot is not None and owned.answers:
                bot.bot.wake(thread)

    async def _begin(self, owned: _Owned) -> None:
        team = owned.lease.team
        bot = await self._bots.get(team)
        async with owned.lock:
            if bot is None or owned.answers or self._owned.get(team) is not owned:
                return
            await bot.answering.begin(owned.store, owned.holds)
            try:  # only now, as nobody was woken for what arrived until now
                waiting = await owned.store.unanswered(team)
            except BaseException:
                await bot.answering.lose()
                raise
            owned.answers = True
            bot.bot.resume(waiting)

    async def _end(self, owned: _Owned, grace: float) -> None:
        async with owned.lock:
            if owned.answers and (bot := self._bots.opened(owned.lease.team)) is not None:
                await bot.answering.end(grace)
            owned.answers = False
