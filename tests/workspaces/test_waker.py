"""Which threads are woken, and when."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import StoreError
from slackbot.workspaces.waker import Waker

DEADLINE_SECONDS = 45.0

MINE, OTHERS = TeamId("T1"), TeamId("T2")


def thread(team: TeamId, number: int) -> ThreadKey:
    return ThreadKey(team, ChannelId("C1"), Ts(f"{number}.000000"))


class Stage:
    """A replica that owns MINE, and a database that lists what it is given."""

    def __init__(self) -> None:
        self.owned = [MINE]
        self.waiting: asyncio.Queue[Sequence[ThreadKey] | Exception] = asyncio.Queue()
        self.asked: list[Sequence[TeamId]] = []
        self.woken: asyncio.Queue[ThreadKey] = asyncio.Queue()
        self.waker = Waker(
            lambda: self.owned, self._threads, self.woken.put_nowait, lambda: self.arrive
        )
        self.arrive = True

    async def _threads(self, teams: Sequence[TeamId]) -> Sequence[ThreadKey]:
        self.asked.append([*teams])
        found = await self.waiting.get()
        if isinstance(found, Exception):
            raise found
        return found

    async def next(self) -> ThreadKey:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await self.woken.get()


@asynccontextmanager
async def running() -> AsyncIterator[Stage]:
    stage = Stage()
    task = asyncio.create_task(stage.waker.run())
    try:
        yield stage
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_notification_wakes_the_owner_alone() -> None:
    """A thread of another replica's workspace is left alone."""
    async with running() as stage:
        stage.waker.on_thread(thread(OTHERS, 1))
        stage.waker.on_thread(thread(MINE, 2))
        assert await stage.next() == thread(MINE, 2)
        assert stage.woken.empty()


async def test_polling_finds_the_rest() -> None:
    """It asks for the owned workspaces at the start, after a gap, and again and again."""
    async with running() as stage:
        stage.waiting.put_nowait([thread(MINE, 1), thread(MINE, 2)])
        assert await stage.next() == thread(MINE, 1)
        assert await stage.next() == thread(MINE, 2)
        stage.arrive = False
        stage.waker.poll_now()
        stage.waiting.put_nowait([thread(MINE, 3)])
        assert await stage.next() == thread(MINE, 3)
        stage.waiting.put_nowait([thread(MINE, 4)])
        assert await stage.next() == thread(MINE, 4)
        assert all(teams == [MINE] for teams in stage.asked)


async def test_a_workspace_that_was_lost_meanwhile() -> None:
    """The answer of the database is older than the loss: nothing is woken."""
    async with running() as stage:
        stage.owned = [MINE, OTHERS]
        await asyncio.sleep(0)  # it asks
        assert stage.asked == [[MINE, OTHERS]]
        stage.owned = [OTHERS]
        stage.waiting.put_nowait([thread(MINE, 1), thread(OTHERS, 2)])
        assert await stage.next() == thread(OTHERS, 2)
        assert stage.woken.empty()


async def test_a_database_that_fails() -> None:
    """Polling goes on, whatever the error is."""
    async with running() as stage:
        stage.arrive = False
        stage.waiting.put_nowait(StoreError("away"))
        stage.waiting.put_nowait(RuntimeError("a bug"))
        stage.waiting.put_nowait([thread(MINE, 1)])
        assert await stage.next() == thread(MINE, 1)


async def test_a_replica_without_workspaces_asks_nothing() -> None:
    """No statement is sent for nobody."""
    async with running() as stage:
        stage.owned = []
        stage.waker.poll_now()
        await asyncio.sleep(0)
        assert stage.asked == []
