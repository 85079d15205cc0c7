"""Sorted rows that change in transactions, as the modules of this package see them.

Each kind of database has its own: `sqlite/table.py`, `postgres/table.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

NO_LIMIT = -1


class Table(Protocol):
    """Blocks. `keys.py` lists the kinds of keys. Errors of the database come out as they are.

    What one operation of the store reads and writes is not changed by others meanwhile.
    """

    def __contains__(self, key: str, /) -> bool: ...

    def get(self, key: str) -> bytes | None: ...

    def range(self, first: str, prefix: str, most: int = NO_LIMIT) -> list[tuple[str, bytes]]:
        """Returns the rows from key `first` on whose keys begin with `prefix`, by key.

        With `most`, returns no more than so many.
        """

    def page(self, after: str, prefix: str, most: int) -> list[tuple[str, bytes]]:
        """Returns the next `most` rows with the prefix after a key; from the first for ""."""

    def ranges(self, *prefixes: str) -> list[tuple[str, bytes]]:
        """Returns the rows whose keys begin with one of these prefixes."""

    def keys(self, prefix: str) -> list[str]:
        """Returns the keys that begin with `prefix`, in order."""

    def last(self, *prefixes: str) -> list[tuple[str, bytes]]:
        """Returns the last row, by key, of each prefix that has any rows."""

    def teams(self, kind: str) -> list[str]:
        """Returns the workspaces that have rows of a kind, in order."""

    def naming(self, text: str, prefix: str, most: int) -> Iterator[list[str]]:
        """Yields the keys of the rows with the prefix that hold a text, in their keys or values: a
        list for each `most` rows that are looked through.
        """

    def put(self, key: str, value: bytes) -> None:
        """Writes a row, inside a transaction."""

    def remove(self, key: str) -> None:
        """Removes a row if there is one, inside a transaction."""

    def remove_rows(self, keys: Sequence[str]) -> None:
        """Removes many rows with few statements, inside a transaction."""

    def remove_all(self, prefix: str) -> None:
        """Removes the rows whose keys begin with `prefix`, inside a transaction."""

    def move(self, prefix: str, to: str) -> None:
        """Puts `to` before every key that begins with `prefix`, inside a transaction."""

    def transaction(self) -> AbstractContextManager[None]:
        """All that is written inside is stored when this is left, or nothing of it.

        Inside another transaction it is a part of that: if it fails, it alone is undone.
        """

    def shrink(self) -> None:
        """Leaves nothing of what was removed where the bot can see to that."""


def end_of(prefix: str) -> str:
    """The first text that is past all those that begin with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
