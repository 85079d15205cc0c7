"""One of several processes that share a PostgreSQL database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from cachetools import TTLCache

from slackbot.app.during import during
from slackbot.app.owned_workspaces import OwnedWorkspaces
from slackbot.app.process import Process
from slackbot.app.workspace_bot import WorkspaceBot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import SlackbotError, SlackError, StoreError
from slackbot.store.postgres import PostgresStore
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.store.postgres.notifications import Notifications
from slackbot.workspaces import Lease, Ownership, texts
from slackbot.workspaces.replica_ids import new_replica_id
from slackbot.workspaces.waker import POLL_SECONDS, Waker

logger = logging.getLogger(__name__)

ADMITTED_SECONDS = 15.0
"""How long a workspace is known to have a lease: another replica may have dismissed it since."""

MAX_ADMITTED = 10_000


class Replica:
    """Implements `Answerer`: owns a share of the workspaces, and looks where others announce
    something.
    """

    def __init__(
        self,
        process: Process,
        bots: WorkspaceBots[WorkspaceBot],
        *,
        only: TeamId | None = None,
        on_workspaces: Callable[[], None] = lambda: None,
    ) -> None:
        """`only` is the workspace whose token this process has; without it, it serves all that have
        installed the app. `on_workspaces` is called when another replica may have changed them.
        """
        settings = process.settings
        assert isinstance(process.store, PostgresStore)  # noqa: S101 - replicas need one
        self._store = process.store
        self._bots = bots
        self._follow_installations = on_workspaces
        self._sender = LoneConnection(settings.database_url)
        self._leases = PostgresLeases(LoneConnection(settings.database_url), only)
        self._owner = OwnedWorkspaces(
            bots,
            process.store,
            self._grace,
            on_refusal=self._lose,
            require_token=_require_token,
        )
        self._grace_seconds = settings.grace_seconds
        name = new_replica_id()
        logger.info("This process is the replica %s", name)
        self.ownership = Ownership(
            name, self._leases, self._owner, lease_seconds=process.lease_seconds
        )
        self._notifications = Notifications(
            settings.listen_url or settings.database_url, self._sender, self
        )
        self._waker = Waker(
            self._owner.owned,
            process.store.threads_with_events,
            self._owner.wake,
            self._notifications.arrive,
        )
        self._tasks = BackgroundTasks()
        self._admitted: TTLCache[TeamId, None] = TTLCache(MAX_ADMITTED, ADMITTED_SECONDS)

    async def problem(self) -> str:
        """What keeps this replica from owning workspaces; "" if nothing does."""
        return texts.NOT_RENEWED if self.ownership.is_failing else ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Owns workspaces while the block runs, and hands them over at its end."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._leases.close)
            stack.push_async_callback(self._sender.close)
            stack.push_async_callback(self._owner.close)
            await stack.enter_async_context(during(self.ownership.run()))
            stack.push_async_callback(self.ownership.close)
            stack.push_async_callback(self._tasks.close)
            await stack.enter_async_context(during(self._waker.run()))
            await stack.enter_async_context(during(self._append_overheard_often()))
            await stack.enter_async_context(during(self._notifications.run()))
            yield

    async def admit(self, team: TeamId) -> None:
        if team not in self._admitted:
            await self._leases.add(team)
            self._admitted[team] = None
        self._owner.begin_soon(team)

    async def rest(self, team: TeamId) -> bool:
        return await self._owner.rest(team)

    async def dismiss(self, team: TeamId) -> None:
        self._admitted.pop(team, None)
        await self._owner.dismiss(team)
        self.ownership.leave(team)

    # Listener: what other replicas announce.

    def on_thread(self, thread: ThreadKey, store: str) -> None:
        """The process that has stored the event has woken its session itself."""
        if store == self._store.id:
            return
        self._waker.on_thread(thread)
        if (bot := self._bots.opened(thread.team)) is not None:
            self._tasks.begin(_logging_failure(bot.bot.append_overheard(thread)))

    def on_workspaces(self) -> None:
        self._admitted.clear()
        self.ownership.wake()
        self._follow_installations()

    def on_settings(self, team: TeamId, store: str) -> None:
        bot = self._bots.opened(team)
        if bot is not None and store != self._store.id:
            bot.refresh()

    def on_gap(self) -> None:
        self.on_workspaces()
        self._waker.poll_now()
        for team in self._bots.teams():
            self.on_settings(team, "")
        self._tasks.begin(self._append_overheard())

    def _lose(self, lease: Lease) -> None:
        self._admitted.clear()
        self.ownership.lose(lease)

    async def _append_overheard(self) -> None:
        """Appends what was overheard in threads that other replicas have made the bot's."""
        for bot in self._bots.all_opened():
            await _logging_failure(bot.bot.append_all_overheard())

    async def _append_overheard_often(self) -> None:
        """Runs until it is cancelled. Where notifications arrive, they say when to look."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self._notifications.arrive():
                await self._append_overheard()

    def _grace(self) -> float:
        """Another replica goes on at once; without one, running replies get their time."""
        return 0.0 if self.ownership.others else self._grace_seconds


async def _logging_failure(appending: Awaitable[None]) -> None:
    try:
        await appending
    except StoreError as err:
        logger.warning("What was overheard could not be stored: %s", err.user_message)


async def _require_token(bot: WorkspaceBot) -> None:
    """Another replica may have been started with the token of a new installation."""
    with suppress(SlackError):  # a token that can't be checked may work
        if await bot.installation.is_gone():
            raise SlackbotError(await bot.installation.problem())
