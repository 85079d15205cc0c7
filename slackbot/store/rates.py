"""What is left of Slack's rate limits, in a row for each workspace."""

from slackbot.conversation.ids import TeamId
from slackbot.delivery.rate_memory import RateMemory
from slackbot.store import keys, row_format
from slackbot.store.bad_rows import read_row
from slackbot.store.table import Table


class RatesTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, team: TeamId) -> RateMemory | None:
        """None if there is none that can be read: then the documented limits hold."""
        key, read = keys.rates_key(team), row_format.RATES.read
        return read_row(self._table, key, read, "the documented limits are assumed")

    def save(self, team: TeamId, rates: RateMemory) -> None:
        with self._table.transaction():
            self._table.put(keys.rates_key(team), row_format.RATES.encode(rates))

    def forget(self, team: TeamId) -> None:
        with self._table.transaction():
            self._table.remove(keys.rates_key(team))
