"""The inbox in the rows of a table: events as Slack delivered them, and messages that wait."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slackbot.conversation.changes import Change, ChangeResult, Deleted, FilesAdded
from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.ids import Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageReceived,
    StopRequested,
    StoredEvent,
)
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.conversation.post_intent import PostIntent
from slackbot.store import keys, row_format
from slackbot.store.archive import ConversationTable, log_bad_row, read_row
from slackbot.store.row_format import EventCount, MessageIndex, RowError, UnreadableRowError
from slackbot.store.table import Table


class InboxTable:
    """Blocks."""

    def __init__(self, table: Table, archive: ConversationTable) -> None:
        self._table = table
        self._archive = archive

    def append(self, event: InboxEvent, *, opens: bool) -> bool:
        if self._was_appended(event):  # most that is appended in vain costs no transaction
            return False
        with self._table.transaction():
            if self._was_appended(event) or not (opens or self._is_ours(event.thread)):
                return False
            number = self._next_number()
            self._table.put(keys.event_key(number, event), row_format.EVENT.encode(event))
            self._remember(event)
        return True

    def events(self, thread: ThreadKey) -> list[StoredEvent]:
        """Those that can't be read are set aside."""
        read, unreadable = [], []
        prefix = keys.inbox_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                read.append(row_format.read_event(key, value))
            except UnreadableRowError as error:
                unreadable.append(key)
                log_bad_row(error, "its event is set aside")
        if unreadable:
            aside = keys.aside_prefix()
            with self._table.transaction():
                for key in unreadable:
                    self._table.move(key, aside)
        return read

    def receive(self, thread: ThreadKey, number: int, message: Message) -> ChangeResult:
        with self._table.transaction():
            if not self._take(thread, number):
                return ChangeResult()
            claim = self._archive.claim(thread, message.ts)
            if claim is not None and not claim.pending:
                change = FilesAdded(message)
                known = self._archive.apply(thread, message.ts, change) if message.files else None
                return known or ChangeResult()
            self._open_message(message)
        return ChangeResult(waiting=True, received=True, changed=True)

    def fold(self, thread: ThreadKey, number: int, ts: Ts, change: Change) -> ChangeResult | None:
        with self._table.transaction():
            if not self._take(thread, number):
                return None
            changed = self._archive.apply(thread, ts, change)
            if not isinstance(change, Deleted):
                return changed
            self._archive.mark_deleted(thread, ts)
            if self._drop_reply(thread, ts):
                return changed or ChangeResult(changed=True)
        return changed

    def discard(self, thread: ThreadKey, number: int, *, forget: bool) -> None:
        with self._table.transaction():
            for key in self._table.keys(keys.event_prefix(thread, number)):
                self._table.remove(key)
                identity = keys.event_identity(key)
                ts = keys.message_of(identity)
                if forget:
                    self._table.remove(keys.seen_key(thread, identity))
                    claim = self._archive.claim(thread, ts) if ts else None
                    if claim is not None and claim.pending:
                        self._table.remove(keys.claim_key(thread, ts))
                elif ts:
                    self._archive.remember_claim(thread, ts)
        if forget:
            self._table.shrink()

    def unanswered(self) -> list[ThreadKey]:
        """By the oldest message that waits; whatever else waits is as old as its thread."""
        waiting = [(keys.thread_of(key), key.rpartition("/")[2]) for key in self._keys(keys.OPEN)]
        for key in self._keys(keys.INBOX):
            thread = keys.thread_of(key)
            waiting.append((thread, keys.message_of(keys.event_identity(key)) or thread.ts))
        for key in self._keys(keys.AGAIN):
            thread = keys.thread_of(key)
            waiting.append((thread, thread.ts))
        oldest: dict[ThreadKey, str] = {}
        for thread, ts in waiting:
            oldest[thread] = min(ts, oldest.get(thread, ts))
        return sorted(oldest, key=oldest.__getitem__)

    def waiting(self, thread: ThreadKey) -> PendingWork:
        messages = sorted(self._open(thread), key=lambda each: each.message.ts)
        prefix = keys.again_prefix(thread)
        again = map(self._archive.regeneration, self._table.keys(prefix))
        return PendingWork(tuple(messages), tuple(again))

    def _open(self, thread: ThreadKey) -> Iterator[QueuedMessage]:
        prefix = keys.open_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                yield row_format.QUEUED_MESSAGE.read(key, value)
            except RowError as error:
                log_bad_row(error, "its message stays unanswered")

    def place(
        self, messages: Sequence[Message], place: tuple[Ts, ...], posting: PostIntent | None
    ) -> tuple[Ts, ...]:
        with self._table.transaction():
            thread = messages[0].thread
            kept = self._archive.without_deleted(thread, place)
            times = {message.ts for message in messages}
            waiting = [*self._open(thread)]
            theirs = [each for each in waiting if each.message.ts in times]
            for each in (*theirs, *_sharing(theirs, waiting)):
                self._archive.put_open(replace(each, reply_ts=kept, posting=posting))
        return kept

    def draft(
        self, thread: ThreadKey, key: str, turn: Turn, answered: Sequence[QueuedMessage]
    ) -> None:
        with self._table.transaction():
            if self._may_keep_draft(thread, key, turn, answered):
                self._table.put(keys.draft_key(thread, key), row_format.TURN.encode(turn))

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
            self._archive.refuse_newer(thread)
            if not all(map(self._is_as_before, answered)):
                return False
            stored: set[Ts] = set()
            replies: set[Ts] = set()
            self._give_up_reply(thread, answered)
            for number in range(conversation.length - new, conversation.length):
                turn = conversation.turns[number - conversation.start]
                self._archive.put_turn(thread, number, turn)
                stored.update(said.ts for said in turn.messages)
                replies.update(turn.reply_ts)
            names = self._names_to_keep(thread, conversation, new)
            self._archive.put_header(thread, replace(conversation, names=names))
            for each in answered:
                self._table.remove(keys.open_key(each.message))
                if each.message.ts not in stored:
                    self._archive.close_claim(thread, each)
            self._give_up_messages(thread, replies)
            if key:
                self._table.remove(keys.draft_key(thread, key))
            else:
                self._archive.drop_drafts(thread, {each.message.ts for each in answered})
        return True

    def _names_to_keep(
        self, thread: ThreadKey, conversation: Conversation, new: int
    ) -> dict[UserId, str]:
        """The names of a conversation without those that were forgotten since it was loaded."""
        key = keys.header_key(thread)
        header = read_row(self._table, key, row_format.HEADER.read, "its names are not kept")
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
        now = read_row(
            self._table, key, row_format.QUEUED_MESSAGE.read, "its message stays unanswered"
        )
        if now is None:
            return False
        return (now.message, now.deleted) == (answered.message, answered.deleted)

    def _open_message(self, message: Message) -> None:
        """Puts a message among those that wait; its thread is the bot's from now on."""
        thread = message.thread
        claim = row_format.MESSAGE_INDEX.encode(MessageIndex(thread.ts))
        self._table.put(keys.claim_key(thread, message.ts), claim)
        self._archive.put_open(QueuedMessage(message))
        if keys.header_key(thread) not in self._table:
            self._archive.put_header(thread, Conversation())

    def _is_ours(self, thread: ThreadKey) -> bool:
        return keys.header_key(thread) in self._table or bool(
            self._table.page("", keys.inbox_prefix(thread), 1)
        )

    def _was_appended(self, event: InboxEvent) -> bool:
        thread, identity = event.thread, event.identity
        if keys.seen_key(thread, identity) in self._table:
            return True
        if isinstance(event, MessageReceived) and not event.message.files:
            return keys.claim_key(thread, event.message.ts) in self._table
        waiting = self._table.keys(keys.inbox_prefix(thread))
        return identity in map(keys.event_identity, waiting)

    def _remember(self, event: InboxEvent) -> None:
        """Keeps the identity of an event where a later delivery would count as another one."""
        thread = event.thread
        if isinstance(event, MessageReceived):
            key = keys.claim_key(thread, event.message.ts)
            if key not in self._table:
                self._table.put(
                    key, row_format.MESSAGE_INDEX.encode(MessageIndex(thread.ts, pending=True))
                )
            if event.message.files:
                self._table.put(keys.seen_key(thread, event.identity), row_format.EMPTY)
        elif isinstance(event, ButtonPressed | StopRequested):
            self._table.put(keys.seen_key(thread, event.identity), row_format.EMPTY)

    def _next_number(self) -> int:
        """One more than the last event's, also where that is folded in or can't be read."""
        key = keys.LAST_EVENT
        last = read_row(self._table, key, row_format.EVENT_COUNT.read, "the inbox is counted again")
        if last is None:
            last = EventCount(max(map(keys.event_number, self._keys(keys.INBOX)), default=0))
        self._table.put(key, row_format.EVENT_COUNT.encode(EventCount(last.number + 1)))
        return last.number + 1

    def _take(self, thread: ThreadKey, number: int) -> bool:
        """Removes an event from the inbox. False if it is not there."""
        rows = self._table.keys(keys.event_prefix(thread, number))
        for key in rows:
            self._table.remove(key)
        return bool(rows)

    def _keys(self, prefix: str) -> list[str]:
        return self._table.keys(prefix)


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
