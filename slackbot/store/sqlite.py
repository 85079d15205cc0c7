"""The store in a file, for one process."""

import asyncio
import logging
import math
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.history import Conversation, Rating, ToolRound, Turn
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.rate_memory import RateMemory
from slackbot.errors import LostStoreError, StoreError
from slackbot.instructions.revisions import ChangeRecord, History, Revision, SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.llm.tool_pins import ServerPins
from slackbot.store import row_format, texts
from slackbot.store.archive import ConversationTable
from slackbot.store.damaged_files import damaged_files
from slackbot.store.drafts import DraftTable, LostDraftError
from slackbot.store.events import EventTable
from slackbot.store.feedback import FeedbackTable
from slackbot.store.forgetting import DataDeletion, Steps
from slackbot.store.inbox import InboxTable
from slackbot.store.opening import open_table
from slackbot.store.operations import Deadlines, Operations
from slackbot.store.rates import RatesTable
from slackbot.store.requests import RequestTable
from slackbot.store.revisions import RevisionTable
from slackbot.store.sqlite_errors import is_damage, primary_code
from slackbot.store.table import LOCK_TIMEOUT_SECONDS, Table
from slackbot.store.text_search import TextSearch
from slackbot.store.thread_deletion import DeletionReport, ThreadDeletion
from slackbot.store.tool_pins import ToolPinTable
from slackbot.store.worker import Kind

P = ParamSpec("P")
T = TypeVar("T")

DEADLINES = Deadlines()

SHRINK_PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between attempts to leave nothing of what was deleted in the database's log."""

log = logging.getLogger(__name__)


def _operation(
    kind: Kind,
) -> Callable[
    [Callable[Concatenate["SqliteStore", P], T]],
    Callable[Concatenate["SqliteStore", P], Coroutine[Any, Any, T]],
]:
    """Makes a method of the store, which is written to block, one that is awaited.

    The one thread that touches the file carries it out, after what was asked for before, and as a
    whole, whatever becomes of the task that waits for it.
    """

    def decorate(
        work: Callable[Concatenate["SqliteStore", P], T],
    ) -> Callable[Concatenate["SqliteStore", P], Coroutine[Any, Any, T]]:
        @wraps(work)
        async def ask(self: "SqliteStore", /, *args: P.args, **kwargs: P.kwargs) -> T:
            if self._closed:
                raise StoreError(texts.CLOSED)
            return await self._run(partial(work, self, *args, **kwargs), kind)

        return ask

    return decorate


operation = _operation("durable")
"""A power loss does not undo it once it has returned."""

passing_operation = _operation("passing")
"""A power loss may undo it, unless something durable came later. So it does not wait for the disk.

This is for what can be done again: an event stays in the inbox until it is folded in.
"""

long_operation = _operation("long")
"""Has transactions of its own, and all others wait for the whole of it."""


@dataclass(slots=True)
class _Deletion:
    """A deletion under way, which begins again after an error: the worker may repair the file."""

    begin: Callable[[], Steps]
    steps: Steps


