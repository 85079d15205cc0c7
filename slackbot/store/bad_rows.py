"""Rows that can't be read. None is dropped in silence: it is set aside, and the log says so.

docs/operations.md lists what people are told for each kind of row.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from slackbot.store import keys
from slackbot.store.row_format import UnreadableRowError
from slackbot.store.table import Table

log = logging.getLogger(__name__)

T = TypeVar("T")


def read_row(table: Table, key: str, read: Callable[[str, bytes], T], outcome: str) -> T | None:
    """What stands in a row; None where there is none, or one that can't be read."""
    value = table.get(key)
    if value is None:
        return None
    try:
        return read(key, value)
    except UnreadableRowError as error:
        log_bad_row(error, outcome)
        return None


def read_or_set_aside(
    table: Table, key: str, read: Callable[[str, bytes], T], outcome: str
) -> T | None:
    """The same for a row that is written again, inside a transaction: what was there is kept."""
    found = read_row(table, key, read, outcome)
    if found is None:
        set_aside(table, key)
    return found


def set_aside(table: Table, *prefixes: str) -> str:
    """Moves the rows with these prefixes to the corrupt ones, inside a transaction: they stay in
    the file as they are, for people to repair. Returns the prefix that they have now.
    """
    aside = keys.aside_prefix()
    for prefix in prefixes:
        table.move(prefix, aside)
    return aside


def log_bad_row(error: UnreadableRowError, outcome: str) -> None:
    log.error("%s: %s", error, outcome)
