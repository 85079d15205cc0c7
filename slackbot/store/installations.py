"""Who has installed the app, in a row for each workspace and each organisation."""

from collections.abc import Sequence

from slackbot.store import keys, row_format
from slackbot.store.bad_rows import log_bad_row, read_row
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table
from slackbot.workspaces.installations import Installation, InstallationKey

UNREADABLE = "its admins have to install the app again"


class InstallationTable:
    """Blocks."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def all(self) -> Sequence[Installation]:
        """Those that can be read."""
        found: list[Installation] = []
        for key, row in self._table.range(keys.INSTALLATION, keys.INSTALLATION):
            try:
                found.append(row_format.INSTALLATION.read(key, row))
            except UnreadableRowError as error:
                log_bad_row(error, UNREADABLE)
        return found

    def of(self, key: InstallationKey) -> Installation | None:
        """A workspace is found by its ID alone: its organisation may have changed."""
        for row_key in self._rows_of(key):
            found = read_row(self._table, row_key, row_format.INSTALLATION.read, UNREADABLE)
            if found is not None:
                return found
        return None

    def add(self, installation: Installation) -> bool:
        """False if there is one. One that can't be read gives way."""
        with self._table.transaction():
            if self.of(installation.key) is not None:
                return False
            for row_key in self._rows_of(installation.key):
                self._table.remove(row_key)
            self._write(installation)
        return True

    def replace(self, old: Installation, new: Installation | None) -> bool:
        """False if the row is not `old` any more."""
        with self._table.transaction():
            if self.of(old.key) != old:
                return False
            self._table.remove(keys.installation_key(old.key))
            if new is not None:
                self._write(new)
        return True

    def _write(self, installation: Installation) -> None:
        row = row_format.INSTALLATION.encode(installation)
        self._table.put(keys.installation_key(installation.key), row)

    def _rows_of(self, key: InstallationKey) -> Sequence[str]:
        if not key.team:
            return [keys.installation_key(key)]
        known = self._table.keys(keys.INSTALLATION)
        return [each for each in known if keys.is_of_team(each, key.team)]
