"""What was heard and is not answered, in the rows of a table."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slackbot.conversation.history import Conversation, Turn
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.archive import ConversationTable, log_bad_row, read_row
from slackbot.store.row_format import MessageIndex, RowError
from slackbot.store.table import Table


class InboxTable:
    """Blocks."""

    def __init__(self, table: Table, archive: ConversationTable) -> None:
        self._table = table
        self._archive = archive

    def claim(self, message: Message, *, opens: bool) -> bool:
        key, thread = keys.claim_key(message.thread, message.ts), message.thread
        if key in self._table:  # most that is claimed in vain costs no transaction
            return False
        with self._table.transaction():
            known = keys.header_key(thread) in self._table
            if key in self._table or not (known or opens):
                return False
            self._table.put(key, row_format.claim_data(MessageIndex(thread.ts)))
            self._archive.put_open(QueuedMessage(message))
            if not known:
                self._archive.put_header(thread, Conversation())
        return True

    def unanswered(self) -> list[ThreadKey]:
        """By the oldest message that waits; a turn to be answered anew is as old as its thread."""
        oldest: dict[ThreadKey, str] = {}
        for key in self._table.keys(keys.OPEN):
            oldest.setdefault(keys.thread_of(key), key.rpartition("/")[2])
        for key in self._table.keys(keys.AGAIN):
            thread = keys.thread_of(key)
            oldest[thread] = min(thread.ts, oldest.get(thread, thread.ts))
        return sorted(oldest, key=oldest.__getitem__)

    def waiting(self, thread: ThreadKey) -> PendingWork:
        messages = sorted(self._open(thread), key=lambda each: each.message.ts)
        again = map(keys.number_of, self._table.keys(keys.again_prefix(thread)))
        return PendingWork(tuple(messages), tuple(again))

    def _open(self, thread: ThreadKey) -> Iterator[QueuedMessage]:
        prefix = keys.open_prefix(thread)
        for key, value in self._table.range(prefix, prefix):
            try:
                yield row_format.read_open(key, value)
            except RowError as error:
                log_bad_row(error, "its message stays unanswered")

    def place(self, messages: Sequence[Message], place: tuple[str, ...]) -> None:
        with self._table.transaction():
            for message in messages:
                key = keys.open_key(message)
                waiting = read_row(self._table, key, row_format.read_open, "its place is not kept")
                if waiting is not None:
                    self._archive.put_open(replace(waiting, place=place))

    def draft(self, thread: ThreadKey, turn: Turn, answered: Sequence[QueuedMessage]) -> None:
        with self._table.transaction():
            if all(map(self._is_as_before, answered)):
                self._table.put(keys.draft_key(thread), turn.to_json())

    def commit(
        self,
        thread: ThreadKey,
        conversation: Conversation,
        new: int,
        answered: Sequence[QueuedMessage],
    ) -> bool:
        with self._table.transaction():
            self._archive.refuse_newer(thread)
            if not all(map(self._is_as_before, answered)):
                return False
            for number in range(conversation.length - new, conversation.length):
                turn = conversation.turns[number - conversation.start]
                self._archive.put_turn(thread, number, turn)
            self._archive.put_header(thread, conversation)
            for each in answered:
                self._table.remove(keys.open_key(each.message))
            self._archive.drop_draft(thread, {each.message.ts for each in answered})
        return True

    def _is_as_before(self, answered: QueuedMessage) -> bool:
        """Whether a message still waits, and says what it said."""
        key = keys.open_key(answered.message)
        now = read_row(self._table, key, row_format.read_open, "its message stays unanswered")
        if now is None:
            return False
        return (now.message, now.withdrawn) == (answered.message, answered.withdrawn)
