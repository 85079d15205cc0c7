"""The rows of turns that wait to be answered again."""

from collections.abc import Collection
from dataclasses import replace
from typing import get_args

from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import QueuedRegeneration, RegenerationCause
from slackbot.conversation.post_intent import PostIntent
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_row
from slackbot.store.row_format import Regeneration
from slackbot.store.table import Table


class RegenerationTable:
    """Each method is called with a row's key, inside a transaction where it writes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def queued(self, key: str) -> QueuedRegeneration:
        row = self._read(key)
        return QueuedRegeneration(keys.number_of(key), row.posting, row.cause)

    def unless(self, key: str) -> Collection[Ts]:
        """The messages that came after the turn's question: the first that is answered makes it an
        earlier one, and the turn stays as it is.
        """
        return self._read(key).unless

    def add(self, key: str, cause: RegenerationCause, unless: Collection[Ts]) -> None:
        """A turn waits only once; of several causes the one counts that lets more tools run."""
        if key not in self._table:
            self._put(key, Regeneration(None, cause, tuple(unless)))
            return
        row, order = self._read(key), get_args(RegenerationCause)
        cause = max(cause, row.cause, key=order.index)
        self._put(key, replace(row, cause=cause, unless=row.unless if unless else ()))

    def place(self, key: str, posting: PostIntent | None) -> None:
        """Records the message of the answer that is about to be posted."""
        self._put(key, replace(self._read(key), posting=posting))

    def _read(self, key: str) -> Regeneration:
        read = row_format.REGENERATION.read
        return read_row(self._table, key, read, "its post is not looked for") or Regeneration()

    def _put(self, key: str, row: Regeneration) -> None:
        self._table.put(key, row_format.REGENERATION.encode(row))
