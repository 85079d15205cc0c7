"""Brings a database that an older version of the bot wrote to the layout of this one.

The file says in SQLite's user_version which layout its rows have. One function makes each step to
the next layout; what can't be read is left as it is, and refused when somebody asks for it. Drafts
that can't be read, or belong to no turn, are dropped.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slackbot.errors import StoreError
from slackbot.store.row_format import VERSION
from slackbot.store.table import Table

log = logging.getLogger(__name__)

Row = dict[str, Any]

ROWS_PER_PAGE = 500
"""Rows that are in memory at one time."""

UNMARKED = 3
"""The layout of a file that does not say which one it has: the last before this was written."""


LAYOUT_3_DRAFT_SLASHES = 3
"""In a draft's key of layout 3, draft/TEAM/CHANNEL/TS: one draft for each thread."""


def migrate(table: Table) -> None:
    """All steps in one transaction, while nobody else uses the file.

    Raises StoreError if a newer version wrote the file, or an older one is using it.
    """
    layout = _layout(table)
    if layout > VERSION:
        raise StoreError(
            f"The database {table.path} is from a newer version of the bot: update the bot, or "
            "change DATABASE_URL."
        )
    if layout == VERSION:
        return
    table.lock()
    with table.transaction():
        count = sum(STEPS[step](table) for step in range(layout, VERSION))
        table.execute(f"PRAGMA user_version = {VERSION}")
    if count:
        log.info("Migrated the database from layout %d to %d: %d rows", layout, VERSION, count)


def _layout(table: Table) -> int:
    ((layout,),) = table.execute("PRAGMA user_version")
    return int(layout) or UNMARKED


def _to_4(table: Table) -> int:
    """The fields of messages, turns and revisions have the field's names, and each turn a draft of
    its own. Gives the number of rows.
    """
    count = 0
    for key, data in _rows(table, 3):
        kind = key.partition("/")[0]
        try:
            new_key = _draft_key_4(table, key, data) if kind == "draft" else key
            value = _encode(4, _RENAMED_4.get(kind, dict)(data))
        except (AttributeError, LookupError, TypeError, ValueError):
            continue
        if new_key != key:
            table.remove(key)
        table.put(new_key, value)
        count += 1
    _drop_drafts_3(table)
    return count


def _open_4(data: Row) -> Row:
    return _renamed(data, place="reply_ts", withdrawn="deleted")


def _turn_4(data: Row) -> Row:
    turn = _renamed(data, said="messages", place="reply_ts", rounds="tool_rounds")
    turn["messages"] = [_renamed(each, asks="for_bot") for each in turn["messages"]]
    if turn["answer"] is not None:
        turn["answer"] = _renamed(turn["answer"], ending="finish_reason")
    return turn


def _revision_4(data: Row) -> Row:
    return _renamed(data, setup="settings", origin="request_ts")


def _draft_key_4(table: Table, key: str, data: Row) -> str:
    """A draft of messages that wait is named by the first one, another one by its turn's number."""
    _, team, channel, _ = key.split("/")
    first = data["said"][0]["ts"]
    if f"{key.replace('draft/', 'open/', 1)}/{first}" in table:
        return f"{key}/{first}"
    claim = json.loads(table.get(f"claim/{team}/{channel}/{first}") or b"{}")
    return f"{key}/{claim['turn']:08d}"


def _drop_drafts_3(table: Table) -> None:
    """Drops drafts that belong to no turn: nobody reads them, and forgetting does not find them."""
    for key in table.keys("draft/"):
        if key.count("/") == LAYOUT_3_DRAFT_SLASHES:
            table.remove(key)


_RENAMED_4: Mapping[str, Callable[[Row], Row]] = {
    "open": _open_4,
    "turn": _turn_4,
    "draft": _turn_4,
    "instructions": _revision_4,
}

STEPS: Mapping[int, Callable[[Table], int]] = {3: _to_4}
"""By the layout that each step begins with."""


def _rows(table: Table, version: int) -> Iterator[tuple[str, Row]]:
    """All rows that have this layout, without its number; those that were set aside have none."""
    page = table.rows_after("", ROWS_PER_PAGE)
    while page:
        for key, value in page:
            try:
                data = json.loads(value)
                known = data.pop("v") == version and not key.startswith("corrupt/")
            except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
                continue
            if known:
                yield key, data
        page = table.rows_after(page[-1][0], ROWS_PER_PAGE)


def _renamed(data: Row, **names: str) -> Row:
    return {names.get(name, name): value for name, value in data.items()}


def _encode(version: int, data: Row) -> bytes:
    text = json.dumps({"v": version, **data}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")
