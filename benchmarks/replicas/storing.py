"""How many events processes store in a second, without Slack's wire."""

import asyncio
import time

from benchmarks.chaos.bot_processes import FORK_CONTEXT
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.store import open_store

WORKSPACES = 10

EVENTS_AT_ONCE = 32
"""In each process."""


def stored_per_second(database: str, processes: int, seconds: float) -> float:
    """Each process stores events in all workspaces, many at once."""
    results = FORK_CONTEXT.SimpleQueue()
    running = [
        FORK_CONTEXT.Process(target=_store_events, args=(database, number, seconds, results))
        for number in range(processes)
    ]
    for each in running:
        each.start()
    for each in running:
        each.join()
    stored: int = sum(results.get() for _ in running)
    return stored / seconds


def _store_events(database: str, number: int, seconds: float, results: object) -> None:
    results.put(asyncio.run(_append(database, number, seconds)))  # type: ignore[attr-defined]


async def _append(database: str, process: int, seconds: float) -> int:
    store = await open_store(database)
    stored, end = 0, time.monotonic() + seconds

    async def append(lane: int) -> None:
        nonlocal stored
        number = 0
        while time.monotonic() < end:
            number += 1
            team = TeamId(f"T{(lane + number) % WORKSPACES}")
            ts = Ts(f"17000{process}{lane:04d}.{number:06d}")
            thread = ThreadKey(team, ChannelId("C1"), ts)
            message = Message(thread, ts, UserId("U1"), "<@UBOT> " + "word " * 40)
            await store.append(MessageReceived(message), opens=True)
            stored += 1

    await asyncio.gather(*map(append, range(EVENTS_AT_ONCE)))
    await store.close()
    return stored
