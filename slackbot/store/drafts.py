"""Unfinished turns in the rows of a table: what tools did for them so far.

A round of tools and each result have rows of their own, so that keeping what is new costs the same
however much was kept before.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from slackbot.conversation.history import ToolRound, Turn
from slackbot.conversation.ids import Ts
from slackbot.conversation.messages import ThreadKey
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row, read_row, set_aside
from slackbot.store.row_format import ToolResult, UnreadableRowError
from slackbot.store.table import Table


class LostDraftError(Exception):
    """A draft could not be read, and was set aside."""


class DraftTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, thread: ThreadKey, key: str) -> Turn | None:
        """Raises LostDraftError."""
        head = keys.draft_key(thread, key)
        rows = dict(self._table.range(head, head))
        if head not in rows:
            return None
        try:
            return self._read(thread, key, rows)
        except UnreadableRowError as error:
            with self._table.transaction():
                aside = set_aside(self._table, head)
            log_bad_row(error, f"it is under {aside} now, and its question is asked again")
            raise LostDraftError from error

    def keep(
        self, thread: ThreadKey, key: str, turn: Turn, stored: Sequence[ToolRound] = ()
    ) -> None:
        """Inside a transaction. `stored` are the turn's rounds that were kept before: only what is
        new is written.
        """
        head = keys.draft_key(thread, key)
        if not stored or head not in self._table:
            stored = ()
            self.drop(thread, key)
            self._table.put(head, row_format.TURN.encode(replace(turn, tool_rounds=())))
        for number, tool_round in enumerate(turn.tool_rounds):
            before = stored[number] if number < len(stored) else None
            if tool_round is before:
                continue
            if before is None:
                row = row_format.TOOL_ROUND.encode(replace(tool_round, results={}))
                self._table.put(keys.tool_round_key(thread, key, number), row)
            known = before.results if before is not None else {}
            for place, call in enumerate(tool_round.calls):
                if call.id in tool_round.results and call.id not in known:
                    result = ToolResult(call.id, tool_round.results[call.id])
                    self._table.put(
                        keys.tool_result_key(thread, key, number, place),
                        row_format.TOOL_RESULT.encode(result),
                    )

    def drop(self, thread: ThreadKey, key: str) -> None:
        """Inside a transaction."""
        self._table.remove_all(keys.draft_key(thread, key))

    def drop_about(self, thread: ThreadKey, asked: Collection[Ts]) -> None:
        """Inside a transaction: drops what was done for one of these messages, and what can't be
        read.
        """
        for row in self._table.keys(keys.drafts_prefix(thread)):
            if not keys.is_draft_head(row):
                continue
            drafted = read_row(self._table, row, row_format.TURN.read, "its tools are forgotten")
            if drafted is None or not {each.ts for each in drafted.messages}.isdisjoint(asked):
                self._table.remove_all(row)

    def _read(self, thread: ThreadKey, key: str, rows: dict[str, bytes]) -> Turn:
        head = keys.draft_key(thread, key)
        turn, rounds = row_format.TURN.read(head, rows[head]), list[ToolRound]()
        while (row := keys.tool_round_key(thread, key, len(rounds))) in rows:
            tool_round = row_format.TOOL_ROUND.read(row, rows[row])
            places = range(len(tool_round.calls))
            results = (keys.tool_result_key(thread, key, len(rounds), place) for place in places)
            read = [
                row_format.TOOL_RESULT.read(each, rows[each]) for each in results if each in rows
            ]
            rounds.append(replace(tool_round, results={each.call: each.result for each in read}))
        return replace(turn, tool_rounds=tuple(rounds))
