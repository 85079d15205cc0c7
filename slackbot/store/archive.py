"""Conversations in the rows of a table: turns, and the messages that wait."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from slackbot.conversation.changes import (
    Change,
    ChangeResult,
    Deleted,
    Edited,
    Regenerated,
    cause_of,
)
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import (
    Message,
    QueuedMessage,
    QueuedRegeneration,
    ThreadKey,
)
from slackbot.conversation.post_intent import PostIntent
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row, read_or_set_aside, read_row, set_aside
from slackbot.store.claims import ClaimTable
from slackbot.store.drafts import DraftTable
from slackbot.store.feedback import FeedbackTable
from slackbot.store.regenerations import RegenerationTable
from slackbot.store.row_format import Header, UnreadableRowError
from slackbot.store.table import Table


class ConversationTable:
    """Blocks."""

    def __init__(self, table: Table, drafts: DraftTable) -> None:
        self._table = table
        self._drafts = drafts
        self._claims = ClaimTable(table)
        self._feedback = FeedbackTable(table)
        self._regenerations = RegenerationTable(table)

    def load(self, thread: ThreadKey, until: int | None) -> Conversation:
        """One that can't be read is set aside, and the thread starts again."""
        try:
            return self._read(thread, until)
        except UnreadableRowError as error:
            return self._start_again(thread, error)

    def knows(self, thread: ThreadKey, ts: Ts) -> bool:
        claim = self._claims.of(thread, ts)
        return claim is not None and not claim.pending

    def apply(self, thread: ThreadKey, ts: Ts, change: Change) -> ChangeResult | None:
        """Changes a message or an answer, inside a transaction. None if it is unknown there."""
        claim = self._claims.of(thread, ts)
        if claim is None:
            return None
        if claim.carried_out and not claim.deleted and isinstance(change, Edited):
            return self._reopen(change, claim.edited_ts)
        if claim.turn is None:
            return self._change_waiting(thread, ts, change)
        return self._change_turn(thread, claim.turn, change)

    def was_only_read(self, message: Message) -> bool:
        """Whether a message is part of what was said, and was not answered as one for the bot."""
        turn = self.turn_of(message.thread, message.ts)
        return turn is not None and turn.was_only_read(message.ts, message.edited_ts)

    def turn_of(self, thread: ThreadKey, ts: Ts) -> Turn | None:
        claim = self._claims.of(thread, ts)
        return None if claim is None or claim.turn is None else self._turn(thread, claim.turn)

    def regenerations(self, thread: ThreadKey) -> list[QueuedRegeneration]:
        """The turns to answer again now: nothing waits that was asked before their edit."""
        waiting = {each.rpartition("/")[2] for each in self._table.keys(keys.open_prefix(thread))}
        rows = self._table.keys(keys.again_prefix(thread))
        free = (each for each in rows if waiting.isdisjoint(self._regenerations.unless(each)))
        return [self._regenerations.queued(each) for each in free]

    def give_up_edits(self, thread: ThreadKey, answered: Collection[Ts]) -> None:
        """Leaves turns as they are whose question was the last until these messages were answered,
        inside a transaction.
        """
        for key in self._table.keys(keys.again_prefix(thread)):
            if not set(answered).isdisjoint(self._regenerations.unless(key)):
                self._table.remove(key)

    def place_again(
        self, thread: ThreadKey, number: int, place: tuple[Ts, ...], posting: PostIntent | None
    ) -> tuple[Ts, ...]:
        with self._table.transaction():
            kept = self._claims.without_deleted(thread, place)
            key, turn = keys.again_key(thread, number), self._turn(thread, number)
            if turn is not None and key in self._table:
                if turn.reply_ts != kept:
                    self.put_turn(thread, number, replace(turn, reply_ts=kept))
                if posting is not None and turn.answer is None:  # it may have been forgotten
                    posting = posting.without_text()
                self._regenerations.place(key, posting)
        return kept

    def rewrite(self, thread: ThreadKey, number: int, before: Turn, after: Turn) -> bool:
        with self._table.transaction():
            now = self._turn(thread, number)
            if now is not None and now.messages != before.messages:
                return False
            if now is not None:  # otherwise it was forgotten, or can't be read
                self._replace(thread, number, now, after)
            self._table.remove(keys.again_key(thread, number))
            self._drafts.drop(thread, keys.turn_draft(number))
        return True

    def is_as_before(self, thread: ThreadKey, key: str, drafted: Turn) -> bool:
        """Whether a regenerated turn is still stored, with the messages of its draft."""
        row = keys.drafted_turn_key(thread, key)
        now = read_row(self._table, row, row_format.TURN.read, "its draft is not kept")
        return now is not None and now.messages == drafted.messages

    def put_turn(self, thread: ThreadKey, number: int, turn: Turn) -> None:
        """A turn, and for each of its messages where it stands.

        A message of the reply that was deleted meanwhile takes the answer along.
        """
        for ts in {*turn.reply_ts} - {*self._claims.without_deleted(thread, turn.reply_ts)}:
            turn = Deleted(ts).to_turn(turn)
        self._table.put(keys.turn_key(thread, number), row_format.TURN.encode(turn))
        for ts in (*(said.ts for said in turn.messages), *turn.reply_ts):
            if ts:
                self._claims.assign(thread, ts, number)

    def header(self, thread: ThreadKey) -> Header | None:
        key = keys.header_key(thread)
        return read_row(self._table, key, row_format.HEADER.read, "it is written again")

    def put_header(self, thread: ThreadKey, conversation: Conversation, newest: int) -> None:
        """`newest` is the time of something that happened, by Slack's clock; what the header knows
        of may be later.
        """
        key, read = keys.header_key(thread), row_format.HEADER.read
        known = read_or_set_aside(self._table, key, read, "it is written again")
        newest = max(newest, known.newest if known is not None else keys.seconds_of(thread.ts))
        self._table.put(key, row_format.HEADER.encode(Header.of(conversation, newest)))

    def touch(self, thread: ThreadKey, time: int) -> None:
        """Notes when something happened in the thread, by Slack's clock."""
        header = self.header(thread)
        if header is not None and header.newest < time:
            row = row_format.HEADER.encode(replace(header, newest=time))
            self._table.put(keys.header_key(thread), row)

    def _read(self, thread: ThreadKey, until: int | None) -> Conversation:
        key = keys.header_key(thread)
        value = self._table.get(key)
        if value is None:
            if self._table.keys(keys.turns_prefix(thread)):
                raise UnreadableRowError(key)
            return Conversation()
        header = row_format.HEADER.read(key, value)
        conversation, end = header.conversation, header.length
        if until is not None:
            end = min(end, until + 1)
            if end <= conversation.start:
                conversation = replace(conversation, start=self._first(thread))
        first = keys.turn_key(thread, conversation.start)
        numbers = range(conversation.start, end)
        rows = self._table.range(first, keys.turns_prefix(thread), len(numbers))
        found = [key for key, _ in rows]
        if len(found) != len(numbers) or found != [keys.turn_key(thread, each) for each in numbers]:
            raise UnreadableRowError(key)
        return conversation.add(*(row_format.TURN.read(key, value) for key, value in rows))

    def _first(self, thread: ThreadKey) -> int:
        """The number of the oldest turn: what people said before the bot joined them, and no
        request had room for, was never stored.
        """
        rows = self._table.page("", keys.turns_prefix(thread), 1)
        return keys.number_of(rows[0][0]) if rows else 0

    def _start_again(self, thread: ThreadKey, error: UnreadableRowError) -> Conversation:
        """The thread stays the bot's, and its people are told; its damaged rows are set aside."""
        fresh = Conversation(lost=True)
        with self._table.transaction():
            turns = self._readable_turns(thread)
            for key in self._table.keys(keys.again_prefix(thread)):
                for ts in self._messages_of(thread, keys.number_of(key), turns)[:1]:
                    self._table.put(keys.lost_key(thread, ts), row_format.EMPTY)
            newest = max(map(newest_in, turns.values()), default=0)
            header, turns_prefix = keys.header_key(thread), keys.turns_prefix(thread)
            aside = set_aside(self._table, header, turns_prefix)
            self._table.remove_all(keys.again_prefix(thread))
            self.put_header(thread, fresh, newest)
        log_bad_row(error, f"its conversation is under {aside} now and the thread starts again")
        return fresh

    def _readable_turns(self, thread: ThreadKey) -> dict[int, Turn]:
        """By number."""
        prefix, turns = keys.turns_prefix(thread), {}
        for key, value in self._table.range(prefix, prefix):
            with suppress(UnreadableRowError):
                turns[keys.number_of(key)] = row_format.TURN.read(key, value)
        return turns

    def _messages_of(self, thread: ThreadKey, number: int, turns: Mapping[int, Turn]) -> list[Ts]:
        """The ts of a turn's messages, oldest first; by their claims if it can't be read."""
        if number in turns:
            return sorted(said.ts for said in turns[number].messages)
        return self._claims.of_turn(thread, number)

    def _change_waiting(self, thread: ThreadKey, ts: Ts, change: Change) -> ChangeResult | None:
        key = f"{keys.open_prefix(thread)}{ts}"
        waiting = read_row(
            self._table, key, row_format.QUEUED_MESSAGE.read, "its author will be told"
        )
        if waiting is None:
            return None
        after = change.to_waiting(waiting)
        if after == waiting:
            return ChangeResult()
        self.put_open(after)
        self._drafts.drop_about(thread, {ts})
        return ChangeResult(waiting=True, changed=True)

    def take_out(self, thread: ThreadKey, message: Message) -> ChangeResult:
        """A message leaves its turn, and waits for one of its own; inside a transaction."""
        claim = self._claims.of(thread, message.ts)
        number = claim.turn if claim is not None else None
        turn = self._turn(thread, number) if number is not None else None
        if number is None or turn is None:
            return ChangeResult()
        rest = tuple(each for each in turn.messages if each.ts != message.ts)
        self.put_turn(thread, number, replace(turn, messages=rest))
        self._drafts.drop_about(thread, {each.ts for each in turn.messages})
        self._claims.open(thread, message.ts)
        self.put_open(QueuedMessage(message))
        return ChangeResult(waiting=True, received=True, changed=True)

    def _reopen(self, edit: Edited, edited_ts: Ts) -> ChangeResult:
        """A command that was carried out, and was last edited at `edited_ts`, is edited."""
        message = edit.message
        command = QueuedMessage(replace(message, markup="", edited_ts=edited_ts))
        if edit.to_waiting(command) == command:  # an older edit that arrives again
            return ChangeResult()
        self._claims.open(message.thread, message.ts)
        self._table.remove(keys.lost_key(message.thread, message.ts))
        self.put_open(QueuedMessage(message))
        return ChangeResult(waiting=True, received=True, changed=True)

    def put_open(self, waiting: QueuedMessage) -> None:
        self._table.put(keys.open_key(waiting.message), row_format.QUEUED_MESSAGE.encode(waiting))

    def _change_turn(self, thread: ThreadKey, number: int, change: Change) -> ChangeResult | None:
        turn = self._turn(thread, number)
        if turn is None:
            return None
        if isinstance(change, Edited) and change.needs_own_turn(turn):
            return self.take_out(thread, change.message)
        after = change.to_turn(turn)
        again = change.again(turn, last=self._is_last(thread, number))
        if after == turn and not again:
            return ChangeResult()
        self._replace(thread, number, turn, after)
        if after.messages != turn.messages:
            self._drafts.drop_about(thread, {each.ts for each in turn.messages})
        named = {each.ts for each in after.messages} | {*after.reply_ts}
        for unnamed in {each.ts for each in turn.messages} | {*turn.reply_ts}:
            if unnamed not in named:
                self._claims.remember(thread, unnamed)
        self._feedback.count(thread.team, turn, after)
        if again:
            unless = () if isinstance(change, Regenerated) else self._still_waiting(thread)
            key = keys.again_key(thread, number)
            self._regenerations.add(key, cause_of(change, turn), unless)
            again = not unless
        return ChangeResult(again=again, changed=True)

    def _turn(self, thread: ThreadKey, number: int) -> Turn | None:
        key = keys.turn_key(thread, number)
        return read_row(self._table, key, row_format.TURN.read, "it is left as it is")

    def _is_last(self, thread: ThreadKey, number: int) -> bool:
        """Whether nobody was answered after a turn. What people tell each other is no question."""
        while (later := self._turn(thread, number + 1)) is not None:
            if later.messages and later.reply_ts:
                return False
            number += 1
        return True

    def _still_waiting(self, thread: ThreadKey) -> list[Ts]:
        """The messages that wait and were not deleted."""
        rows = self._table.range(keys.open_prefix(thread), keys.open_prefix(thread))
        waiting = []
        for key, value in rows:
            with suppress(UnreadableRowError):
                waiting.append(row_format.QUEUED_MESSAGE.read(key, value))
        return [each.message.ts for each in waiting if not each.deleted]

    def _replace(self, thread: ThreadKey, number: int, before: Turn, after: Turn) -> None:
        """Writes a turn if it differs: with its tools' results it may be long."""
        if after != before:
            self.put_turn(thread, number, after)


def newest_in(turn: Turn) -> int:
    """When the last message of a turn was posted, by Slack's clock, in seconds since the epoch."""
    times = (*(said.ts for said in turn.messages), *turn.reply_ts)
    return max(map(keys.seconds_of, times), default=0)
