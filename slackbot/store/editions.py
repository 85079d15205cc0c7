"""The instructions of all scopes, and who may change a channel's, in the rows of a table."""

from collections.abc import Callable, Sequence

from slackbot.instructions import Edition, Scope
from slackbot.store import keys, records
from slackbot.store.archive import found
from slackbot.store.table import Table


class Editions:
    """`clock` gives seconds since the epoch. Blocks."""

    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock

    def of(self, scope: Scope) -> list[Edition]:
        return [self._read(key) for key in self._table.keys(keys.editions_prefix(scope))]

    def last(self, scope: Scope) -> Edition | None:
        key = self._table.last_key(keys.editions_prefix(scope))
        return None if key is None else self._read(key)

    def _read(self, key: str) -> Edition:
        """One that can't be read keeps its number and says nothing."""
        edition = found(self._table, key, records.read_edition, "it counts as taken back")
        return edition or Edition(keys.number_of(key), 0, "", None)

    def amend(
        self, scope: Scope, user: str, text: str | None, *, after: int, restores: int | None
    ) -> bool:
        with self._table.transaction():
            last = self.last(scope)
            if (last.number if last is not None else 0) != after:
                return False
            edition = Edition(after + 1, int(self._clock()), user, text, restores)
            self._table.put(keys.edition_key(scope, edition.number), records.edition_data(edition))
        return True

    def allowed(self, team: str, channel: str) -> Sequence[str]:
        prefix = keys.allowed_prefix(team, channel)
        return [key.removeprefix(prefix) for key in self._table.keys(prefix)]

    def allow(self, team: str, channel: str, user: str, *, may: bool) -> None:
        key = f"{keys.allowed_prefix(team, channel)}{user}"
        with self._table.transaction():
            if may:
                self._table.put(key, {})
            else:
                self._table.remove(key)
