"""Answers in the workspaces that this process owns."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic
from weakref import WeakValueDictionary

from slackbot.app.answering_bot import AnsweringBot, AnsweringBots, AnyBot
from slackbot.background import BackgroundTasks
from slackbot.backoff import pause
from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import LostStoreError, SlackbotError, StoreError
from slackbot.store import RecordStore
from slackbot.workspaces import Lease

logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Owned:
    lease: Lease
    store: RecordStore
    """The owner's."""
    is_held: Callable[[], bool]
    bot: AnsweringBot | None = None
    """Which answers there, unless it is closed by now. A workspace in which nothing waits costs no
    bot until something does.
    """
    is_tried_again: bool = False
    beginning: set[asyncio.Task[None]] = field(default_factory=set)
    """What begins to answer there late, and ends with the lease."""

    def holds(self) -> bool:
        """Whether this replica may act there, as far as it knows and the database has said."""
        return self.is_held() and not self.store.failed.done()


class OwnedWorkspaces(Generic[AnyBot]):
    """Implements `workspaces.Owner`."""

    def __init__(
        self,
        bots: AnsweringBots[AnyBot],
        store: RecordStore,
        grace: Callable[[], float],
        *,
        on_refusal: Callable[[Lease], None] = lambda _: None,
        require_token: Callable[[AnyBot], Awaitable[None]] | None = None,
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
        self._locks: WeakValueDictionary[TeamId, asyncio.Lock] = WeakValueDictionary()
        """Of each workspace where answering begins or ends."""
        self._tasks = BackgroundTasks()

    async def take(self, lease: Lease, holds: Callable[[], bool]) -> None:
        owned = self.hold(lease, holds)
        owned.store.failed.add_done_callback(lambda _: self._on_refusal(lease))
        try:
            bot = self._bots.opened(lease.team)
            if bot is not None and self._require_token is not None:
                await self._require_token(bot)
            if bot is not None or await owned.store.unanswered(lease.team):
                await self._begin(owned)
        except BaseException:
            await self.lose(lease)
            raise

    def hold(self, lease: Lease, holds: Callable[[], bool]) -> _Owned:
        """Owns a workspace from now on, and begins to answer when something arrives there."""
        store = self._store.owned(lease, holds)
        owned = self._owned[lease.team] = _Owned(lease, store, holds)
        return owned

    async def lose(self, lease: Lease) -> None:
        owned = self._owned.get(lease.team)
        if owned is None or owned.lease != lease:
            return
        del self._owned[lease.team]
        if owned.bot is not None:
            owned.bot.answering.abandon()
        for task in owned.beginning:
            task.cancel()
        async with self._lock(lease.team):
            if owned.bot is not None:
                await owned.bot.answering.lose()

    async def hand_over(self, lease: Lease) -> None:
        owned = self._owned.get(lease.team)
        if owned is None or owned.lease != lease:
            return
        await self._end(owned, self._grace())
        if self._owned.get(lease.team) is owned:
            del self._owned[lease.team]

    async def rest(self, team: TeamId) -> bool:
        """Ends what answers in a workspace until something arrives there; the bot can be closed
        then. Returns False if somebody is being answered.
        """
        if (owned := self._owned.get(team)) is None:
            return True
        async with self._lock(team):
            if owned.bot is not None and owned.bot.bot.is_busy():
                return False
            await self._end_now(owned, 0.0)
        return True

    async def dismiss(self, team: TeamId) -> None:
        """As `lose`, whatever the lease is."""
        if (owned := self._owned.get(team)) is not None:
            await self.lose(owned.lease)

    def is_busy(self, team: TeamId) -> bool:
        bot = self._bots.opened(team)
        return bot is not None and bot.bot.is_busy()

    def owns(self, team: TeamId) -> bool:
        return team in self._owned

    def owned(self) -> Sequence[TeamId]:
        """Also those that are just being taken, or handed over."""
        return [*self._owned]

    def wake(self, thread: ThreadKey) -> None:
        """A thread has events: its session looks, if this process owns the workspace."""
        owned = self._owned.get(thread.team)
        if owned is None:
            return
        if (bot := self._bot_of(owned)) is not None:
            bot.bot.wake(thread)
        lock = self._locks.get(thread.team)
        if bot is None or (lock is not None and lock.locked()):  # its sessions may be ending
            self._begin_soon(owned, thread)

    def begin_soon(self, team: TeamId) -> None:
        """Something arrives in the workspace: answers there, if this process owns it."""
        owned = self._owned.get(team)
        if owned is not None and self._bot_of(owned) is None:
            self._begin_soon(owned)

    async def close(self) -> None:
        await self._tasks.close()

    def _begin_soon(self, owned: _Owned, thread: ThreadKey | None = None) -> None:
        task = self._tasks.begin(self._begin_late(owned, thread))
        owned.beginning.add(task)
        task.add_done_callback(owned.beginning.discard)

    async def _begin_late(self, owned: _Owned, thread: ThreadKey | None = None) -> None:
        """Tries until it has begun: nothing else may arrive that would be another try."""
        failures = 0
        while self._is_current(owned):
            try:
                await self._begin(owned)
            except SlackbotError as err:
                team, failures = owned.lease.team, failures + 1
                logger.warning("%s can't be answered in now: %s", team, err.user_message)
                may_pass = isinstance(err, StoreError) and not isinstance(err, LostStoreError)
                if not may_pass or (owned.is_tried_again and failures == 1):
                    return
                owned.is_tried_again = True
                await asyncio.sleep(pause(failures))
            else:
                break
        if failures:
            owned.is_tried_again = False
        bot = self._bot_of(owned)
        if thread is not None and bot is not None:
            bot.bot.wake(thread)

    async def _begin(self, owned: _Owned) -> None:
        team = owned.lease.team
        while self._is_current(owned):
            bot = await self._bots.get(team)
            if bot is None:
                return
            async with self._lock(team):
                is_open = self._bots.opened(team) is bot
                if is_open and owned.bot is not bot and self._is_current(owned):
                    await self._begin_now(owned, bot)
            if self._bots.opened(team) is bot:  # otherwise it was closed meanwhile
                return

    async def _begin_now(self, owned: _Owned, bot: AnsweringBot) -> None:
        store = owned.store
        try:
            await bot.answering.begin(store, owned.holds)
            # Only now, as nobody was woken for what arrived until now.
            bot.bot.resume(await store.unanswered(owned.lease.team))
        except BaseException:
            await bot.answering.lose()
            raise
        owned.bot = bot

    async def _end(self, owned: _Owned, grace: float) -> None:
        async with self._lock(owned.lease.team):
            await self._end_now(owned, grace)

    async def _end_now(self, owned: _Owned, grace: float) -> None:
        if owned.bot is not None:
            await owned.bot.answering.end(grace)
            owned.bot = None

    def _bot_of(self, owned: _Owned) -> AnsweringBot | None:
        """The bot that answers in a workspace."""
        bot = self._bots.opened(owned.lease.team)
        return bot if bot is owned.bot else None

    def _is_current(self, owned: _Owned) -> bool:
        return self._owned.get(owned.lease.team) is owned

    def _lock(self, team: TeamId) -> asyncio.Lock:
        """First come, first served: an end that was asked for precedes a later beginning."""
        return self._locks.setdefault(team, asyncio.Lock())
