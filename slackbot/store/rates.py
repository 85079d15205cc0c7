"""What is left of Slack's rate limits, in a row for each workspace."""

from slackbot.conversation.ids import TeamId
from slackbot.delivery.rate_memory import RateMemory
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_row
from slackbot.store.table import Table


class RatesTable:
    """Blocks."""

    def __init__(self, table: Table, forgotten: set[TeamId]) -> None:
        """`forgotten` are the workspaces that removed the app while this process ran."""
        self._table = table
        self._forgotten = forgotten

    def of(self, team: TeamId) -> RateMemory | None:
        """None if there is none that can be read: then the documented limits hold.

        A bot asks for it when it begins in the workspace: from then on it learns again.
        """
        self._forgotten.discard(team)
        key, read = keys.rates_key(team), row_format.RATES.read
        return read_row(self._table, key, read, "the documented limits are assumed")

    def save(self, team: TeamId, rates: RateMemory) -> None:
        if team in self._forgotten:
            return
        with self._table.transaction():
            self._table.put(keys.rates_key(team), row_format.RATES.encode(rates))

    def forget(self, team: TeamId) -> None:
        """Removes the row, and lets nobody write it again."""
        self._forgotten.add(team)
        with self._table.transaction():
            self._table.remove(keys.rates_key(team))
