"""What waits in a database that was restored from a backup: it may be answered by now.

Slack shows what was posted since the backup, and the database does not know it. So the bot looks
there for an answer before it posts one.
"""

from collections.abc import Iterator

from slackbot.conversation.ids import TeamId, Ts
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_row
from slackbot.store.row_format import Restored
from slackbot.store.table import Table


class RestoredTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def mark(self) -> None:
        """Notes which messages wait."""
        newest: dict[TeamId, Ts] = {}
        for team, ts in self._waiting():
            newest[team] = max(ts, newest.get(team, self.until(team)))
        with self._table.transaction():
            for team, ts in newest.items():
                row = row_format.RESTORED.encode(Restored(ts))
                self._table.put(keys.restored_key(team), row)

    def until(self, team: TeamId) -> Ts:
        """The ts of the newest message that waited when the database was restored; "" if none
        did.
        """
        key, read = keys.restored_key(team), row_format.RESTORED.read
        row = read_row(self._table, key, read, "answers are not looked for in Slack")
        return row.until if row is not None else Ts("")

    def _waiting(self) -> Iterator[tuple[TeamId, Ts]]:
        for key in self._table.keys(keys.OPEN):
            yield keys.team_of(key), Ts(key.rpartition("/")[2])
        for key in self._table.keys(keys.INBOX):
            yield keys.team_of(key), keys.message_of(keys.event_identity(key))
