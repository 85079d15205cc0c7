"""What a store does, for every kind of database: operations over the records of its rows.

`sqlite/store.py` and `postgres/store.py` carry them out.
"""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from slackbot.conversation.changes import Change, ChangeResult
from slackbot.conversation.history import Conversation, Rating, ToolRound, Turn
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import InboxEvent, StoredEvent
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.delivery.rate_memory import RateMemory
from slackbot.errors import LostStoreError
from slackbot.instructions.revisions import ChangeRecord, History, Revision, SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.llm.tool_pins import ServerPins
from slackbot.store import row_format
from slackbot.store.announcements import NewEvent, NewSettings
from slackbot.store.deletion_operations import DeletionOperations
from slackbot.store.installation_operations import InstallationOperations
from slackbot.store.records import Records
from slackbot.workspaces.lease import Lease


class RecordStore(DeletionOperations, InstallationOperations):
    """Implements `turns.store.Store`, the instructions' store, and all that deletes data.

    Every method raises StoreError while the database fails, and works again when it does.
    """

    @property
    @abstractmethod
    def failed(self) -> asyncio.Future[LostStoreError]:
        """Resolves once the store can't be used any more in this process; the log says it by then.

        The result is the error that every method raises from then on.
        """

    @abstractmethod
    def owned(self, lease: Lease, holds: Callable[[], bool] = lambda: True) -> Self:
        """The same store for the owner of a workspace.

        Its operations raise LostLeaseError, and change nothing, once another replica owns the
        workspace. Once `holds` says that the lease is over, the database is not asked any more.
        """

    @abstractmethod
    async def close(self) -> None:
        """Does what was asked for before, then closes the database. A second call does nothing."""

    async def admit_team(self, team: TeamId) -> None:
        """Notes that a workspace has the app, or has it again: it is written about from now on."""
        await self._run(team, lambda records: records.removals.undo(team), "passing")

    async def append(self, event: InboxEvent, *, opens: bool) -> bool:
        return await self._write(
            event.thread.team,
            lambda records: records.events.append(event, opens=opens),
            announcement=NewEvent(event.thread),
        )

    async def ours(self, threads: Sequence[ThreadKey]) -> Sequence[ThreadKey]:
        return await self._read(
            threads[0].team, lambda records: [*filter(records.events.is_ours, threads)]
        )

    async def events(self, thread: ThreadKey) -> Sequence[StoredEvent]:
        return await self._read(thread.team, lambda records: records.inbox.events(thread))

    async def receive(
        self, thread: ThreadKey, number: int, message: Message, *, asks: bool = False
    ) -> ChangeResult:
        return await self._run(
            thread.team,
            lambda records: records.inbox.receive(thread, number, message, asks=asks),
            "passing",
        )

    async def fold(
        self, thread: ThreadKey, number: int, ts: Ts, change: Change
    ) -> ChangeResult | None:
        return await self._run(
            thread.team, lambda records: records.inbox.fold(thread, number, ts, change), "passing"
        )

    async def discard(self, thread: ThreadKey, number: int, *, forget: bool = False) -> None:
        await self._run(
            thread.team, lambda records: records.events.discard(thread, number, forget=forget)
        )

    async def threads_with_events(self, teams: Sequence[TeamId]) -> Sequence[ThreadKey]:
        """The threads of these workspaces that have events which are not folded in yet."""
        return [thread for team in teams for thread in await self._threads_with_events(team)]

    async def _threads_with_events(self, team: TeamId) -> Sequence[ThreadKey]:
        return await self._read(team, lambda records: records.inbox.threads(team))

    async def unanswered(self, team: TeamId | None = None) -> list[ThreadKey]:
        return await self._read(team, lambda records: records.inbox.unanswered(team))

    async def waiting(self, thread: ThreadKey) -> PendingWork:
        return await self._read(thread.team, lambda records: records.inbox.waiting(thread))

    async def place(
        self,
        messages: Sequence[Message],
        place: tuple[Ts, ...],
        posting: PostIntent | None = None,
    ) -> tuple[Ts, ...]:
        return await self._run(
            messages[0].thread.team, lambda records: records.inbox.place(messages, place, posting)
        )

    async def drop_lost(self, thread: ThreadKey, ts: Ts) -> None:
        await self._run(thread.team, lambda records: records.inbox.drop_lost(thread, ts))

    async def draft(
        self,
        thread: ThreadKey,
        key: str,
        turn: Turn,
        answered: Sequence[QueuedMessage],
        *,
        stored: Sequence[ToolRound] = (),
    ) -> None:
        await self._run(
            thread.team, lambda records: records.inbox.draft(thread, key, turn, answered, stored)
        )

    async def drafted(self, thread: ThreadKey, key: str) -> Turn | None:
        return await self._read(thread.team, lambda records: records.drafts.of(thread, key))

    async def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
        *,
        key: str = "",
    ) -> bool:
        return await self._run(
            thread.team,
            lambda records: records.inbox.commit(thread, conversation, new, answered, key=key),
        )

    async def load(self, thread: ThreadKey, *, until: int | None = None) -> Conversation:
        return await self._read(thread.team, lambda records: records.archive.load(thread, until))

    async def knows(self, thread: ThreadKey, ts: Ts) -> bool:
        return await self._read(thread.team, lambda records: records.archive.knows(thread, ts))

    async def turn_of(self, thread: ThreadKey, ts: Ts) -> Turn | None:
        return await self._read(thread.team, lambda records: records.archive.turn_of(thread, ts))

    async def place_again(
        self,
        thread: ThreadKey,
        number: int,
        place: tuple[Ts, ...],
        posting: PostIntent | None = None,
    ) -> tuple[Ts, ...]:
        return await self._run(
            thread.team,
            lambda records: records.archive.place_again(thread, number, place, posting),
        )

    async def rewrite(self, thread: ThreadKey, number: int, before: Turn, after: Turn) -> bool:
        return await self._run(
            thread.team, lambda records: records.archive.rewrite(thread, number, before, after)
        )

    async def feedback(self, team: TeamId) -> Mapping[Rating, int]:
        """How often people said what about an answer."""
        return await self._read(team, lambda records: records.feedback.of(team))

    async def claim_request(self, team: TeamId, identity: str) -> bool:
        """Notes that a request is carried out now; False if it was in the last ten minutes."""
        return await self._write(team, lambda records: records.requests.claim(team, identity))

    async def rates(self, team: TeamId) -> RateMemory | None:
        return await self._read(team, lambda records: records.rates.of(team))

    async def save_rates(self, team: TeamId, rates: RateMemory) -> None:
        def work(records: Records) -> bool:
            records.rates.save(team, rates)
            return True

        await self._write(team, work, "passing")

    async def tool_pins(self, team: TeamId, server: str) -> ServerPins | None:
        return await self._read(team, lambda records: records.pins.of(team, server))

    async def all_tool_pins(self, team: TeamId) -> Mapping[str, ServerPins]:
        return await self._read(team, lambda records: records.pins.all(team))

    async def replace_tool_pins(
        self, team: TeamId, server: str, before: ServerPins | None, after: ServerPins
    ) -> bool:
        return await self._write(
            team,
            lambda records: records.pins.replace(team, server, before, after),
            announcement=NewSettings(team),
        )

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

    async def _search_page(
        self, team: TeamId, channel: ChannelId, words: Sequence[str], after: str
    ) -> tuple[list[tuple[ThreadKey, Turn]], str]:
        return await self._read(
            team, lambda records: records.search.page(team, channel, words, after)
        )

    async def revisions(self, scope: Scope) -> History:
        return await self._read(scope.team, lambda records: records.revisions.of(scope))

    async def last_revision(self, scope: Scope) -> Revision | None:
        return (await self.last_revisions([scope])).get(scope)

    async def last_revisions(self, scopes: Sequence[Scope]) -> Mapping[Scope, Revision]:
        """The last revision of each of these scopes of one workspace that has any."""
        return await self._read(scopes[0].team, lambda records: records.revisions.last(*scopes))

    async def current_revisions(self, team: TeamId) -> Mapping[Scope, Revision]:
        return await self._read(team, lambda records: records.revisions.current_revisions(team))

    async def change_records(self, team: TeamId, most: int | None = None) -> Sequence[ChangeRecord]:
        return await self._read(team, lambda records: records.revisions.change_records(team, most))

    async def teams(self) -> Sequence[TeamId]:
        """The workspaces for which anything was ever set."""
        return await self._read(None, lambda records: records.revisions.teams())

    async def add_revision(self, scope: Scope, change: SettingsChange) -> bool:
        return await self._write(
            scope.team,
            lambda records: records.revisions.add_revision(scope, change),
            announcement=NewSettings(scope.team),
        )

    async def allowed(self, team: TeamId, channel: ChannelId) -> Sequence[UserId]:
        return await self._read(team, lambda records: records.revisions.allowed(team, channel))

    async def allow(self, team: TeamId, channel: ChannelId, user: UserId, *, may: bool) -> None:
        def work(records: Records) -> bool:
            records.revisions.allow(team, channel, user, may=may)
            return True

        await self._write(team, work)

    async def earlier_files(self) -> Sequence[Path]:
        """What a repair or a restore has set aside: nothing is deleted there."""
        return ()

    async def check(self) -> None:
        """A write and its removal; raises StoreError if the database does not take them."""
        await self._run(None, _check)


def _check(records: Records) -> None:
    with records.table.transaction():
        records.table.put("check", row_format.EMPTY)
        records.table.remove("check")
