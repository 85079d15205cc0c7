"""Copies everything from one database to an empty one, whatever kinds they are.

The target says in a row of its own that it is not finished, until every row was read back and
compared. What an interrupted attempt left there is removed by the next one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from slackbot.errors import StoreError
from slackbot.store import keys
from slackbot.store.row_digest import Row, RowDigest, as_json
from slackbot.store.table import Table
from slackbot.store.transfer_mark import MARK, MARK_FORMAT, TransferMark, read_mark

ROWS_PER_PAGE = 100
"""So many rows are in memory at a time."""

ASIDE = f"{keys.CORRUPT}migration/"
"""Where rows go whose keys the target has no place for."""

LEFT_OUT = {MARK, "meta/inbox"}
"""The second counted the events of all workspaces in earlier versions, and nobody reads it."""

NOT_EMPTY = (
    "The target holds something already: name an empty database. If it is the one that you have "
    "migrated to before, it was finished at {at}, and one of the two has changed since."
)


class TransferEnd(Protocol):
    """One end of a transfer. Blocks. Its errors are StoreErrors."""

    @property
    def table(self) -> Table: ...

    def count(self) -> int:
        """The number of rows."""

    def pages(self, size: int) -> Iterator[Sequence[Row]]:
        """All rows, `size` at a time."""

    def holds(self, key: str) -> bool:
        """Whether it has a place for a row with this key."""

    def write(self, rows: Sequence[Row]) -> None:
        """Writes rows inside a transaction of the table."""

    def clear(self) -> None:
        """Removes all rows inside a transaction of the table."""

    def check_unused(self) -> None:
        """Raises StoreError if a bot uses the database."""


@dataclass(frozen=True, slots=True)
class TransferReport:
    counts: Mapping[str, int]
    """The number of rows of each kind."""
    aside: int = 0
    """How many of them the target has no place for: they are under `corrupt/migration/`."""
    done_before: bool = False
    """An earlier attempt has transferred all of it, and nothing has changed since."""

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


def transfer(
    source: TransferEnd, target: TransferEnd, on_progress: Callable[[int], object] = lambda _: None
) -> TransferReport:
    """`on_progress` gets the number of rows that were read or compared since the last time: each
    row counts twice.

    Raises StoreError if the target is not empty, or the copy is not the same.
    """
    source.check_unused()
    target.check_unused()
    earlier = read_mark(target.table)
    if earlier is not None and earlier.state == "finished":
        return _check_again(source, target, earlier, on_progress)
    if earlier is None and any(target.pages(1)):
        raise StoreError(NOT_EMPTY.partition(" If")[0])
    mark = TransferMark.new()
    with target.table.transaction():
        target.clear()
        target.table.put(MARK, MARK_FORMAT.encode(mark))
    read = RowDigest()
    for page in _fitting_pages(source, target):
        with target.table.transaction():
            if read_mark(target.table) != mark:
                raise StoreError("Another `slackbot migrate` fills the same target: let it finish.")
            target.write(page)
        read.add(page)
        on_progress(len(page))
    source.check_unused()
    _check_copy(read, _digest(target, on_progress))
    with target.table.transaction():
        target.table.put(MARK, MARK_FORMAT.encode(mark.finished(read.summary)))
    return TransferReport(read.counts, _count_aside(target))


def _check_again(
    source: TransferEnd,
    target: TransferEnd,
    mark: TransferMark,
    on_progress: Callable[[int], object],
) -> TransferReport:
    read = RowDigest()
    for page in _fitting_pages(source, target):
        read.add(page)
        on_progress(len(page))
    if {read.summary, _digest(target, on_progress).summary} != {mark.summary}:
        raise StoreError(NOT_EMPTY.format(at=mark.at))
    return TransferReport(read.counts, _count_aside(target), done_before=True)


def _fitting_pages(source: TransferEnd, target: TransferEnd) -> Iterator[Sequence[Row]]:
    for page in source.pages(ROWS_PER_PAGE):
        yield [
            (_fitting_key(key, target), as_json(value))
            for key, value in page
            if key not in LEFT_OUT
        ]


def _fitting_key(key: str, target: TransferEnd) -> str:
    if target.holds(key):
        return key
    shown = key.replace("\0", "\\x00")  # PostgreSQL has no NUL in texts
    is_aside = key.startswith(keys.CORRUPT) and target.holds(shown)
    return shown if is_aside else f"{ASIDE}{shown}"


def _count_aside(target: TransferEnd) -> int:
    return len(target.table.keys(ASIDE))


def _digest(database: TransferEnd, on_progress: Callable[[int], object]) -> RowDigest:
    digest = RowDigest()
    for page in database.pages(ROWS_PER_PAGE):
        digest.add(row for row in page if row[0] not in LEFT_OUT)
        on_progress(len(page))
    return digest


def _check_copy(read: RowDigest, written: RowDigest) -> None:
    if kinds := read.differences(written):
        raise StoreError(
            f"The copy is not the same in its rows of these kinds: {', '.join(kinds)}. Nothing "
            "uses it yet: run the command again."
        )
