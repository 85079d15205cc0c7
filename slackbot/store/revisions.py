"""Instructions in the rows of a table: revisions of each scope, and who may change a channel's.

A second row for each revision keeps the order of all changes, so that the last ones are found
however many there are.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.instructions.revisions import ChangeRecord, Revision, SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, ScopeSettings
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row, read_row
from slackbot.store.row_format import RevisionIndex, UnreadableRowError
from slackbot.store.table import Table

log = logging.getLogger(__name__)


class RevisionTable:
    """`clock` gives seconds since the epoch. Blocks."""

    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock

    def of(self, scope: Scope) -> list[Revision]:
        return [self._read(key) for key in self._table.keys(keys.revisions_prefix(scope))]

    def last(self, *scopes: Scope) -> dict[Scope, Revision]:
        """The last revision of each scope that has any."""
        rows = self._table.last(*map(keys.revisions_prefix, scopes))
        return {keys.scope_of(key): _revision(key, value) for key, value in rows}

    def current_revisions(self, team: TeamId) -> dict[Scope, Revision]:
        """The last revision of each scope for which something is set, but for threads."""
        scopes = groupby(self._table.keys(keys.scopes_prefix(team)), keys.scope_of)
        last = {
            scope: self._read(max(revisions)) for scope, revisions in scopes if not scope.thread
        }
        return {
            scope: revision for scope, revision in last.items() if revision.settings != NO_SETTINGS
        }

    def change_records(self, team: TeamId, most: int | None = None) -> list[ChangeRecord]:
        """All changes in their order, or the last ones of them."""
        rows = self._table.keys(keys.changes_prefix(team))
        rows = rows if most is None else rows[-most:]
        indexes = [self._index(row) for row in rows]
        if None in indexes:
            indexes = self._completed(team, indexes)
        return [self._change_record(each) for each in indexes if each is not None]

    def teams(self) -> list[TeamId]:
        """The workspaces for which anything was ever set."""
        return [*map(TeamId, self._table.teams(keys.AMENDED))]

    def add_revision(self, scope: Scope, change: SettingsChange) -> bool:
        with self._table.transaction():
            if scope.thread and change.request_ts and not self._is_there(scope, change.request_ts):
                return False
            last = self.last(scope).get(scope)
            if (last.number if last is not None else 0) != change.after:
                return False
            revision = Revision(
                change.after + 1,
                int(self._clock()),
                change.user,
                change.settings,
                change.restores,
                change.request_ts,
            )
            self._table.put(
                keys.revision_key(scope, revision.number), row_format.REVISION.encode(revision)
            )
            before = self._table.last(keys.changes_prefix(scope.team))
            place = keys.number_of(before[0][0]) + 1 if before else 1
            amended = row_format.REVISION_INDEX.encode(RevisionIndex(scope, revision.number))
            self._table.put(keys.change_key(scope.team, place), amended)
        return True

    def _is_there(self, scope: Scope, request_ts: Ts) -> bool:
        """Whether the message with a command for its thread still waits: it may be forgotten."""
        thread = ThreadKey(scope.team, scope.channel, scope.thread)
        return f"{keys.open_prefix(thread)}{request_ts}" in self._table

    def mark_lost(self) -> None:
        """Puts a row that can't be read in the place of a revision that is gone.

        Otherwise an older one would apply, or the default.
        """
        for row, value in self._table.range(keys.AMENDED, keys.AMENDED):
            with suppress(UnreadableRowError):
                index = row_format.REVISION_INDEX.read(row, value)
                key = keys.revision_key(index.scope, index.number)
                if keys.is_possible(key) and key not in self._table:
                    self._mark_lost(row, key)

    def _mark_lost(self, row: str, key: str) -> None:
        with self._table.transaction():
            if row in self._table and key not in self._table:  # both go where it was forgotten
                self._table.put(key, b"")
                log.error("The row %s of the database is lost", key)

    def forget(self, scope: Scope) -> None:
        """Inside a transaction: nothing of what was set for the scope is left."""
        if not self._table.keys(keys.revisions_prefix(scope)):
            return
        self._table.remove_all(keys.revisions_prefix(scope))
        for row in self._table.keys(keys.changes_prefix(scope.team)):
            index = self._index(row)
            if index is not None and index.scope == scope:
                self._table.remove(row)

    def allowed(self, team: TeamId, channel: ChannelId) -> Sequence[UserId]:
        prefix = keys.allowed_prefix(team, channel)
        return [UserId(key.removeprefix(prefix)) for key in self._table.keys(prefix)]

    def allow(self, team: TeamId, channel: ChannelId, user: UserId, *, may: bool) -> None:
        key = f"{keys.allowed_prefix(team, channel)}{user}"
        with self._table.transaction():
            if may:
                self._table.put(key, row_format.EMPTY)
            else:
                self._table.remove(key)

    def _read(self, key: str) -> Revision:
        return _revision(key, self._table.get(key) or b"")

    def _index(self, row: str) -> RevisionIndex | None:
        read = row_format.REVISION_INDEX.read
        outcome = "its revision is the one that no other row names"
        index = read_row(self._table, row, read, outcome)
        if index is None or not keys.is_possible(keys.revision_key(index.scope, index.number)):
            return None
        return index

    def _completed(
        self, team: TeamId, indexes: Sequence[RevisionIndex | None]
    ) -> list[RevisionIndex | None]:
        """With the revisions that no row names, in place of the rows that can't be read."""
        named = {self._index(row) for row in self._table.keys(keys.changes_prefix(team))}
        revisions = [
            RevisionIndex(keys.scope_of(row), keys.number_of(row))
            for row in self._table.keys(keys.scopes_prefix(team))
        ]
        unnamed = [each for each in revisions if each not in named]
        unnamed.sort(key=lambda each: self._read(keys.revision_key(each.scope, each.number)).at)
        rest = iter(unnamed)
        return [each if each is not None else next(rest, None) for each in indexes]

    def _change_record(self, index: RevisionIndex) -> ChangeRecord:
        scope, number = index.scope, index.number
        before: ScopeSettings | None = NO_SETTINGS
        if number > 1:
            before = self._read(keys.revision_key(scope, number - 1)).settings
        return ChangeRecord(scope, self._read(keys.revision_key(scope, number)), before)


def _revision(key: str, value: bytes) -> Revision:
    """One that can't be read keeps its number: nothing is answered where it applies."""
    try:
        return row_format.REVISION.read(key, value)
    except UnreadableRowError as error:
        log_bad_row(error, "nothing is answered there until an admin sets instructions again")
        return Revision(keys.number_of(key), 0, UserId(""), None)
