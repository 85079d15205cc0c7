"""Whether everything that people have asked is answered."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from benchmarks.chaos.simulated_users import SimulatedUsers
from slackbot.conversation.ids import ChannelId, TeamId, Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.errors import StoreError
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.store import RecordStore, open_store

QUIET_SECONDS = 0.3
"""For how long nothing happens when everything is answered."""

STANDSTILL_SECONDS = 100.0
"""The last run is given up if it makes no call to Slack for so long: a budget is used up for a
minute at most.
"""


Opening = Callable[[], AbstractAsyncContextManager[RecordStore]]


@asynccontextmanager
async def opened(database: str, *, shared: bool = False) -> AsyncIterator[RecordStore]:
    """The store, while the block runs; if it is `shared` the bot may run too."""
    store = await open_store(database, shared=shared)
    try:
        yield store
    finally:
        await store.close()


async def settle(
    users: SimulatedUsers, opening: Opening, is_alive: Callable[[], bool], *, damaged: bool = False
) -> None:
    """Waits until everything is answered, the bot has ended, or nothing more happens.

    A page that is `damaged` may fail here before the bot comes across it: that is not waited for.
    """
    workspace = users.workspace
    calls, since = len(workspace.calls), time.monotonic()
    while is_alive() and not await _is_settled(users, opening, damaged=damaged):
        await users.press_try_again()
        if len(workspace.calls) > calls:
            calls, since = len(workspace.calls), time.monotonic()
        elif time.monotonic() - since > STANDSTILL_SECONDS:
            return


async def _is_settled(users: SimulatedUsers, opening: Opening, *, damaged: bool) -> bool:
    """Whether nothing is left to do, neither for Slack nor for the bot, for a moment."""
    workspace = users.workspace
    before = len(workspace.calls)
    await asyncio.sleep(QUIET_SECONDS)
    if (
        len(workspace.calls) > before
        or workspace.held_calls
        or not all(each.settled.is_set() for each in workspace.deliveries)
    ):
        return False
    team = TeamId(workspace.team.team_id)
    try:
        async with opening() as store:
            left = [each for each in await store.unanswered() if each.team == team]
            unfinished = [await _is_answer(store, users, each) for each in users.unfinished]
    except StoreError:
        return damaged
    return not left and not any(unfinished)


async def _is_answer(store: RecordStore, users: SimulatedUsers, message: PostedMessage) -> bool:
    """Whether a message belongs to an answer: that of a deleted question does not any more."""
    team, thread_ts = users.workspace.team.team_id, message.thread_ts or message.ts
    thread = ThreadKey(TeamId(team), ChannelId(message.channel), Ts(thread_ts))
    stored = await store.load(thread)
    return any(message.ts in turn.reply_ts and turn.messages for turn in stored.turns)
