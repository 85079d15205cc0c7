"""The store in a file: for one process, on a disk that stays."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from slackbot.conversation import Conversation, Message, ThreadKey, Unanswered
from slackbot.errors import StoreError
from slackbot.store import records
from slackbot.store.records import NewerError, RowError, UnreadableError
from slackbot.store.table import PATIENCE, Table, primary_code

log = logging.getLogger(__name__)

FAILING = "The bot's database can't be used at the moment: its disk may be full or failing."
LOCKED = "The bot's database can't be used at the moment: another program has locked it."

P = ParamSpec("P")
T = TypeVar("T")


def operation(
    work: Callable[Concatenate["SqliteStore", P], T],
) -> Callable[Concatenate["SqliteStore", P], Coroutine[Any, Any, T]]:
    """A method of the store, written to block and called with await.

    The one thread that touches the file does it, after what was asked for before, and as a whole,
    whatever becomes of the task that waits for it.
    """

    @wraps(work)
    async def ask(self: "SqliteStore", /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closed:
            raise StoreError("The bot's database has been closed.")
        return await self._run(partial(work, self, *args, **kwargs))

    return ask


class SqliteStore:
    """Every method raises StoreError while the disk fails, and works again when the disk does."""

    def __init__(self, table: Table, worker: ThreadPoolExecutor) -> None:
        self._table = table
        self._worker = worker
        self._closed = False

    @classmethod
    async def open(cls, path: str | Path, patience: float = PATIENCE) -> "SqliteStore":
        """Raises StoreError, with what to do, where the file can't be used or is used already.

        `patience` is how many seconds this and every later write waits for another program.
        """
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        with ExitStack() as undo:
            undo.callback(worker.shutdown, wait=False)
            loop = asyncio.get_running_loop()
            table = await loop.run_in_executor(worker, Table.open, Path(path), patience)
            undo.pop_all()
        return cls(table, worker)

    async def close(self) -> None:
        """What was asked for before is done first. A second time does nothing."""
        if not self._closed:
            self._closed = True
            try:
                await self._run(self._table.close)
            finally:
                self._worker.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except sqlite3.Error as error:
            busy = primary_code(error) == sqlite3.SQLITE_BUSY
            raise StoreError(LOCKED if busy else FAILING) from error
        except NewerError as error:
            _report(error, "its conversation is refused")
            raise StoreError(
                "This conversation is from a newer version of the bot: update the bot to go on."
            ) from error

    @operation
    def claim(self, message: Message, *, opens: bool) -> bool:
        """Take a message for this bot, with all that is needed to answer it, exactly once.

        False if it was claimed before, or if its thread is not the bot's and `opens` is false:
        then nothing is stored. Outlasts a kill from the moment it returns.
        """
        claim, header = records.claim_key(message), records.header_key(message.thread)
        known = header in self._table
        if claim in self._table or not (known or opens):
            return False
        with self._table.transaction():
            self._table.put(claim, {})
            self._table.put(records.open_key(message), records.open_data(Unanswered(message)))
            if not known:
                self._table.put(header, records.header_data(Conversation()))
        return True

    @operation
    def load(self, thread: ThreadKey) -> Conversation:
        """The conversation with its turns from `start` on; no other is read.

        One that can't be read is set aside, and the thread begins anew. Raises StoreError for one
        that a newer version has written.
        """
        try:
            return self._read(thread)
        except UnreadableError as error:
            return self._begin_anew(thread, error)

    def _read(self, thread: ThreadKey) -> Conversation:
        key = records.header_key(thread)
        header = self._table.get(key)
        conversation, length = records.read_header(key, header) if header else (Conversation(), 0)
        first = records.turn_key(thread, conversation.start)
        rows = self._table.range(first, records.turns_prefix(thread))
        numbers = range(conversation.start, length)
        if [key for key, _ in rows] != [records.turn_key(thread, number) for number in numbers]:
            raise UnreadableError(key)
        return conversation.add(*(records.read_turn(key, value) for key, value in rows))

    def _begin_anew(self, thread: ThreadKey, error: UnreadableError) -> Conversation:
        """The thread stays the bot's; what was said in it stays in the file, for people to mend."""
        aside = f"corrupt/{datetime.now(UTC).isoformat()}/"
        fresh = Conversation()
        with self._table.transaction():
            self._table.move(records.thread_prefix(thread), aside)
            self._table.put(records.header_key(thread), records.header_data(fresh))
        _report(error, f"its conversation is under {aside} now and begins anew")
        return fresh

    @operation
    def place(self, messages: Sequence[Message], place: tuple[str, ...]) -> None:
        """Record the `ts` of the messages in which the answer to these is being written."""
        with self._table.transaction():
            for message in messages:
                key = records.open_key(message)
                if key in self._table:
                    self._table.put(key, records.open_data(Unanswered(message, place)))

    @operation
    def commit(
        self, thread: ThreadKey, conversation: Conversation, new: int, messages: Sequence[Message]
    ) -> None:
        """The last `new` turns, the header and the end of the claims of `messages`, or nothing."""
        header = records.header_key(thread)
        self._refuse_newer(header)
        with self._table.transaction():
            for number in range(conversation.length - new, conversation.length):
                turn = conversation.turns[number - conversation.start]
                self._table.put(records.turn_key(thread, number), turn.to_json())
            self._table.put(header, records.header_data(conversation))
            for message in messages:
                self._table.remove(records.open_key(message))

    def _refuse_newer(self, header: str) -> None:
        """Writing over a newer version's header would lose what only that version understands."""
        value = self._table.get(header)
        if value:
            with suppress(UnreadableError):
                records.read_header(header, value)

    @operation
    def unanswered(self) -> list[Unanswered]:
        """The claimed messages of all threads that were not committed, oldest first."""
        found = []
        for key, value in self._table.range(records.OPEN, records.OPEN):
            try:
                found.append(records.read_open(key, value))
            except RowError as error:
                _report(error, "its message stays unanswered")
        return sorted(found, key=lambda waiting: waiting.message.ts)

    @operation
    def check(self) -> None:
        """A write and its removal; raises StoreError if the disk does not take them."""
        with self._table.transaction():
            self._table.put("check", {})
            self._table.remove("check")


def _report(error: RowError, outcome: str) -> None:
    log.error("%s: %s", error, outcome)
