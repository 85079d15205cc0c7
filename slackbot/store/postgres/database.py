"""What the stores of one process share: its connections, and whose turn it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from slackbot.background import note_outcome
from slackbot.conversation.ids import TeamId
from slackbot.store.postgres.errors import DeadlineError
from slackbot.store.postgres.pool import Pool


@dataclass(slots=True)
class Database:
    pool: Pool
    id: str = field(default_factory=lambda: uuid4().hex)
    """Tells what this process has announced from what others have."""
    queues: WeakValueDictionary[TeamId, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """A workspace's operations use one connection at a time, so that they keep their order, and
    leave the others to other workspaces.
    """
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    closed: bool = False

    @asynccontextmanager
    async def turn(self, team: TeamId, seconds: float) -> AsyncIterator[None]:
        """Waits for a workspace's turn. Raises DeadlineError after `seconds`."""
        queue = self.queues.setdefault(team, asyncio.Lock())
        try:
            async with asyncio.timeout(seconds):
                await queue.acquire()
        except TimeoutError as error:
            raise DeadlineError from error
        try:
            yield
        finally:
            queue.release()

    def end(self, task: asyncio.Task[Any]) -> None:
        self.running.discard(task)
        note_outcome(task)  # nobody asks for it if the caller was cancelled
