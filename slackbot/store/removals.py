"""Which workspaces have removed the app: no process writes about them any more.

What is deleted must stay deleted, also if another replica takes in an event that Slack delivers
late. So the row that says it is written before anything is deleted, and read with each write.
"""

from slackbot.conversation.ids import TeamId
from slackbot.store import keys, row_format
from slackbot.store.table import Table


class RemovalTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def note(self, team: TeamId) -> None:
        with self._table.transaction():
            self._table.put(keys.removed_key(team), row_format.EMPTY)

    def is_noted(self, team: TeamId) -> bool:
        return keys.removed_key(team) in self._table

    def undo(self, team: TeamId) -> None:
        """The workspace has the app, or has it again."""
        if self.is_noted(team):
            with self._table.transaction():
                self._table.remove(keys.removed_key(team))
