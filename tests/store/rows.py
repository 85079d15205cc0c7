"""Looks into the database's file past the store: no other test knows its tables."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.ids import Ts
from slackbot.conversation.inbox_events import MessageDeleted, MessageReceived
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.instructions.revisions import Revision
from slackbot.store import RecordStore


def sql(path: Path, statement: str, *values: object) -> list[Any]:
    """Looks into the file, or tampers with it."""
    with closing(sqlite3.connect(path)) as other, other:
        return other.execute(statement, values).fetchall()


def rows(path: Path) -> dict[str, bytes]:
    """All rows, values as bytes whatever they were made into."""
    return dict(sql(path, "SELECT key, CAST(value AS BLOB) FROM store"))


def keys_of(path: Path) -> list[str]:
    """The keys of all rows but those that count or tell of the file itself."""
    return sorted(key for key in rows(path) if not key.startswith("meta/"))


def file_of(url: str) -> Path:
    """The file that a DATABASE_URL names."""
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another program has locked the database: nobody can write as long as this lasts."""
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def occurrences(path: Path, text: str) -> int:
    """How often something stands in the bytes of the database and its log."""
    return len(re.findall(re.escape(text.encode()), content_of(path)))


def content_of(path: Path) -> bytes:
    """All bytes of the database and its log."""
    files = [path, path.with_name(f"{path.name}-wal")]
    return b"".join(file.read_bytes() for file in files if file.exists())


def text_of(revision: Revision) -> str | None:
    """The instructions of a revision; None if it sets none, or can't be read."""
    return None if revision.settings is None else revision.settings.text


async def unanswered(store: RecordStore) -> list[QueuedMessage]:
    """All messages that wait, thread by thread."""
    threads = await store.unanswered()
    return [each for thread in threads for each in (await store.waiting(thread)).messages]


async def receive(store: RecordStore, message: Message, *, opens: bool = True) -> bool:
    """A message arrives and is folded in; false if it is known, or does not concern the bot."""
    if not await store.append(MessageReceived(message), opens=opens):
        return False
    stored = (await store.events(message.thread))[-1]
    return (await store.receive(message.thread, stored.number, message)).received


async def fold(
    store: RecordStore, thread: ThreadKey, ts: Ts, change: Change
) -> ChangeResult | None:
    """A change to a message arrives and is folded in."""
    await store.append(MessageDeleted(thread, ts), opens=True)
    stored = (await store.events(thread))[-1]
    return await store.fold(thread, stored.number, ts, change)
