"""Notices that the database's files were deleted or replaced while they are open.

SQLite goes on writing to a file that has no name any more, and all of it is gone when the process
ends: https://sqlite.org/howtocorrupt.html#_unlinking_or_renaming_a_database_file_while_in_use
"""

import os
from pathlib import Path

from slackbot.errors import LostStoreError
from slackbot.store import texts

SUFFIXES = ("", "-wal", "-shm")
"""Of the files that belong to a database in WAL mode."""


class FileMovedError(LostStoreError):
    """The open files are no longer those under the database's name: nothing kept in them lasts."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            texts.MOVED,
            f"The database {path} was deleted, moved or replaced while the bot was using it: put "
            "the right file there, and start the bot again",
        )


class FileIdentity:
    """Remembers the files of a database that was just opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._paths = [f"{path}{suffix}" for suffix in SUFFIXES]
        self._opened = self._now()

    def check(self) -> None:
        """Raises FileMovedError, and OSError if the disk fails. Takes some microseconds."""
        if self._now() != self._opened:
            raise FileMovedError(self._path)

    def _now(self) -> list[tuple[int, int] | None]:
        return [_identity(path) for path in self._paths]


def _identity(path: str) -> tuple[int, int] | None:
    """The file under a name; None if there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - three times as fast as pathlib's
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino
