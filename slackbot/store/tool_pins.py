"""What the tools of MCP servers were when they were accepted, in a row for each server."""

from slackbot.conversation.ids import TeamId
from slackbot.llm.tool_pins import ServerPins
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table


class ToolPinTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, team: TeamId, server: str) -> ServerPins | None:
        """None for a server that was never seen. Where the row can't be read, no tool is accepted:
        the server must not be trusted as if it were new.
        """
        key = keys.pins_key(team, server)
        value = self._table.get(key)
        return None if value is None else _read(key, value)

    def all(self, team: TeamId) -> dict[str, ServerPins]:
        """By the servers' names."""
        prefix = keys.team_pins_prefix(team)
        rows = self._table.range(prefix, prefix)
        return {key.removeprefix(prefix): _read(key, value) for key, value in rows}

    def replace(
        self, team: TeamId, server: str, before: ServerPins | None, after: ServerPins
    ) -> bool:
        """Writes `after` if `before` is what is stored."""
        if self.of(team, server) != before:
            return False
        with self._table.transaction():
            self._table.put(keys.pins_key(team, server), row_format.SERVER_PINS.encode(after))
        return True

    def forget(self, team: TeamId) -> None:
        """Removes the rows of a workspace."""
        with self._table.transaction():
            for key in [*self._table.keys(keys.team_pins_prefix(team))]:
                self._table.remove(key)


def _read(key: str, value: bytes) -> ServerPins:
    try:
        return row_format.SERVER_PINS.read(key, value)
    except UnreadableRowError as error:
        log_bad_row(error, "an admin has to accept the server's tools again")
        return ServerPins()