class SqliteStore:
    """Implements `turns.store.Store`, the instructions' store, and all that deletes data.

    Every method raises StoreError while the disk fails, and works again when the disk does.
    """

    def __init__(self, table: Table, operations: Operations, *, shared: bool = False) -> None:
        """With `shared`, another process may use the file too."""
        self._table = table
        self._shared = shared
        self._drafts = DraftTable(table)
        self._archive = ConversationTable(table, self._drafts)
        self._events = EventTable(table, self._archive)
        self._inbox = InboxTable(table, self._archive, self._drafts, self._events)
        self._revisions = RevisionTable(table, time.time)
        self._requests = RequestTable(table, time.time)
        self._rates = RatesTable(table)
        self._pins = ToolPinTable(table)
        self._feedback = FeedbackTable(table)
        self._search = TextSearch(table)
        deletion = ThreadDeletion(table, self._revisions)
        self._forgetting = DataDeletion(table, self._archive, deletion)
        self._operations = operations
        self._closed = False

    @classmethod
    async def open(
        cls,
        path: str | Path,
        lock_timeout: float = LOCK_TIMEOUT_SECONDS,
        deadlines: Deadlines = DEADLINES,
        *,
        shared: bool = False,
        create: bool = False,
    ) -> "SqliteStore":
        """Opens the file. Raises StoreError, which says what to do, if that is not possible.

        `lock_timeout` is how many seconds this and every later write waits for another program.
        With `shared`, a running bot may use the file too; if there is no file yet, `create` one.
        """
        opening = partial(open_table, Path(path), lock_timeout, shared=shared, create=create)
        operations = Operations(opening, deadlines)
        return cls(await operations.open(), operations, shared=shared)

    @property
    def failed(self) -> asyncio.Future[LostStoreError]:
        """Resolves once the store can't be used any more in this process; the log says it by then.

        The result is the error that every method raises from then on.
        """
        return self._operations.failed

    async def close(self) -> None:
        """Does what was asked for before, then closes the file. A second call does nothing."""
        if not self._closed:
            self._closed = True
            await self._operations.close(self._table.close)

    async def _run(self, work: Callable[[], T], kind: Kind) -> T:
        try:
            return await self._operations.run(work, kind)
        except (sqlite3.Error, OSError) as error:
            if is_damage(error):
                raise StoreError(texts.DAMAGED) from error
            busy = primary_code(error) == sqlite3.SQLITE_BUSY
            raise StoreError(texts.LOCKED if busy else texts.FAILING) from error
        except LostDraftError as error:
            raise StoreError(texts.LOST_DRAFT) from error

    @operation
    def append(self, event: InboxEvent, *, opens: bool) -> bool:
        return self._events.append(event, opens=opens)

    @operation
    def events(self, thread: ThreadKey) -> Sequence[StoredEvent]:
        return self._inbox.events(thread)

    @passing_operation
    def receive(self, thread: ThreadKey, number: int, message: Message) -> ChangeResult:
        return self._inbox.receive(thread, number, message)

    @passing_operation
    def fold(self, thread: ThreadKey, number: int, ts: Ts, change: Change) -> ChangeResult | None:
        return self._inbox.fold(thread, number, ts, change)

    @operation
    def discard(self, thread: ThreadKey, number: int, *, forget: bool = False) -> None:
        self._events.discard(thread, number, forget=forget)

    @operation
    def unanswered(self) -> list[ThreadKey]:
        return self._inbox.unanswered()

    @operation
    def waiting(self, thread: ThreadKey) -> PendingWork:
        return self._inbox.waiting(thread)

    @operation
    def place(
        self,
        messages: Sequence[Message],
        place: tuple[Ts, ...],
        posting: PostIntent | None = None,
    ) -> tuple[Ts, ...]:
        return self._inbox.place(messages, place, posting)

    @operation
    def drop_lost(self, thread: ThreadKey, ts: Ts) -> None:
        self._inbox.drop_lost(thread, ts)

    @operation
    def draft(
        self,
        thread: ThreadKey,
        key: str,
        turn: Turn,
        answered: Sequence[QueuedMessage],
        *,
        stored: Sequence[ToolRound] = (),
    ) -> None:
        self._inbox.draft(thread, key, turn, answered, stored)

    @operation
    def drafted(self, thread: ThreadKey, key: str) -> Turn | None:
        return self._drafts.of(thread, key)

    @operation
    def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
        *,
        key: str = "",
    ) -> bool:
        return self._inbox.commit(thread, conversation, new, answered, key=key)

    @operation
    def load(self, thread: ThreadKey, *, until: int | None = None) -> Conversation:
        return self._archive.load(thread, until)

    @operation
    def knows(self, thread: ThreadKey, ts: Ts) -> bool:
        return self._archive.knows(thread, ts)

    @operation
    def turn_of(self, thread: ThreadKey, ts: Ts) -> Turn | None:
        return self._archive.turn_of(thread, ts)

    @operation
    def place_again(
        self,
        thread: ThreadKey,
        number: int,
        place: tuple[Ts, ...],
        posting: PostIntent | None = None,
    ) -> tuple[Ts, ...]:
        return self._archive.place_again(thread, number, place, posting)

    @operation
    def rewrite(self, thread: ThreadKey, number: int, before: Turn, after: Turn) -> bool:
        return self._archive.rewrite(thread, number, before, after)

    @operation
    def feedback(self, team: TeamId) -> Mapping[Rating, int]:
        """How often people said what about an answer."""
        return self._feedback.of(team)

    @operation
    def claim_request(self, team: TeamId, identity: str) -> bool:
        """Notes that a request is carried out now; False if it was in the last ten minutes."""
        return self._requests.claim(team, identity)

    @operation
    def rates(self, team: TeamId) -> RateMemory | None:
        return self._rates.of(team)

    @passing_operation
    def save_rates(self, team: TeamId, rates: RateMemory) -> None:
        self._rates.save(team, rates)

    @operation
    def tool_pins(self, team: TeamId, server: str) -> ServerPins | None:
        return self._pins.of(team, server)

    @operation
    def save_tool_pins(self, team: TeamId, server: str, pins: ServerPins) -> None:
        self._pins.save(team, server, pins)

    async def search(
        self, team: TeamId, channel: ChannelId, words: Sequence[str], newest: int
    ) -> list[tuple[ThreadKey, Turn]]:
        """The newest turns of a channel that hold all the words, oldest first."""
        found: deque[tuple[ThreadKey, Turn]] = deque(maxlen=newest)
        after, more = "", True
        while more:
            page, after = await self._search_page(team, channel, words, after)
            found.extend(page)
            more = bool(after)
        return list(found)

    @operation
    def _search_page(
        self, team: TeamId, channel: ChannelId, words: Sequence[str], after: str
    ) -> tuple[list[tuple[ThreadKey, Turn]], str]:
        return self._search.page(team, channel, words, after)

    @operation
    def revisions(self, scope: Scope) -> History:
        return self._revisions.of(scope)

    @operation
    def last_revision(self, scope: Scope) -> Revision | None:
        return self._revisions.last(scope).get(scope)

    @operation
    def last_revisions(self, scopes: Sequence[Scope]) -> Mapping[Scope, Revision]:
        return self._revisions.last(*scopes)

    @operation
    def current_revisions(self, team: TeamId) -> Mapping[Scope, Revision]:
        return self._revisions.current_revisions(team)

    @operation
    def change_records(self, team: TeamId, most: int | None = None) -> Sequence[ChangeRecord]:
        return self._revisions.change_records(team, most)

    @operation
    def teams(self) -> Sequence[TeamId]:
        """The workspaces for which anything was ever set."""
        return self._revisions.teams()

    @operation
    def add_revision(self, scope: Scope, change: SettingsChange) -> bool:
        return self._revisions.add_revision(scope, change)

    @operation
    def allowed(self, team: TeamId, channel: ChannelId) -> Sequence[UserId]:
        return self._revisions.allowed(team, channel)

    @operation
    def allow(self, team: TeamId, channel: ChannelId, user: UserId, *, may: bool) -> None:
        self._revisions.allow(team, channel, user, may=may)

    async def forget_team(self, team: TeamId) -> DeletionReport:
        """Also what a repair has set aside: a file belongs to one workspace."""
        await self._remove_damaged_files(math.inf)
        await self._forget_service(team)
        return await self._forget(partial(self._forgetting.team, team))

    async def forget_channel(self, channel: ChannelId) -> DeletionReport:
        return await self._forget(partial(self._forgetting.channel, channel))

    async def forget_thread(self, channel: ChannelId, ts: Ts) -> DeletionReport:
        """The thread that any of its messages names."""
        return await self._forget(partial(self._forgetting.thread, channel, ts))

    async def forget_user(self, user: UserId) -> DeletionReport:
        """What a person said, and the answers to it; turns keep their numbers."""
        return await self._forget(partial(self._forgetting.user, user))

    async def forget_untouched(self, before: float) -> DeletionReport:
        """Conversations in which nothing has happened since that time, by Slack's clock, in seconds
        since the epoch; also what a repair had set aside by then.
        """
        await self._remove_damaged_files(before)
        return await self._forget(partial(self._forgetting.untouched, before))

    async def _forget(self, begin: Callable[[], Steps]) -> DeletionReport:
        """Other operations come in between, also those of another process: it gets a third of the
        time.
        """
        gone: DeletionReport | None = None
        deletion = _Deletion(begin, begin())
        while gone is None:
            began = time.perf_counter()
            gone = await self._step(deletion)
            if self._shared:
                await asyncio.sleep((time.perf_counter() - began) / 2)
        for pause in SHRINK_PAUSES:
            if await self._shrink():
                return gone
            await asyncio.sleep(pause)
        log.warning("Another program reads %s: what was deleted may be in it", self._table.path)
        return gone

    @passing_operation
    def damaged_files(self) -> Sequence[Path]:
        """What a repair has set aside: nothing is deleted there."""
        return [*damaged_files(self._table.path)]

    @passing_operation
    def _remove_damaged_files(self, before: float) -> None:
        for file, time_aside in damaged_files(self._table.path).items():
            if time_aside < before:
                file.unlink(missing_ok=True)
                log.info("Deleted %s", file)

    @long_operation
    def _step(self, deletion: _Deletion) -> DeletionReport | None:
        """None if there are more steps. It is done once, and the disk is waited for at the end."""
        with self._table.group(durable=False):
            try:
                next(deletion.steps)
            except StopIteration as end:
                report: DeletionReport = end.value
                return report
            except Exception:
                deletion.steps = deletion.begin()  # an error ends a generator
                raise
        return None

    @operation
    def _forget_service(self, team: TeamId) -> None:
        """What was learned of the services that the workspace uses: Slack's limits, and tools."""
        self._rates.forget(team)
        self._pins.forget(team)

    @long_operation
    def _shrink(self) -> bool:
        """Returns whether nothing is left of what was deleted."""
        self._table.shrink()
        return not self._table.must_shrink

    @operation
    def check(self) -> None:
        """A write and its removal; raises StoreError if the disk does not take them."""
        with self._table.transaction():
            self._table.put("check", row_format.EMPTY)
            self._table.remove("check")
