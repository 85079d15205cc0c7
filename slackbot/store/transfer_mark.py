"""What a database that is filled from another one says about that, in a row of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

from slackbot.errors import StoreError
from slackbot.store.row_format import RowFormat, UnreadableRowError
from slackbot.store.table import Table

MARK = "meta/transfer/-"


@dataclass(frozen=True, slots=True)
class TransferMark:
    run: str
    """Identifies one attempt."""
    state: Literal["unfinished", "finished"] = "unfinished"
    at: str = ""
    """When it was finished, as people read it."""
    summary: str = ""
    """The hash of all rows that were transferred."""

    @classmethod
    def new(cls) -> "TransferMark":
        return cls(uuid4().hex)

    def finished(self, summary: str) -> "TransferMark":
        return TransferMark(
            self.run, "finished", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", summary
        )


MARK_FORMAT = RowFormat[TransferMark](TransferMark)


def read_mark(table: Table) -> TransferMark | None:
    """None for a database that was never filled from another one. One that can't be read is no
    reason to keep a bot from the database, or to clear it.
    """
    value = table.get(MARK)
    try:
        return None if value is None else MARK_FORMAT.read(MARK, value)
    except UnreadableRowError:
        return TransferMark("", "finished")


def check_whole(table: Table) -> None:
    """Raises StoreError for a database that was not filled to the end: a bot must not use it."""
    mark = read_mark(table)
    if mark is not None and mark.state == "unfinished":
        raise StoreError(
            "This database was not filled to the end by `slackbot migrate`: run the same command "
            "again, or change DATABASE_URL."
        )
