"""Inbox events in the rows of a table, as Slack delivered them, each once."""

from slackbot.conversation.ids import TeamId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.archive import ConversationTable
from slackbot.store.bad_rows import read_row
from slackbot.store.claims import ClaimTable
from slackbot.store.row_format import EventCount
from slackbot.store.table import Table


class EventTable:
    """Blocks."""

    def __init__(self, table: Table, archive: ConversationTable) -> None:
        self._table = table
        self._archive = archive
        self._claims = ClaimTable(table)

    def append(self, event: InboxEvent, *, opens: bool) -> bool:
        if self._was_appended(event, opens=opens):  # most in vain: it costs no transaction
            return False
        with self._table.transaction():
            if self._was_appended(event, opens=opens) or not (opens or self.is_ours(event.thread)):
                return False
            number = self._next_number(event.thread.team)
            self._table.put(keys.event_key(number, event), row_format.EVENT.encode(event))
            self._remember(event)
        return True

    def discard(self, thread: ThreadKey, number: int, *, forget: bool) -> None:
        with self._table.transaction():
            for key in self._table.keys(keys.event_prefix(thread, number)):
                self._table.remove(key)
                identity = keys.event_identity(key)
                ts = keys.message_of(identity)
                if forget:
                    self._table.remove(keys.seen_key(thread, identity))
                    claim = self._claims.of(thread, ts) if ts else None
                    if claim is not None and claim.pending:
                        self._table.remove(keys.claim_key(thread, ts))
                elif ts:
                    self._claims.remember(thread, ts)
        if forget:
            self._table.shrink()

    def take(self, thread: ThreadKey, number: int) -> str:
        """Removes an event, inside a transaction. Returns its identity; "" if it is not there."""
        identity = ""
        for key in self._table.keys(keys.event_prefix(thread, number)):
            self._table.remove(key)
            identity = keys.event_identity(key)
        return identity

    def is_ours(self, thread: ThreadKey) -> bool:
        """Whether the bot takes part in the thread."""
        return keys.header_key(thread) in self._table or bool(
            self._table.page("", keys.inbox_prefix(thread), 1)
        )

    def _was_appended(self, event: InboxEvent, *, opens: bool) -> bool:
        """A question that was read in its thread before it was delivered is still unanswered."""
        thread, identity = event.thread, event.identity
        if keys.seen_key(thread, identity) in self._table:
            return True
        if (
            isinstance(event, MessageReceived)
            and not event.message.files
            and not (opens and self._archive.was_only_read(event.message))
        ):
            return keys.claim_key(thread, event.message.ts) in self._table
        waiting = self._table.keys(keys.inbox_prefix(thread))
        return identity in map(keys.event_identity, waiting)

    def _remember(self, event: InboxEvent) -> None:
        """Keeps the identity of an event where a later delivery would count as another one."""
        thread = event.thread
        if isinstance(event, MessageReceived):
            self._claims.expect(thread, event.message.ts)
            if event.message.files:
                self._table.put(keys.seen_key(thread, event.identity), row_format.EMPTY)
        elif isinstance(event, ButtonPressed | StopRequested):
            self._table.put(keys.seen_key(thread, event.identity), row_format.EMPTY)

    def _next_number(self, team: TeamId) -> int:
        """One more than the last event's, also where that is folded in or can't be read."""
        key = keys.last_event_key(team)
        last = read_row(self._table, key, row_format.EVENT_COUNT.read, "the inbox is counted again")
        if last is None:
            waiting = self._table.keys(f"{keys.INBOX}{team}/")
            last = EventCount(max(map(keys.event_number, waiting), default=0))
        self._table.put(key, row_format.EVENT_COUNT.encode(EventCount(last.number + 1)))
        return last.number + 1
