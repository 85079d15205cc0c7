"""Which messages the bot knows, in a row each: where one stands, and what became of it."""

from dataclasses import replace

from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_row
from slackbot.store.row_format import MessageIndex
from slackbot.store.table import Table


class ClaimTable:
    """Blocks. What writes is called inside a transaction."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, thread: ThreadKey, ts: Ts) -> MessageIndex | None:
        """The claim of a message, if it stands in this thread."""
        key, read = keys.claim_key(thread, ts), row_format.MESSAGE_INDEX.read
        claim = read_row(self._table, key, read, "its message is left as it is")
        return claim if claim is not None and claim.thread == thread.ts else None

    def of_turn(self, thread: ThreadKey, number: int) -> list[Ts]:
        """The messages that belong to a turn, and those of its reply; oldest first."""
        prefix = keys.claims_prefix(thread.team, thread.channel)
        row = row_format.MESSAGE_INDEX.encode(MessageIndex(thread.ts, number))
        return [
            Ts(key.removeprefix(prefix))
            for key, value in self._table.range(prefix, prefix)
            if value == row
        ]

    def without_deleted(self, thread: ThreadKey, place: tuple[Ts, ...]) -> tuple[Ts, ...]:
        """These messages without those that were deleted."""
        claims = {ts: self.of(thread, ts) for ts in place}
        return tuple(ts for ts, claim in claims.items() if claim is None or not claim.deleted)

    def expect(self, thread: ThreadKey, ts: Ts) -> None:
        """The message is in the inbox, unless it is known already."""
        if keys.claim_key(thread, ts) not in self._table:
            self._put(thread, ts, MessageIndex(thread.ts, pending=True))

    def open(self, thread: ThreadKey, ts: Ts) -> None:
        """The message waits to be answered."""
        self._put(thread, ts, MessageIndex(thread.ts))

    def assign(self, thread: ThreadKey, ts: Ts, turn: int) -> None:
        """The message belongs to a turn, or to the reply of one."""
        self._put(thread, ts, MessageIndex(thread.ts, turn))

    def close(self, thread: ThreadKey, ts: Ts, edited_ts: Ts = Ts("")) -> None:
        """Keeps in mind that a message is no part of what was said; an edit makes it wait again."""
        self.remember(thread, ts)
        self._put(thread, ts, MessageIndex(thread.ts, carried_out=True, edited_ts=edited_ts))

    def mark_deleted(self, thread: ThreadKey, ts: Ts) -> None:
        """Keeps in mind that a message was deleted: it may become known only later."""
        claim = self.of(thread, ts) or MessageIndex(thread.ts)
        self._put(thread, ts, replace(claim, pending=False, deleted=True))
        self.remember(thread, ts)

    def remember(self, thread: ThreadKey, ts: Ts) -> None:
        """Has the claim of a message that nothing else names go with its thread."""
        self._table.put(keys.seen_key(thread, f"message/{ts}"), row_format.EMPTY)

    def _put(self, thread: ThreadKey, ts: Ts, claim: MessageIndex) -> None:
        self._table.put(keys.claim_key(thread, ts), row_format.MESSAGE_INDEX.encode(claim))
