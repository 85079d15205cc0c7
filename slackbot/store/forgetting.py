"""Deletes what is stored, so that nothing of it is left, while the bot goes on.

Each method is a generator: between two steps the store does other work. A step takes about
STEP_SECONDS, however much is stored, and leaves each thread as it was, or without what is deleted.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from time import monotonic

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.archive import ConversationTable
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table
from slackbot.store.thread_deletion import THREAD_KINDS, DeletionReport, ThreadDeletion, names

STEP_SECONDS = 0.02
"""How long a step takes before it lets other operations have their turn."""

ROWS_PER_PAGE = 100
"""Rows that are read, or looked through, at once: they may be long."""

PASSES = 2
"""How often a person is looked for: in the first pass a row may have moved back, past the place
where the look was.
"""

Steps = Generator[None, None, DeletionReport]
"""A deletion; returns what it has deleted."""


class DataDeletion:
    """Blocks."""

    def __init__(
        self,
        table: Table,
        archive: ConversationTable,
        threads: ThreadDeletion,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` counts seconds: how long a step has taken."""
        self._table = table
        self._archive = archive
        self._threads = threads
        self._clock = clock

    def team(self, team: TeamId) -> Steps:
        gone = yield from self._whole([f"{kind}{team}/" for kind in THREAD_KINDS])
        for kind in ("claim", "amended", "instructions", "allowed", "request"):
            yield from self._in_steps(self._remove_rows(f"{kind}/{team}/"))
        with self._table.transaction():
            self._table.remove(keys.feedback_key(team))
            self._table.remove(keys.restored_key(team))
            self._table.remove(keys.last_event_key(team))
            self._remove_corrupt(team, lambda *_: True)
        return gone

    def channel(self, team: TeamId, channel: ChannelId) -> Steps:
        gone = yield from self._whole([f"{kind}{team}/{channel}/" for kind in THREAD_KINDS])
        yield from self._in_steps(self._remove_claims(team, channel))
        with self._table.transaction():
            self._remove_corrupt(team, lambda key, _: f"/{channel}/" in key)
        return gone

    def thread(self, team: TeamId, channel: ChannelId, ts: Ts) -> Steps:
        """The thread of any of its messages."""
        starts = {ts, self._start_of(team, channel, ts)}
        meant = {ThreadKey(team, channel, start) for start in starts}
        gone = yield from self._in_steps(map(self._threads.whole, meant))
        with self._table.transaction():
            self._remove_corrupt(team, lambda key, _: keys.corrupt_thread(key) in meant)
        return gone

    def user(self, team: TeamId, user: UserId) -> Steps:
        """What a person said, and the answers of those turns, which may repeat it."""
        gone = DeletionReport()
        for _ in range(PASSES):
            done: set[ThreadKey] = set()
            for found in self._threads_naming(team, user):
                yield
                new = found - done
                done |= new
                gone += yield from self._in_steps(self._threads.without(each, user) for each in new)
        with self._table.transaction():
            rows = self._table.range(keys.CORRUPT, keys.CORRUPT)
            theirs = {keys.corrupt_thread(key) for key, value in rows if names(key, value, user)}
            self._remove_corrupt(
                team,
                lambda key, value: names(key, value, user) or keys.corrupt_thread(key) in theirs,
            )
        return gone

    def untouched(self, team: TeamId, before: float) -> Steps:
        """Conversations in which nothing has happened since that time, by Slack's clock, in seconds
        since the epoch. What waits for an answer stays.
        """
        gone = DeletionReport()
        for rows in self._pages(f"{keys.HEADER}{team}/"):
            old = [keys.thread_of(key) for key, value in rows if self._is_old(key, value, before)]
            gone += yield from self._in_steps(self._if_idle(thread, before) for thread in old)
        for rows in self._pages(f"{keys.SEEN}{team}/"):
            remains = {keys.thread_of(key) for key, _ in rows}
            yield from self._in_steps(self._if_remains(thread, before) for thread in remains)
        with self._table.transaction():
            self._remove_corrupt(
                team, lambda key, _: self._is_remains(keys.corrupt_thread(key), before)
            )
        return gone

    def teams(self) -> list[TeamId]:
        """The workspaces of which any thread is stored, or rows are set aside."""
        teams = {team for kind in (*THREAD_KINDS, keys.CLAIM) for team in self._table.teams(kind)}
        aside = map(keys.corrupt_team, self._table.keys(keys.CORRUPT))
        return sorted(map(TeamId, teams | set(aside)))

    def _in_steps(self, pieces: Iterator[DeletionReport]) -> Steps:
        """Does pieces of work, as many in a transaction as a step has time for."""
        gone, more = DeletionReport(), True
        while more:
            end = self._clock() + STEP_SECONDS
            with self._table.transaction():
                while more and self._clock() < end:
                    piece = next(pieces, None)
                    more = piece is not None
                    gone += piece or DeletionReport()
            yield
        return gone

    def _whole(self, prefixes: Iterable[str]) -> Steps:
        """All threads of which a row has one of these prefixes."""
        return (yield from self._in_steps(map(self._threads.whole, self._first_threads(prefixes))))

    def _first_threads(self, prefixes: Iterable[str]) -> Iterator[ThreadKey]:
        """The thread of the first row, as long as there is one: each is deleted in between."""
        for prefix in prefixes:
            last = ""
            while rows := self._table.page("", prefix, 1):
                key, _ = rows[0]
                if key == last:  # somebody has written it by hand, and it is no row of its thread
                    self._table.remove(key)
                else:
                    yield keys.thread_of(f"{key}///")
                last = key

    def _start_of(self, team: TeamId, channel: ChannelId, ts: Ts) -> Ts:
        """The ts of the thread that a message stands in; its own if that is not known."""
        key = f"{keys.claims_prefix(team, channel)}{ts}"
        value = self._table.get(key)
        if value is not None:
            with suppress(UnreadableRowError):
                return row_format.MESSAGE_INDEX.read(key, value).thread
        return ts

    def _pages(self, prefix: str) -> Iterator[list[tuple[str, bytes]]]:
        rows = self._table.page("", prefix, ROWS_PER_PAGE)
        while rows:
            yield rows
            rows = self._table.page(rows[-1][0], prefix, ROWS_PER_PAGE)

    def _threads_naming(self, team: TeamId, user: UserId) -> Iterator[set[ThreadKey]]:
        """The threads with rows that hold a person's id: a set for each step."""
        found: set[ThreadKey] = set()
        end = self._clock() + STEP_SECONDS
        for kind in THREAD_KINDS:
            for rows in self._table.naming(user, f"{kind}{team}/", ROWS_PER_PAGE):
                found.update(map(keys.thread_of, rows))
                if self._clock() > end:
                    yield found
                    found, end = set(), self._clock() + STEP_SECONDS
        yield found

    def _remove_rows(self, prefix: str) -> Iterator[DeletionReport]:
        for rows in self._pages(prefix):
            for key, _ in rows:
                self._table.remove(key)
                yield DeletionReport()

    def _remove_claims(self, team: TeamId, channel: ChannelId) -> Iterator[DeletionReport]:
        """Claims that no thread names, as older versions left them."""
        for rows in self._pages(keys.claims_prefix(team, channel)):
            for key, value in rows:
                try:
                    start = row_format.MESSAGE_INDEX.read(key, value).thread
                except UnreadableRowError:
                    start = Ts("")
                if not self._threads.is_stored(ThreadKey(team, channel, start)):
                    self._table.remove(key)
                yield DeletionReport()

    def _is_old(self, key: str, value: bytes, before: float) -> bool:
        """Whether nothing has happened since; a header that can't be read is written again."""
        try:
            return row_format.HEADER.read(key, value).newest < before
        except UnreadableRowError:
            self._archive.load(keys.thread_of(key), None)
            return True

    def _if_idle(self, thread: ThreadKey, before: float) -> DeletionReport:
        header = self._archive.header(thread)
        kinds = (keys.INBOX, keys.OPEN, keys.LOST, keys.AGAIN)
        waits = any(self._table.page("", keys.thread_prefix(kind, thread), 1) for kind in kinds)
        if header is None or waits or header.newest >= before:
            return DeletionReport()
        return self._threads.whole(thread)

    def _if_remains(self, thread: ThreadKey, before: float) -> DeletionReport:
        """The identities of an old thread of which nothing else is stored."""
        return self._threads.whole(thread) if self._is_remains(thread, before) else DeletionReport()

    def _is_remains(self, thread: ThreadKey | None, before: float) -> bool:
        return (
            thread is not None
            and keys.seconds_of(thread.ts) < before
            and not self._threads.is_stored(thread)
        )

    def _remove_corrupt(self, team: TeamId, is_meant: Callable[[str, bytes], bool]) -> None:
        """What could not be read, where it is meant."""
        for key, value in self._table.range(keys.CORRUPT, keys.CORRUPT):
            if keys.corrupt_team(key) == team and is_meant(key, value):
                self._table.remove(key)
