"""Deleting what is stored, so that nothing of it is left."""

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from slackbot.conversation.history import Turn
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    StopRequested,
)
from slackbot.conversation.messages import ThreadKey
from slackbot.instructions.scopes import Scope
from slackbot.store import keys, row_format
from slackbot.store.revisions import RevisionTable
from slackbot.store.row_format import RowError
from slackbot.store.table import Table

CONVERSATIONS_PER_PAGE = 200
"""So many are read in one operation, so that other operations get their turn."""


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """How much was deleted: conversations, whole or in part, their turns, and people's messages."""

    conversations: int = 0
    turns: int = 0
    messages: int = 0

    def __add__(self, other: "DeletionReport") -> "DeletionReport":
        return DeletionReport(
            self.conversations + other.conversations,
            self.turns + other.turns,
            self.messages + other.messages,
        )

    def __str__(self) -> str:
        if self == DeletionReport():
            return "nothing"
        return (
            f"{self.conversations} conversation(s), {self.turns} turn(s), "
            f"{self.messages} message(s) of people"
        )


class DataDeletion:
    """Blocks. Each conversation goes in a transaction of its own."""

    def __init__(self, table: Table, revisions: RevisionTable) -> None:
        self._table = table
        self._revisions = revisions

    def team(self, team: TeamId) -> DeletionReport:
        gone = self._whole(thread for thread in self._threads() if thread.team == team)
        with self._table.transaction():
            for kind in ("claim", "instructions", "amended", "allowed"):
                self._table.remove_all(f"{kind}/{team}/")
            self._table.remove(keys.feedback_key(team))
            self._remove_corrupt(lambda thread: thread.team == team)
        return gone

    def channel(self, channel: ChannelId) -> DeletionReport:
        threads = [thread for thread in self._threads() if thread.channel == channel]
        gone = self._whole(threads)
        with self._table.transaction():
            for team in {thread.team for thread in threads}:
                self._table.remove_all(f"claim/{team}/{channel}/")
            self._remove_corrupt(lambda thread: thread.channel == channel)
        return gone

    def thread(self, channel: ChannelId, ts: Ts) -> DeletionReport:
        """The thread of any of its messages."""
        damaged = map(keys.corrupt_thread, self._table.keys(keys.CORRUPT))
        threads = dict.fromkeys((*self._threads(), *damaged))
        here = [thread for thread in threads if thread.channel == channel]
        meant = [each for each in here if each.ts in (ts, self._root(each, ts))]
        gone = self._whole(meant)
        with self._table.transaction():
            self._remove_corrupt(meant.__contains__)
        return gone

    def user(self, user: UserId) -> DeletionReport:
        """What a person said, and the answers of those turns, which may repeat it."""
        gone = DeletionReport()
        for thread in self._threads():
            with self._table.transaction():
                gone += self._without(thread, user)
        with self._table.transaction():
            damaged = self._table.range(keys.CORRUPT, keys.CORRUPT)
            theirs = {
                keys.corrupt_thread(key) for key, value in damaged if _names(key, value, user)
            }
            self._remove_corrupt(theirs.__contains__)
        return gone

    def untouched(self, before: float, after: str) -> tuple[DeletionReport, str]:
        """Of a page of conversations, those last touched before that time, in seconds since the
        epoch. Also gives what to pass as `after` for the next page: "" at first, and at the end.
        """
        if after.startswith(keys.SEEN):
            return DeletionReport(), self._remove_old_seen(before, after)
        if not after:
            self._remove_old_corrupt(before)
        gone, rows = DeletionReport(), self._table.page(after, keys.HEADER, CONVERSATIONS_PER_PAGE)
        for key, value in rows:
            with suppress(RowError):
                if row_format.HEADER.read(key, value).touched < before:
                    gone += self._if_idle(keys.thread_of(key), before)
        if len(rows) == CONVERSATIONS_PER_PAGE:
            return gone, rows[-1][0]
        return gone, keys.SEEN if self._table.page("", keys.SEEN, 1) else ""

    def _if_idle(self, thread: ThreadKey, before: float) -> DeletionReport:
        with self._table.transaction():
            value = self._table.get(keys.header_key(thread))
            kinds = (keys.inbox_prefix, keys.open_prefix, keys.again_prefix)
            waits = any(self._table.keys(prefix(thread)) for prefix in kinds)
            if value is None or waits:
                return DeletionReport()
            if row_format.HEADER.read(keys.header_key(thread), value).touched >= before:
                return DeletionReport()
            return self._remove(thread)

    def _threads(self) -> list[ThreadKey]:
        """All threads of which anything is stored, also where their headers are missing."""
        kinds = (
            keys.HEADER,
            keys.INBOX,
            keys.SEEN,
            keys.OPEN,
            keys.AGAIN,
            keys.TURN,
            keys.DRAFT,
        )
        stored = (key for kind in kinds for key in self._table.keys(kind))
        return list(dict.fromkeys(map(keys.thread_of, stored)))

    def _root(self, thread: ThreadKey, ts: Ts) -> Ts | None:
        """The ts of the thread that a message of the thread's channel stands in."""
        key = keys.claim_key(thread, ts)
        value = self._table.get(key)
        if value is not None:
            with suppress(RowError):
                return row_format.MESSAGE_INDEX.read(key, value).thread
        return None

    def _whole(self, threads: Iterable[ThreadKey]) -> DeletionReport:
        gone = DeletionReport()
        for thread in threads:
            with self._table.transaction():
                gone += self._remove(thread)
        return gone

    def _remove(self, thread: ThreadKey) -> DeletionReport:
        """All rows of a conversation."""
        turns = list(self._turns(thread))
        messages = [said.ts for _, turn in turns for said in turn.messages]
        waiting = [Ts(key.rpartition("/")[2]) for key in self._table.keys(keys.open_prefix(thread))]
        pending = self._pending(thread)
        answers = [ts for _, turn in turns for ts in turn.reply_ts]
        for ts in (*messages, *waiting, *pending, *answers, *self._seen(thread)):
            self._table.remove(keys.claim_key(thread, ts))
        stored = self._is_stored(thread)
        for prefix in (
            keys.inbox_prefix,
            keys.seen_prefix,
            keys.turns_prefix,
            keys.open_prefix,
            keys.again_prefix,
            keys.drafts_prefix,
        ):
            self._table.remove_all(prefix(thread))
        self._revisions.forget(Scope(*astuple(thread)))
        self._table.remove(keys.header_key(thread))
        people = len(messages) + len({*waiting, *pending})
        return DeletionReport(int(stored), len(turns), people)

    def _is_stored(self, thread: ThreadKey) -> bool:
        """Whether more of a thread is stored than identities."""
        return keys.header_key(thread) in self._table or bool(
            self._table.page("", keys.inbox_prefix(thread), 1)
        )

    def _pending(self, thread: ThreadKey) -> set[Ts]:
        """The ts of the messages in the inbox."""
        identities = map(keys.event_identity, self._table.keys(keys.inbox_prefix(thread)))
        return {ts for ts in map(keys.message_of, identities) if ts}

    def _seen(self, thread: ThreadKey) -> set[Ts]:
        """The ts of messages that left no other trace in their thread than their claims."""
        identities = map(keys.seen_identity, self._table.keys(keys.seen_prefix(thread)))
        return {ts for ts in map(keys.message_of, identities) if ts}

    def _turns(self, thread: ThreadKey) -> Iterator[tuple[str, Turn]]:
        prefix = keys.turns_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                yield key, row_format.TURN.read(key, value)
            except RowError:
                yield key, Turn(())

    def _without(self, thread: ThreadKey, user: UserId) -> DeletionReport:
        """A conversation without what a person said in it."""
        turns = list(self._turns(thread))
        waiting, events = self._waiting(thread), self._events(thread, user)
        people = {said.user for _, turn in turns for said in turn.messages}
        if {*people, *waiting.values(), *filter(None, events.values())} == {user}:
            return self._remove(thread)
        theirs = {ts for ts, author in waiting.items() if author == user}
        pending = self._remove_events([key for key, author in events.items() if author == user])
        gone = DeletionReport(messages=len(theirs | pending))
        said = {said.ts for _, turn in turns for said in turn.messages if said.user == user}
        self._drop_drafts(thread, user, theirs | said)
        for ts in theirs | pending:
            self._table.remove(f"{keys.open_prefix(thread)}{ts}")
            self._table.remove(keys.claim_key(thread, ts))
            self._table.remove(keys.seen_key(thread, f"files/{ts}"))
        for key in self._table.keys(keys.seen_prefix(thread)):
            if keys.user_of(keys.seen_identity(key)) == user:
                self._table.remove(key)
        for key, turn in turns:
            gone += self._turn_without(key, turn, thread, user)
        named = self._forget_name(thread, user)
        return replace(gone, conversations=1) if named or gone != DeletionReport() else gone

    def _turn_without(
        self, key: str, turn: Turn, thread: ThreadKey, user: UserId
    ) -> DeletionReport:
        said = tuple(each for each in turn.messages if each.user != user)
        feedback = {each: verdict for each, verdict in turn.feedback.items() if each != user}
        if said != turn.messages:
            for each in turn.messages:
                if each.user == user:
                    self._table.remove(keys.claim_key(thread, each.ts))
                    self._table.remove(keys.seen_key(thread, f"files/{each.ts}"))
            self._table.put(key, row_format.TURN.encode(Turn(said, reply_ts=turn.reply_ts)))
            return DeletionReport(turns=1, messages=len(turn.messages) - len(said))
        if feedback != turn.feedback:
            self._table.put(key, row_format.TURN.encode(replace(turn, feedback=feedback)))
        return DeletionReport()

    def _waiting(self, thread: ThreadKey) -> dict[Ts, UserId]:
        """The authors of the messages that wait, by ts; "" where one can't be read."""
        prefix = keys.open_prefix(thread)
        authors: dict[Ts, UserId] = {}
        for key, value in self._table.range(prefix, prefix):
            ts = Ts(key.removeprefix(prefix))
            authors[ts] = UserId("")
            with suppress(RowError):
                authors[ts] = row_format.QUEUED_MESSAGE.read(key, value).message.user
        return authors

    def _events(self, thread: ThreadKey, user: UserId) -> dict[str, UserId]:
        """The people of the events in the inbox, by key. One that can't be read is the user's if
        it names them.
        """
        prefix, people = keys.inbox_prefix(thread), {}
        for key, value in self._table.range(prefix, prefix):
            try:
                people[key] = _person(row_format.read_event(key, value).event)
            except RowError:
                people[key] = user if _names(key, value, user) else UserId("")
        return people

    def _remove_events(self, rows: Iterable[str]) -> set[Ts]:
        """Takes events out of the inbox. The ts of those that are new messages."""
        identities = set()
        for key in rows:
            self._table.remove(key)
            identities.add(keys.event_identity(key))
        return {ts for ts in map(keys.message_of, identities) if ts}

    def _drop_drafts(self, thread: ThreadKey, user: UserId, said: Container[Ts]) -> None:
        """What was done for messages of the user, and what can't be read."""
        prefix = keys.drafts_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                asked = row_format.TURN.read(key, value).messages
            except RowError:
                asked = ()
            if not asked or any(each.user == user or each.ts in said for each in asked):
                self._table.remove(key)

    def _forget_name(self, thread: ThreadKey, user: UserId) -> bool:
        key = keys.header_key(thread)
        value = self._table.get(key)
        if value is None:
            return False
        with suppress(RowError):
            header = row_format.HEADER.read(key, value)
            names = dict(header.names)
            if names.pop(user, None) is not None:
                changed = replace(header, names=names)
                self._table.put(key, row_format.HEADER.encode(changed))
                return True
        return False

    def _remove_corrupt(self, is_meant: Callable[[ThreadKey], bool]) -> None:
        """What could not be read of certain threads."""
        for key in self._table.keys(keys.CORRUPT):
            if is_meant(keys.corrupt_thread(key)):
                self._table.remove(key)

    def _remove_old_seen(self, before: float, after: str) -> str:
        """Of a page of identities, those of old threads of which nothing else is stored."""
        rows = self._table.page(
            "" if after == keys.SEEN else after, keys.SEEN, CONVERSATIONS_PER_PAGE
        )
        for thread in {keys.thread_of(key) for key, _ in rows}:
            with suppress(ValueError), self._table.transaction():
                if float(thread.ts) < before and not self._is_stored(thread):
                    self._remove(thread)
        return rows[-1][0] if len(rows) == CONVERSATIONS_PER_PAGE else ""

    def _remove_old_corrupt(self, before: float) -> None:
        with self._table.transaction():
            for key in self._table.keys(keys.CORRUPT):
                time = key.removeprefix(keys.CORRUPT).partition("/")[0]
                with suppress(ValueError):
                    if datetime.fromisoformat(time).timestamp() < before:
                        self._table.remove(key)


def _person(event: InboxEvent) -> UserId:
    """Whose event it is, or "" where Slack does not tell."""
    if isinstance(event, ButtonPressed):
        return event.press.user
    if isinstance(event, StopRequested):
        return event.user
    message = event.before if isinstance(event, MessageDeleted) else event.message
    return message.user if message is not None else UserId("")


def _names(key: str, value: bytes, user: UserId) -> bool:
    """Whether a row that can't be read holds a person's id."""
    return user.encode() in key.encode() + value
