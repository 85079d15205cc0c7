"""Deletes one thread, or what one person said in it, inside a transaction."""

from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from slackbot.conversation.history import Turn
from slackbot.conversation.ids import Ts, UserId
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
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table

THREAD_KINDS = (
    keys.INBOX,
    keys.SEEN,
    keys.OPEN,
    keys.LOST,
    keys.AGAIN,
    keys.DRAFT,
    keys.TURN,
    keys.HEADER,
)
"""The kinds of rows that belong to a thread. A message moves through them in this order: what is
looked for in the same order is found, even if it moves meanwhile.
"""


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


class ThreadDeletion:
    """Blocks. Every method is to be called inside a transaction."""

    def __init__(self, table: Table, revisions: RevisionTable) -> None:
        self._table = table
        self._revisions = revisions

    def whole(self, thread: ThreadKey) -> DeletionReport:
        """Deletes all rows of a conversation."""
        return self._remove(thread, self._rows(thread))

    def without(self, thread: ThreadKey, user: UserId) -> DeletionReport:
        """Deletes what a person said in a conversation, and the answers to it."""
        rows = self._rows(thread)
        waiting, events = _waiting(rows), _events(rows, user)
        people = {said.user for turn in rows.turns.values() for said in turn.messages}
        if {*people, *waiting.values(), *filter(None, events.values())} == {user}:
            return self._remove(thread, rows)
        theirs = {ts for ts, author in waiting.items() if author == user}
        pending = self._remove_events([key for key, author in events.items() if author == user])
        gone = DeletionReport(messages=len(theirs | pending))
        said = {
            said.ts for turn in rows.turns.values() for said in turn.messages if said.user == user
        }
        self._drop_drafts(rows, user, theirs | said)
        self._forget_beginnings(rows, theirs)
        for ts in theirs | pending:
            self._table.remove(f"{keys.open_prefix(thread)}{ts}")
            self._table.remove(keys.claim_key(thread, ts))
            self._table.remove(keys.seen_key(thread, f"files/{ts}"))
        for key in rows.of(keys.SEEN):
            if keys.user_of(keys.seen_identity(key)) == user:
                self._table.remove(key)
        for key, turn in rows.turns.items():
            gone += self._turn_without(key, turn, thread, user)
        named = self._forget_name(thread, user)
        return replace(gone, conversations=1) if named or gone != DeletionReport() else gone

    def is_stored(self, thread: ThreadKey) -> bool:
        """Whether more of a thread is stored than identities."""
        return keys.header_key(thread) in self._table or bool(
            self._table.page("", keys.inbox_prefix(thread), 1)
        )

    def _rows(self, thread: ThreadKey) -> "_Rows":
        kinds = (kind for kind in THREAD_KINDS if kind != keys.HEADER)
        found = self._table.ranges(*(keys.thread_prefix(kind, thread) for kind in kinds))
        return _Rows(
            found, {key: _turn(key, row) for key, row in found if key.startswith(keys.TURN)}
        )

    def _remove(self, thread: ThreadKey, rows: "_Rows") -> DeletionReport:
        said = [each.ts for turn in rows.turns.values() for each in turn.messages]
        answers = [ts for turn in rows.turns.values() for ts in turn.reply_ts]
        waiting = {Ts(key.rpartition("/")[2]) for key in rows.of(keys.OPEN)}
        waiting |= {keys.message_of(keys.event_identity(key)) for key in rows.of(keys.INBOX)}
        waiting.discard(Ts(""))
        seen = [keys.message_of(keys.seen_identity(key)) for key in rows.of(keys.SEEN)]
        claims = {keys.claim_key(thread, ts) for ts in (*said, *answers, *waiting, *seen) if ts}
        header = keys.header_key(thread)
        stored = header in self._table or bool(rows.of(keys.INBOX))
        self._table.remove_rows([header, *(key for key, _ in rows.found), *claims])
        self._revisions.forget(Scope(thread.team, thread.channel, thread.ts))
        return DeletionReport(int(stored), len(rows.turns), len(said) + len(waiting))

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

    def _remove_events(self, rows: Iterable[str]) -> set[Ts]:
        """Takes events out of the inbox. The ts of those that are new messages."""
        identities = set()
        for key in rows:
            self._table.remove(key)
            identities.add(keys.event_identity(key))
        return {ts for ts in map(keys.message_of, identities) if ts}

    def _drop_drafts(self, rows: "_Rows", user: UserId, said: Container[Ts]) -> None:
        """What was done for messages of the user, and what can't be read."""
        for key, value in rows.of(keys.DRAFT).items():
            if keys.is_draft_head(key):
                asked = _turn(key, value).messages
                if not asked or any(each.user == user or each.ts in said for each in asked):
                    self._table.remove_all(key)

    def _forget_beginnings(self, rows: "_Rows", theirs: set[Ts]) -> None:
        """What a stream began with may repeat what was said: it stays recorded without that."""
        for key, value in rows.of(keys.OPEN).items():
            with suppress(UnreadableRowError):
                waiting = row_format.QUEUED_MESSAGE.read(key, value)
                if theirs and waiting.posting is not None:
                    nameless = replace(waiting, posting=waiting.posting.without_text())
                    self._table.put(key, row_format.QUEUED_MESSAGE.encode(nameless))
        for key, value in rows.of(keys.AGAIN).items():
            with suppress(UnreadableRowError):
                again = row_format.REGENERATION.read(key, value)
                if again.posting is not None:
                    again = replace(again, posting=again.posting.without_text())
                    self._table.put(key, row_format.REGENERATION.encode(again))

    def _forget_name(self, thread: ThreadKey, user: UserId) -> bool:
        key = keys.header_key(thread)
        value = self._table.get(key)
        if value is None:
            return False
        with suppress(UnreadableRowError):
            header = row_format.HEADER.read(key, value)
            known = dict(header.names)
            if known.pop(user, None) is not None:
                changed = replace(header, names=known)
                self._table.put(key, row_format.HEADER.encode(changed))
                return True
        return False


