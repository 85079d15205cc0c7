"""One of several processes that share a PostgreSQL database."""

import logging
import math
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

from slackbot.app.during import during
from slackbot.app.owned_workspaces import OwnedWorkspaces
from slackbot.app.process import Process
from slackbot.app.workspace_bot import WorkspaceBot
from slackbot.app.workspace_bots import WorkspaceBots
from slackbot.background import BackgroundTasks
from slackbot.conversation.ids import TeamId
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import StoreError
from slackbot.store.postgres.leases import PostgresLeases
from slackbot.store.postgres.lone_connection import LoneConnection
from slackbot.store.postgres.notifications import Notifications
from slackbot.turns.bot import Bot
from slackbot.workspaces import Ownership, texts
from slackbot.workspaces.waker import Waker

logger = logging.getLogger(__name__)

ADMITTED_SECONDS = 60.0
"""How long a workspace that has a lease is expected to keep it: where no notifications arrive, it
may be removed, and installed again, unnoticed.
"""


class Replica:
    """Implements `Answerer`: owns a share of the workspaces, and looks where others announce
    something.
    """

    def __init__(self, process: Process, bots: WorkspaceBots[WorkspaceBot]) -> None:
        settings = process.settings
        self._bots = bots
        self._store = process.store
        self._sender = LoneConnection(settings.database_url)
        self._leases = PostgresLeases(LoneConnection(settings.database_url))
        self._owner = OwnedWorkspaces(bots, process.store, self._grace)
        self._grace_seconds = settings.grace_seconds
        self.ownership = Ownership(_name(), self._leases, self._owner)
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
        self._admitted: dict[TeamId, float] = {}
        """When each workspace was given a lease."""

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
            await stack.enter_async_context(during(self._notifications.run()))
            yield

    async def admit(self, team: TeamId) -> None:
        now = time.monotonic()
        if now - self._admitted.get(team, -math.inf) >= ADMITTED_SECONDS:
            await self._store.admit(team)
            self._admitted[team] = now
        self._owner.begin_soon(team)

    async def rest(self, team: TeamId) -> bool:
        return await self._owner.rest(team)

    async def dismiss(self, team: TeamId) -> None:
        self._admitted.pop(team, None)
        await self._owner.dismiss(team)
        self.ownership.leave(team)

    # Listener: what other replicas announce.

    def on_thread(self, thread: ThreadKey) -> None:
        self._waker.on_thread(thread)
        if (bot := self._bots.opened(thread.team)) is not None:
            self._tasks.begin(_append_overheard(bot.bot, thread))

    def on_workspaces(self) -> None:
        self._admitted.clear()  # one may have been removed, and be there again
        self.ownership.wake()

    def on_gap(self) -> None:
        self._admitted.clear()
        self.ownership.wake()
        self._waker.poll_now()

    def _grace(self) -> float:
        """Another replica goes on at once; without one, running replies get their time."""
        return 0.0 if self.ownership.others else self._grace_seconds


async def _append_overheard(bot: Bot, thread: ThreadKey) -> None:
    try:
        await bot.append_overheard(thread)
    except StoreError as err:
        logger.warning("What was overheard could not be stored: %s", err.user_message)


def _name() -> str:
    """An ID that no other process ever had, and that people can read."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
