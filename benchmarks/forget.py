"""Measures how long it takes to forget in a large store, while a bot takes messages in.

    uv run python -m benchmarks.forget [--threads 100000] [--folder .]

The store holds threads of three turns in one channel: Ann takes part in all, and Ben in each tenth.
Forgotten are Ben, Ann, and in another such store the channel: by the bot's own process, and by
`slackbot forget` in another. Meanwhile the bot appends a message every 20 ms, one after the other;
how long that takes is how long Slack waits.
"""

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.store import ANN, TEAM, TEXT, turn
from slackbot.conversation.history import Conversation, UserMessage
from slackbot.conversation.ids import ChannelId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.store.archive import ConversationTable, newest_in
from slackbot.store.drafts import DraftTable
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.table import SqliteTable

STORED_THREADS = 100_000
TURNS_PER_THREAD = 3
THREADS_PER_TRANSACTION = 1_000

BENS_SHARE = 10
"""Ben takes part in one thread of so many."""

SECONDS_BETWEEN_APPENDS = 0.02

BEN, EVE = UserId("U0BEN"), UserId("U0EVE")
CHANNEL, OTHER = ChannelId("C0A"), ChannelId("C0B")

Forget = Callable[[SqliteStore, Path], Awaitable[object]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=STORED_THREADS)
    parser.add_argument("--folder", type=Path, help="where the file is written")
    options = parser.parse_args()
    for where, (user, channel) in {"the bot": IN_BOT, "slackbot forget": BESIDE}.items():
        with TemporaryDirectory(dir=options.folder) as folder:
            path = Path(folder) / "slackbot.db"
            fill(path, options.threads)
            print(f"{options.threads:,} threads, {path.stat().st_size / 1e6:.0f} MB, by {where}:")
            for what, forget in {
                f"a person in 1 of {BENS_SHARE} threads": user(BEN),
                "a person in all threads": user(ANN),
            }.items():
                print(f"  {what}: {asyncio.run(measure(path, forget))}")
        with TemporaryDirectory(dir=options.folder) as folder:
            path = Path(folder) / "slackbot.db"
            fill(path, options.threads)
            print(f"  the whole channel: {asyncio.run(measure(path, channel(CHANNEL)))}")


def fill(path: Path, threads: int) -> None:
    table = SqliteTable.open(path)
    archive = ConversationTable(table, DraftTable(table))
    for first in range(0, threads, THREADS_PER_TRANSACTION):
        with table.transaction():
            for number in range(first, min(first + THREADS_PER_TRANSACTION, threads)):
                talk = ThreadKey(TEAM, CHANNEL, Ts(f"{1_700_000_000 + number}.000000"))
                turns = [turn(each, talk) for each in range(TURNS_PER_THREAD)]
                names = {ANN: "Ann"}
                if number % BENS_SHARE == 0:
                    said = UserMessage("Ben", TEXT, turns[1].messages[0].ts, BEN)
                    turns[1] = replace(turns[1], messages=(said,))
                    names[BEN] = "Ben"
                for each, stored in enumerate(turns):
                    archive.put_turn(talk, each, stored)
                conversation = Conversation(names=names).add(*turns)
                archive.put_header(talk, conversation, newest_in(turns[-1]))
    table.close()


async def measure(path: Path, forget: Forget) -> str:
    """How long it takes, and how long appends take meanwhile."""
    store = await SqliteStore.open(path)
    before = cpu_seconds()
    forgetting = asyncio.create_task(_timed(forget(store, path)))
    appends: list[float] = []
    while not forgetting.done():
        ts = Ts(f"{time.time():.6f}")
        message = Message(ThreadKey(TEAM, OTHER, ts), ts, EVE, TEXT)
        appends.append(await _timed(store.append(MessageReceived(message), opens=True)))
        await asyncio.sleep(SECONDS_BETWEEN_APPENDS)
    await store.close()
    return (
        f"{forgetting.result():.1f} s, with {cpu_seconds() - before:.1f} s of CPU; "
        f"appends {median(appends) * 1000:.0f} ms, at most {max(appends) * 1000:.0f} ms"
    )


def _user_in_bot(user: UserId) -> Forget:
    return lambda store, _: store.forget_user(user)


def _channel_in_bot(channel: ChannelId) -> Forget:
    return lambda store, _: store.forget_channel(channel)


def _user_beside(user: UserId) -> Forget:
    return lambda _, path: _command(path, "--user", user)


def _channel_beside(channel: ChannelId) -> Forget:
    return lambda _, path: _command(path, "--channel", channel)


IN_BOT = (_user_in_bot, _channel_in_bot)
BESIDE = (_user_beside, _channel_beside)


async def _command(path: Path, *arguments: str) -> None:
    """Runs `slackbot forget`."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{path}"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "slackbot", "forget", *arguments, env=environment, stdout=-3
    )
    assert await process.wait() == 0


def cpu_seconds() -> float:
    """Of this process and of those that have ended, with the appends."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
