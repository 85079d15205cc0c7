"""Who on the machine can read the database: its owner, and a group that somebody has let in."""

import os
from contextlib import suppress
from pathlib import Path

OWNER_ONLY = 0o600
OTHERS = 0o007
"""The permissions of everybody who is neither the owner nor in the file's group."""


def create_private(path: Path) -> None:
    """Makes sure that a file exists, and that only its owner can read it. Raises OSError.

    A file that exists keeps its permissions, unless everybody can read or write it, as files that
    were made under the usual umask. SQLite gives its `-wal` and `-shm` files the permissions of the
    database: https://www.sqlite.org/tempfiles.html
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY))
        return
    make_private(path)


def make_private(path: Path) -> None:
    """Closes a file to others, if there is such a file, it is open to others, and it is ours."""
    with suppress(FileNotFoundError, PermissionError):
        if path.stat().st_mode & OTHERS:
            path.chmod(OWNER_ONLY)