def names(key: str, value: bytes, user: UserId) -> bool:
    """Whether a row that can't be read holds a person's id."""
    return user.encode() in key.encode() + value


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a thread, but for its header; of turns also what stands in them."""

    found: Sequence[tuple[str, bytes]]
    turns: Mapping[str, Turn]

    def of(self, kind: str) -> dict[str, bytes]:
        return {key: value for key, value in self.found if key.startswith(kind)}


def _waiting(rows: _Rows) -> dict[Ts, UserId]:
    """The authors of the messages that wait, by ts; "" where one can't be read."""
    authors: dict[Ts, UserId] = {}
    for key, value in rows.of(keys.OPEN).items():
        ts = Ts(key.rpartition("/")[2])
        authors[ts] = UserId("")
        with suppress(UnreadableRowError):
            authors[ts] = row_format.QUEUED_MESSAGE.read(key, value).message.user
    return authors


def _events(rows: _Rows, user: UserId) -> dict[str, UserId]:
    """The people of the events in the inbox, by key. One that can't be read is the user's if it
    names them.
    """
    people: dict[str, UserId] = {}
    for key, value in rows.of(keys.INBOX).items():
        try:
            people[key] = _person(row_format.read_event(key, value).event)
        except UnreadableRowError:
            people[key] = user if names(key, value, user) else UserId("")
    return people


def _turn(key: str, value: bytes) -> Turn:
    try:
        return row_format.TURN.read(key, value)
    except UnreadableRowError:
        return Turn(())


def _person(event: InboxEvent) -> UserId:
    """Whose event it is, or "" where Slack does not tell."""
    if isinstance(event, ButtonPressed):
        return event.press.user
    if isinstance(event, StopRequested):
        return event.user
    message = event.before if isinstance(event, MessageDeleted) else event.message
    return message.user if message is not None else UserId("")
