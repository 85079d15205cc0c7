"""Brings a database that an older version of the bot wrote to the layout of this one.

The file says in SQLite's user_version which layout its rows have; each row says it too. A row
passes through the steps from its own layout to this one (`migration_steps.py`). What can't be read
is left as it is, and refused when somebody asks for it. A newer file is refused.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping

from slackbot.conversation.messages import ThreadKey
from slackbot.errors import StoreError
from slackbot.store import keys
from slackbot.store.row_format import VERSION
from slackbot.store.sqlite.migration_steps import (
    Row,
    drop_drafts_3,
    encode,
    index_revisions_2,
    newest_in,
    rename_1,
    to_2,
    to_3,
    to_4,
    to_5,
)
from slackbot.store.sqlite.table import SqliteTable

log = logging.getLogger(__name__)

ROWS_PER_PAGE = 500
"""Rows that are in memory at one time."""

STEPS: Mapping[int, Callable[[SqliteTable, str, Row], dict[str, Row]]] = {
    1: to_2,
    2: to_3,
    3: to_4,
    4: to_5,
}
"""By the layout that each step begins with. A row becomes one or more rows, by their keys."""


def migrate(table: SqliteTable) -> None:
    """All steps in one transaction, while nobody else uses the file.

    Raises StoreError if a newer version wrote the file, or an older one is using it.
    """
    ((layout,),) = table.execute("PRAGMA user_version")  # 0 in layouts 1 to 3
    if layout > VERSION:
        raise StoreError(
            f"The database {table.path} is from a newer version of the bot: update the bot, or "
            "change DATABASE_URL."
        )
    if layout == VERSION:
        return
    table.lock()
    with table.transaction():
        count = _migrate_rows(table)
        rename_1(table)
        index_revisions_2(table, VERSION)
        drop_drafts_3(table)
        table.execute(f"PRAGMA user_version = {VERSION}")
    if count:
        log.info("Migrated the database to layout %d: %d rows", VERSION, count)


def _migrate_rows(table: SqliteTable) -> int:
    """Headers are written last, as they say when their threads' last messages were written. Gives
    the number of rows.
    """
    count = 0
    newest: dict[ThreadKey, int] = {}
    headers: list[str] = []
    for key, row in _older_rows(table):
        try:
            rows = _migrated(table, key, row)
            times = _times(rows)
        except (AttributeError, LookupError, TypeError, ValueError):
            continue
        if key not in rows:
            table.remove(key)
        for new_key, new_row in rows.items():
            if new_key != key and new_key in table:
                continue  # a later version went on with it
            table.put(new_key, encode(VERSION, new_row))
            if new_key.startswith(keys.HEADER):
                headers.append(new_key)
        for thread, time in times.items():
            newest[thread] = max(newest.get(thread, 0), time)
        count += 1
    for key in headers:
        header = json.loads(table.get(key) or b"{}")
        header["newest"] = max(header["newest"], newest.get(keys.thread_of(key), 0))
        table.put(key, encode(VERSION, header))
    return count


def _migrated(table: SqliteTable, key: str, row: Row) -> dict[str, Row]:
    """A row of any older layout, in this one."""
    rows = {key: row}
    for version in range(row["v"], VERSION):
        step = STEPS[version]
        rows = {
            new_key: {**new_row, "v": version + 1}
            for each, content in rows.items()
            for new_key, new_row in step(table, each, content).items()
        }
    return rows


def _times(rows: Mapping[str, Row]) -> dict[ThreadKey, int]:
    """When the last message in these rows was posted, by its thread; for a header, 0."""
    return {
        keys.thread_of(key): 0 if key.startswith(keys.HEADER) else newest_in(key, row)
        for key, row in rows.items()
        if key.startswith((keys.TURN, keys.OPEN, keys.HEADER))
    }


def _older_rows(table: SqliteTable) -> Iterator[tuple[str, Row]]:
    """All rows that say they have an older layout; those that were set aside have none."""
    page = table.rows_after("", ROWS_PER_PAGE)
    while page:
        for key, value in page:
            try:
                row = json.loads(value)
                older = 0 < row["v"] < VERSION and not key.startswith(keys.CORRUPT)
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
                continue
            if older:
                yield key, row
        page = table.rows_after(page[-1][0], ROWS_PER_PAGE)
