"""What the tools of MCP servers were when they were accepted, in a row for each server."""

from slackbot.conversation.ids import TeamId
from slackbot.llm.tool_pins import ServerPins
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_row
from slackbot.store.table import Table


class ToolPinTable:
    """Blocks."""

    def __init__(self, table: Table, forgotten: set[TeamId]) -> None:
        """`forgotten` are the workspaces that removed the app while this process ran."""
        self._table = table
        self._forgotten = forgotten

    def of(self, team: TeamId, server: str) -> ServerPins | None:
        """None for a server that was never seen. Where the row can't be read, no tool is accepted:
        the server must not be trusted as if it were new.
        """
        key, read = keys.pins_key(team, server), row_format.SERVER_PINS.read
        if key not in self._table:
            return None
        outcome = "an admin has to accept the server's tools again"
        return read_row(self._table, key, read, outcome) or ServerPins()

    def save(self, team: TeamId, server: str, pins: ServerPins) -> None:
        if team in self._forgotten:
            return
        with self._table.transaction():
            self._table.put(keys.pins_key(team, server), row_format.SERVER_PINS.encode(pins))

    def forget(self, team: TeamId) -> None:
        """Removes the rows of a workspace, and lets nobody write them again."""
        self._forgotten.add(team)
        with self._table.transaction():
            for key in [*self._table.keys(keys.team_pins_prefix(team))]:
                self._table.remove(key)
