"""Files next to the database that a repair or a restore has not put in its place yet."""

from pathlib import Path

from slackbot.store.sqlite.earlier_files import earlier_files, is_replaced
from slackbot.store.sqlite.file_changes import remove
from slackbot.store.sqlite.file_identity import SUFFIXES


def repaired_file(path: Path) -> Path:
    """What a repair of the database at `path` writes."""
    return path.with_name(f"{path.name}.repaired")


def restored_file(path: Path) -> Path:
    """What a restore of the database at `path` writes."""
    return path.with_name(f"{path.name}.restoring")


def migrated_file(path: Path) -> Path:
    """The copy of the database at `path` from which `slackbot migrate` reads."""
    return path.with_name(f"{path.name}.migrating")


def remove_unfinished(path: Path) -> None:
    """Removes what a repair, a restore or a copy of the database at `path` has left if the process
    ended meanwhile: its file, and a second name of the database. Raises OSError.
    """
    remove(repaired_file(path), *SUFFIXES)
    for file in (restored_file(path), migrated_file(path)):
        remove(file, *SUFFIXES, ".lock", ".unfinished")
    for file in earlier_files(path):
        if is_replaced(file) and path.exists() and file.samefile(path):
            file.unlink()
