"""Opens the database file: repaired and migrated if need be, with only rows that can be ours."""

import sqlite3
import time
from contextlib import ExitStack
from pathlib import Path

from slackbot.errors import LostStoreError, StoreError
from slackbot.store import keys
from slackbot.store.revisions import RevisionTable
from slackbot.store.sqlite import migrations
from slackbot.store.sqlite.errors import is_damage, primary_code, unusable
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.transfer_mark import check_whole


def open_table(
    path: Path, lock_timeout: float, *, shared: bool, create: bool, whole: bool = True
) -> SqliteTable:
    """Returns the table, with its rows in this version's layout. Unless it need not be `whole`, a
    database that is only partly filled is refused.

    Raises StoreError, which says what to do, if that is not possible.
    """
    table = SqliteTable.open(path, lock_timeout, shared=shared, create=create)
    with ExitStack() as undo:
        undo.callback(table.close)
        try:
            _migrate(table)
            _check_rows(table)
            if whole:
                _check_whole(table)
        except sqlite3.Error as error:
            raise unusable(path, primary_code(error)) from error
        except LostStoreError as error:
            raise StoreError(f"{error.reason}.") from error
        undo.pop_all()
    return table


def _migrate(table: SqliteTable) -> None:
    """Migrates a damaged table after its repair, if it has to be read for that."""
    try:
        migrations.migrate(table)
    except sqlite3.Error as error:
        if not is_damage(error) or not table.repair():
            raise
        migrations.migrate(table)


def _check_rows(table: SqliteTable) -> None:
    """Sets rows under impossible keys aside.

    Damage that is in the way is repaired when an operation meets it; the repair checks rows too.
    """
    try:
        table.check_rows(keys.is_possible, RevisionTable(table, time.time).mark_lost)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise


def _check_whole(table: SqliteTable) -> None:
    """Damage that is in the way says nothing: it is repaired later, as above."""
    try:
        check_whole(table)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
