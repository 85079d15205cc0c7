"""Changes of files that a power loss does not undo, and that leave nothing half done."""

import os
import shutil
from pathlib import Path

from slackbot.store.sqlite.file_access import create_private


def sync(path: Path) -> None:
    """Has the disk keep a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_or_copy(source: Path, target: Path) -> None:
    """Gives a file a second name, or copies it where the file system has no links.

    Nothing is under that name yet.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        create_private(target)
        shutil.copy2(source, target)


def remove(path: Path, *suffixes: str) -> None:
    """Removes the files with these suffixes, as far as there are any."""
    for suffix in suffixes:
        path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
