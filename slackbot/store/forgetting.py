"""Deleting what is stored, so that nothing of it is left."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import datetime

from slackbot.conversation.history import Turn
from slackbot.conversation.messages import ThreadKey
from slackbot.instructions.scopes import Scope
from slackbot.store import keys, row_format
from slackbot.store.revisions import RevisionTable
from slackbot.store.row_format import RowError
from slackbot.store.table import Table

PAGE = 200
"""Conversations that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class DeletionReport:
    """What went: conversations, whole or in part, their turns, and what people had said in them."""

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

    def team(self, team: str) -> DeletionReport:
        gone = self._whole(thread for thread in self._threads() if thread.team == team)
        with self._table.transaction():
            for kind in ("claim", "instructions", "amended", "allowed"):
                self._table.remove_all(f"{kind}/{team}/")
            self._table.remove(keys.feedback_key(team))
            self._remove_corrupt(lambda thread: thread.team == team)
        return gone

    def channel(self, channel: str) -> DeletionReport:
        threads = [thread for thread in self._threads() if thread.channel == channel]
        gone = self._whole(threads)
        with self._table.transaction():
            for team in {thread.team for thread in threads}:
                self._table.remove_all(f"claim/{team}/{channel}/")
            self._remove_corrupt(lambda thread: thread.channel == channel)
        return gone

    def thread(self, channel: str, ts: str) -> DeletionReport:
        """The thread of any of its messages."""
        here = [thread for thread in self._threads() if thread.channel == channel]
        gone = self._whole([each for each in here if each.ts in (ts, self._root(each, ts))])
        with self._table.transaction():
            self._remove_corrupt(lambda each: (each.channel, each.ts) == (channel, ts))
        return gone

    def user(self, user: str) -> DeletionReport:
        """What a person said, and the answers of those turns, which may repeat it."""
        gone = DeletionReport()
        for thread in self._threads():
            with self._table.transaction():
                gone += self._without(thread, user)
        with self._table.transaction():
            damaged = self._table.range(keys.CORRUPT, keys.CORRUPT)
            theirs = {keys.corrupt_thread(key) for key, value in damaged if user.encode() in value}
            self._remove_corrupt(theirs.__contains__)
        return gone

    def untouched(self, before: float, after: str) -> tuple[DeletionReport, str]:
        """Of a page of conversations, those last touched before that time, in seconds since the
        epoch. Also gives what to pass as `after` for the next page: "" at first, and at the end.
        """
        if not after:
            self._remove_old_corrupt(before)
        gone, rows = DeletionReport(), self._table.page(after, keys.HEADER, PAGE)
        for key, value in rows:
            with suppress(RowError):
                if row_format.read_header(key, value).touched < before:
                    gone += self._if_idle(keys.thread_of(key), before)
        return gone, rows[-1][0] if len(rows) == PAGE else ""

    def _if_idle(self, thread: ThreadKey, before: float) -> DeletionReport:
        with self._table.transaction():
            value = self._table.get(keys.header_key(thread))
            waits = self._table.keys(keys.open_prefix(thread)) or self._table.keys(
                keys.again_prefix(thread)
            )
            if value is None or waits:
                return DeletionReport()
            if row_format.read_header(keys.header_key(thread), value).touched >= before:
                return DeletionReport()
            return self._remove(thread)

    def _threads(self) -> list[ThreadKey]:
        return [keys.thread_of(key) for key in self._table.keys(keys.HEADER)]

    def _root(self, thread: ThreadKey, ts: str) -> str | None:
        """The ts of the thread that a message of the thread's channel stands in."""
        key = keys.claim_key(thread, ts)
        value = self._table.get(key)
        if value is not None:
            with suppress(RowError):
                return row_format.read_claim(key, value).thread
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
        messages = [said.ts for _, turn in turns for said in turn.said]
        waiting = [key.rpartition("/")[2] for key in self._table.keys(keys.open_prefix(thread))]
        answers = [ts for _, turn in turns for ts in turn.place]
        for ts in (*messages, *waiting, *answers):
            self._table.remove(keys.claim_key(thread, ts))
        for prefix in (keys.turns_prefix, keys.open_prefix, keys.again_prefix):
            self._table.remove_all(prefix(thread))
        self._revisions.forget(Scope(*astuple(thread)))
        self._table.remove(keys.draft_key(thread))
        self._table.remove(keys.header_key(thread))
        return DeletionReport(1, len(turns), len(messages) + len(waiting))

    def _turns(self, thread: ThreadKey) -> Iterator[tuple[str, Turn]]:
        prefix = keys.turns_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                yield key, row_format.read_turn(key, value)
            except RowError:
                yield key, Turn(())

    def _without(self, thread: ThreadKey, user: str) -> DeletionReport:
        """A conversation without what a person said in it."""
        turns = list(self._turns(thread))
        people = {said.user for _, turn in turns for said in turn.said}
        waiting = list(self._waiting_of(thread, user))
        if people == {user} or (not people and len(waiting) == len(self._all_waiting(thread)) > 0):
            return self._remove(thread)
        gone = DeletionReport(messages=len(waiting))
        if user in people or waiting:
            self._table.remove(keys.draft_key(thread))
        for ts in waiting:
            self._table.remove(f"{keys.open_prefix(thread)}{ts}")
            self._table.remove(keys.claim_key(thread, ts))
        for key, turn in turns:
            gone += self._turn_without(key, turn, thread, user)
        named = self._forget_name(thread, user)
        return replace(gone, conversations=1) if named or gone != DeletionReport() else gone

    def _turn_without(self, key: str, turn: Turn, thread: ThreadKey, user: str) -> DeletionReport:
        said = tuple(each for each in turn.said if each.user != user)
        feedback = {each: verdict for each, verdict in turn.feedback.items() if each != user}
        if said != turn.said:
            for each in turn.said:
                if each.user == user:
                    self._table.remove(keys.claim_key(thread, each.ts))
            self._table.put(key, Turn(said, place=turn.place).to_json())
            return DeletionReport(turns=1, messages=len(turn.said) - len(said))
        if feedback != turn.feedback:
            self._table.put(key, replace(turn, feedback=feedback).to_json())
        return DeletionReport()

    def _all_waiting(self, thread: ThreadKey) -> list[str]:
        return self._table.keys(keys.open_prefix(thread))

    def _waiting_of(self, thread: ThreadKey, user: str) -> Iterator[str]:
        """The ts of the messages of a person that are not answered."""
        prefix = keys.open_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            with suppress(RowError):
                message = row_format.read_open(key, value).message
                if message.user == user:
                    yield message.ts

    def _forget_name(self, thread: ThreadKey, user: str) -> bool:
        key = keys.header_key(thread)
        value = self._table.get(key)
        if value is None:
            return False
        with suppress(RowError):
            header = row_format.read_header(key, value)
            names = dict(header.conversation.names)
            if names.pop(user, None) is not None:
                conversation = replace(header.conversation, names=names)
                changed = replace(header, conversation=conversation)
                self._table.put(key, row_format.header_data(changed))
                return True
        return False

    def _remove_corrupt(self, is_meant: Callable[[ThreadKey], bool]) -> None:
        """What could not be read of certain threads."""
        for key in self._table.keys(keys.CORRUPT):
            if is_meant(keys.corrupt_thread(key)):
                self._table.remove(key)

    def _remove_old_corrupt(self, before: float) -> None:
        with self._table.transaction():
            for key in self._table.keys(keys.CORRUPT):
                time = key.removeprefix(keys.CORRUPT).partition("/")[0]
                with suppress(ValueError):
                    if datetime.fromisoformat(time).timestamp() < before:
                        self._table.remove(key)
