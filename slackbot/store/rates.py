"""What is left of Slack's rate limits, in a row for each workspace."""

from slackbot.conversation.ids import TeamId
from slackbot.delivery.rate_memory import RateMemory
from slackbot.store import keys, row_format
from slackbot.store.archive import log_bad_row
from slackbot.store.row_format import RowError
from slackbot.store.table import Table


class RatesTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._forgotten: set[TeamId] = set()
        """Workspaces that removed the app while this process ran."""

    def of(self, team: TeamId) -> RateMemory | None:
        """None if there is none that can be read: then the documented limits hold."""
        key = keys.rates_key(team)
        row = self._table.get(key)
        try:
            return None if row is None else row_format.RATES.read(key, row)
        except RowError as error:
            log_bad_row(error, "the documented limits are assumed")
            return None

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
