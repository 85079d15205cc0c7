"""What waits, in the rows of a table: events that are folded in, and messages to be answered."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from slackbot.conversation.changes import Change, ChangeResult, Deleted, FilesAdded
from slackbot.conversation.history import Conversation, ToolRound, Turn
from slackbot.conversation.ids import TeamId, Ts, UserId
from slackbot.conversation.inbox_events import StoredEvent, event_from
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.store import keys, row_format
from slackbot.store.archive import ConversationTable, newest_in
from slackbot.store.bad_rows import log_bad_row, read_row, set_aside
from slackbot.store.claims import ClaimTable
from slackbot.store.drafts import DraftTable
from slackbot.store.events import EventTable
from slackbot.store.restored import RestoredTable
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table


class InboxTable:
    """Blocks."""

    def __init__(
        self, table: Table, archive: ConversationTable, drafts: DraftTable, events: EventTable
    ) -> None:
        self._table = table
        self._archive = archive
        self._drafts = drafts
        self._events = events
        self._claims = ClaimTable(table)
        self._restored = RestoredTable(table)

    def events(self, thread: ThreadKey) -> list[StoredEvent]:
        """Those that can't be read are set aside, and the people of their messages are told. A
        deletion, a stop or a press is known by its identity.
        """
        read = []
        prefix = keys.inbox_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                read.append(row_format.read_event(key, value))
            except UnreadableRowError as error:
                event = event_from(thread, keys.event_identity(key))
                if event is not None:
                    log_bad_row(error, "its event is read from the key")
                    read.append(StoredEvent(keys.event_number(key), event))
                    continue
                with self._table.transaction():
                    self._lose(thread, key, error)
        return read

    def _lose(self, thread: ThreadKey, key: str, error: UnreadableRowError) -> None:
        """Sets an event or a waiting message aside, inside a transaction. Its author is told."""
        ts = keys.written_in(key)
        if ts:
            self._table.put(keys.lost_key(thread, ts), row_format.EMPTY)
            self._drafts.drop_about(thread, {ts})
            claim = self._claims.of(thread, ts)
            if claim is None or claim.pending or key.startswith(keys.OPEN):
                self._claims.close(thread, ts)
            if keys.header_key(thread) not in self._table:
                self._archive.put_header(thread, Conversation(), keys.seconds_of(ts))
        aside = set_aside(self._table, key)
        log_bad_row(error, f"it is under {aside} now, and its author is told")

    def drop_lost(self, thread: ThreadKey, ts: Ts) -> None:
        """Its people were told."""
        with self._table.transaction():
            self._table.remove(keys.lost_key(thread, ts))

    def receive(
        self, thread: ThreadKey, number: int, message: Message, *, asks: bool
    ) -> ChangeResult:
        with self._table.transaction():
            if not self._events.take(thread, number):
                return ChangeResult()
            claim = self._claims.of(thread, message.ts)
            if asks and self._archive.was_only_read(message):
                return self._archive.take_out(thread, message)
            if claim is not None and not claim.pending:
                change = FilesAdded(message)
                known = self._archive.apply(thread, message.ts, change) if message.files else None
                return known or ChangeResult()
            self._open_message(message)
        return ChangeResult(waiting=True, received=True, changed=True)

    def fold(self, thread: ThreadKey, number: int, ts: Ts, change: Change) -> ChangeResult | None:
        with self._table.transaction():
            identity = self._events.take(thread, number)
            if not identity:
                return None
            changed = self._archive.apply(thread, ts, change)
            self._archive.touch(thread, keys.seconds_of(identity))
            if not isinstance(change, Deleted):
                return changed
            self._table.remove(keys.lost_key(thread, ts))
            self._claims.mark_deleted(thread, ts)
            if self._drop_reply(thread, ts):
                return changed or ChangeResult(changed=True)
        return changed

    def threads(self, team: TeamId) -> list[ThreadKey]:
        """The threads of a workspace that have events to fold in."""
        return list(dict.fromkeys(map(keys.thread_of, self._table.keys(f"{keys.INBOX}{team}/"))))

    def unanswered(self, team: TeamId | None) -> list[ThreadKey]:
        """Of one workspace, or of all; by the oldest message that waits. Whatever else waits is as
        old as its thread.
        """
        rest = f"{team}/" if team is not None else ""
        waiting = [
            (keys.thread_of(key), key.rpartition("/")[2])
            for kind in (keys.OPEN, keys.LOST)
            for key in self._table.keys(f"{kind}{rest}")
        ]
        for key in self._table.keys(f"{keys.INBOX}{rest}"):
            thread = keys.thread_of(key)
            waiting.append((thread, keys.message_of(keys.event_identity(key)) or thread.ts))
        for key in self._table.keys(f"{keys.AGAIN}{rest}"):
            thread = keys.thread_of(key)
            waiting.append((thread, thread.ts))
        oldest: dict[ThreadKey, str] = {}
        for thread, ts in waiting:
            oldest[thread] = min(ts, oldest.get(thread, ts))
        return sorted(oldest, key=oldest.__getitem__)

    def waiting(self, thread: ThreadKey) -> PendingWork:
        """Messages that can't be read are set aside, and are lost from now on."""
        messages = []
        for key, value in self._open_rows(thread):
            try:
                messages.append(row_format.QUEUED_MESSAGE.read(key, value))
            except UnreadableRowError as error:
                with self._table.transaction():
                    self._lose(thread, key, error)
        messages.sort(key=lambda each: each.message.ts)
        again = self._archive.regenerations(thread)
        prefix = keys.lost_prefix(thread)
        lost = (Ts(key.removeprefix(prefix)) for key in self._table.keys(prefix))
        restored = self._restored.until(thread.team) if messages else Ts("")
        return PendingWork(tuple(messages), tuple(again), tuple(lost), restored)

    def _open(self, thread: ThreadKey) -> Iterator[QueuedMessage]:
        """The messages that wait; `waiting` sets aside those that can't be read."""
        for key, value in self._open_rows(thread):
            with suppress(UnreadableRowError):
                yield row_format.QUEUED_MESSAGE.read(key, value)

    def _open_rows(self, thread: ThreadKey) -> list[tuple[str, bytes]]:
        prefix = keys.open_prefix(thread)
        return self._table.range(prefix, prefix)

    def place(
        self, messages: Sequence[Message], place: tuple[Ts, ...], posting: PostIntent | None
    ) -> tuple[Ts, ...]:
        with self._table.transaction():
            thread = messages[0].thread
            kept = self._claims.without_deleted(thread, place)
            times = {message.ts for message in messages}
            waiting = [*self._open(thread)]
            theirs = [each for each in waiting if each.message.ts in times]
            if posting is not None and len(theirs) < len(times):  # some were forgotten
                posting = posting.without_text()
            for each in (*theirs, *_sharing(theirs, waiting)):
                self._archive.put_open(replace(each, reply_ts=kept, posting=posting))
        return kept

    def draft(
        self,
        thread: ThreadKey,
        key: str,
        turn: Turn,
        answered: Sequence[QueuedMessage],
        stored: Sequence[ToolRound],
    ) -> None:
        with self._table.transaction():
            if self._may_keep_draft(thread, key, turn, answered):
                self._drafts.keep(thread, key, turn, stored)

    def _may_keep_draft(
        self, thread: ThreadKey, key: str, turn: Turn, answered: Sequence[QueuedMessage]
    ) -> bool:
        """Whether nothing that the turn is about was changed or forgotten meanwhile."""
        if keys.header_key(thread) not in self._table:
            return False
        if answered:
            return all(map(self._is_as_before, answered))
        return self._archive.is_as_before(thread, key, turn)

    def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
        *,
        key: str,
    ) -> bool:
        with self._table.transaction():
            if not all(map(self._is_as_before, answered)):
                return False
            newest = 0
            stored: set[Ts] = set()
            replies: set[Ts] = set()
            questions: set[Ts] = set()
            self._give_up_reply(thread, answered)
            own = {each.message.ts for each in self._open(thread)} - {
                each.message.ts for each in answered
            }
            for number in range(conversation.length - new, conversation.length):
                turn = conversation.turns[number - conversation.start]
                for ts in own.intersection(said.ts for said in turn.messages):
                    turn = Deleted(ts).to_turn(turn)  # it arrived after it was read in Slack
                self._archive.put_turn(thread, number, turn)
                stored.update(said.ts for said in turn.messages)
                replies.update(turn.reply_ts)
                questions.update(said.ts for said in turn.messages if turn.reply_ts)
                newest = max(newest, newest_in(turn))
            names = self._names_to_keep(thread, conversation, new)
            self._archive.put_header(thread, replace(conversation, names=names), newest)
            for each in answered:
                self._table.remove(keys.open_key(each.message))
                if each.message.ts not in stored:
                    self._close_claim(thread, each)
            self._give_up_messages(thread, replies)
            self._archive.give_up_edits(thread, questions)
            if key:
                self._drafts.drop(thread, key)
            else:
                self._drafts.drop_about(thread, {each.message.ts for each in answered})
        return True

    def _close_claim(self, thread: ThreadKey, answered: QueuedMessage) -> None:
        """Keeps in mind what became of a message that is no part of what was said."""
        message = answered.message
        if answered.deleted:
            self._claims.remember(thread, message.ts)
        else:
            self._claims.close(thread, message.ts, message.edited_ts)

    def _names_to_keep(
        self, thread: ThreadKey, conversation: Conversation, new: int
    ) -> dict[UserId, str]:
        """The names of a conversation without those that were forgotten since it was loaded."""
        header = self._archive.header(thread)
        turns = conversation.turns[len(conversation.turns) - new :]
        authors = {said.user for turn in turns for said in turn.messages}
        kept = authors | set(header.names if header is not None else ())
        return {user: name for user, name in conversation.names.items() if user in kept}

    def _give_up_reply(self, thread: ThreadKey, answered: Sequence[QueuedMessage]) -> None:
        """The reply so far belongs to the answered messages, and to nobody who left their turn."""
        times = {each.message.ts for each in answered}
        waiting = [*self._open(thread)]
        theirs = [each for each in waiting if each.message.ts in times]
        for each in _sharing(theirs, waiting):
            self._archive.put_open(replace(each, reply_ts=(), posting=None))

    def _give_up_messages(self, thread: ThreadKey, replies: set[Ts]) -> None:
        """These messages belong to a stored answer, and to nobody who left its turn and waits."""
        for waiting in self._open(thread):
            if not replies.isdisjoint(waiting.reply_ts):
                self._archive.put_open(replace(waiting, reply_ts=()))

    def _drop_reply(self, thread: ThreadKey, ts: Ts) -> bool:
        """Drops a deleted message of the bot's from the replies to waiting messages.

        False if it belongs to none of them.
        """
        replied = [waiting for waiting in self._open(thread) if ts in waiting.reply_ts]
        for waiting in replied:
            left = tuple(each for each in waiting.reply_ts if each != ts)
            self._archive.put_open(replace(waiting, reply_ts=left))
        return bool(replied)

    def _is_as_before(self, answered: QueuedMessage) -> bool:
        """Whether a message still waits, and says what it said."""
        key = keys.open_key(answered.message)
        now = read_row(self._table, key, row_format.QUEUED_MESSAGE.read, "its author will be told")
        if now is None:
            return False
        return (now.message, now.deleted) == (answered.message, answered.deleted)

    def _open_message(self, message: Message) -> None:
        """Puts a message among those that wait; its thread is the bot's from now on."""
        thread = message.thread
        self._claims.open(thread, message.ts)
        self._archive.put_open(QueuedMessage(message))
        if keys.header_key(thread) not in self._table:
            self._archive.put_header(thread, Conversation(), keys.seconds_of(message.ts))


def _sharing(
    theirs: Sequence[QueuedMessage], waiting: Sequence[QueuedMessage]
) -> list[QueuedMessage]:
    """The other waiting messages whose reply is that of one of these."""
    replies = {ts for each in theirs for ts in each.reply_ts}
    postings = {each.posting for each in theirs} - {None}
    others = [each for each in waiting if each not in theirs]
    return [
        each for each in others if each.posting in postings or not replies.isdisjoint(each.reply_ts)
    ]
