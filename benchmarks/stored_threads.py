"""Databases with many stored threads, made fast and kept between runs.

The store itself writes one thread; the others are copies of its rows under a ts of their own. So
the rows are what the store writes today, whatever their layout.
"""

import hashlib
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.store import RecordStore, open_store

TEMPLATE_TS = "1790000000.000000"
"""Of the thread that is copied."""

TEAM = TeamId("TSTORED")
CHANNEL = ChannelId("CSTORED")
PERSON = UserId("USTORED")


class Row(NamedTuple):
    key: str
    value: bytes


async def store_threads(database: Path, threads: int, turns: int = 1) -> None:
    """Creates a database with so many threads of so many turns, each of some 700 bytes."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        await store_thread(template, ThreadKey(TEAM, CHANNEL, Ts(TEMPLATE_TS)), turns)
        kept = _cache_folder() / f"{_fingerprint(template)}-{threads}.db"
        if not kept.exists():
            rows = list(_rows(template))
            with closing(sqlite3.connect(template)) as connection, connection:
                connection.executemany(
                    "INSERT INTO store (key, value) VALUES (?, ?)",
                    (_copied(row, number) for number in range(1, threads) for row in rows),
                )
            shutil.move(template, kept)
        shutil.copyfile(kept, database)


async def store_thread(database: Path, thread: ThreadKey, turns: int) -> None:
    """Stores one thread of so many turns in a file, as the bot does."""
    store = await open_store(f"sqlite:///{database}")
    await store_turns(store, thread, turns)
    await store.close()


async def store_turns(store: RecordStore, thread: ThreadKey, turns: int) -> None:
    conversation = Conversation(names={PERSON: "Ana"})
    for number in range(turns):
        ts = Ts(f"{thread.ts[:10]}.{number:06d}") if number else thread.ts
        message = Message(thread, ts, PERSON, "question")
        await store.append(MessageReceived(message), opens=True)
        (event,) = await store.events(thread)
        await store.receive(thread, event.number, message)
        said = UserMessage("Ana", "question " * 30, user=PERSON, ts=ts)
        turn = Turn((said,), Answer("answer " * 50), reply_ts=(Ts(f"{ts[:10]}.5{number:05d}"),))
        conversation = conversation.add(turn)
        await store.commit(thread, conversation, 1, [QueuedMessage(message)], key="")


def _rows(database: Path) -> Sequence[Row]:
    """The rows that belong to the thread alone."""
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute(
            "SELECT key, CAST(value AS BLOB) FROM store WHERE key LIKE '%' || ? || '%'",
            (TEMPLATE_TS[:10],),
        )
        return [Row(*each) for each in found]


def _copied(row: Row, number: int) -> Row:
    seconds = str(int(TEMPLATE_TS[:10]) + number)
    old = TEMPLATE_TS[:10]
    return Row(row.key.replace(old, seconds), row.value.replace(old.encode(), seconds.encode()))


def _fingerprint(database: Path) -> str:
    """Differs when the layout of rows, or of the file, does."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(database)) as connection:
        for statement in ("PRAGMA user_version", "SELECT sql FROM sqlite_schema ORDER BY sql"):
            digest.update(repr(connection.execute(statement).fetchall()).encode())
    for row in _rows(database):
        digest.update(row.key.encode() + re.sub(rb"\d+", b"0", row.value))
    return digest.hexdigest()[:16]


def _cache_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / "slackbot-benchmarks"
    folder.mkdir(exist_ok=True)
    return folder
