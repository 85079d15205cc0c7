"""Files next to the database that hold an earlier state of it.

A repair sets the damaged database aside, and a restore the one that a backup replaces. They still
hold what is deleted from the database later.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

_TIME = "%Y%m%dT%H%M%S"
_REPLACED = ".before-restore-"
_SUFFIX = re.compile(rf"(?:\.damaged-|{re.escape(_REPLACED)})(\d{{8}}T\d{{6}})(?:-wal)?")


def new_damaged_file(path: Path) -> Path:
    """Where the damaged file of the database at `path` goes now."""
    return path.with_name(f"{path.name}.damaged-{datetime.now(UTC):{_TIME}}")


def new_replaced_file(path: Path) -> Path:
    """Where the database at `path` goes that a backup replaces now. There is no such file yet."""
    time = datetime.now(UTC)
    while (file := path.with_name(f"{path.name}{_REPLACED}{time:{_TIME}}")).exists():
        time += timedelta(seconds=1)
    return file


def is_replaced(file: Path) -> bool:
    """Whether a restore, and no repair, has set it aside."""
    return _REPLACED in file.name


def earlier_files(path: Path) -> dict[Path, float]:
    """The files of the database at `path` that were set aside, and when each was, in seconds since
    the epoch, by the machine's clock; oldest first. Raises OSError.
    """
    found = {}
    for file in path.parent.iterdir():
        match = _SUFFIX.fullmatch(file.name.removeprefix(path.name))
        if match is not None and file.name.startswith(path.name):
            try:
                time = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
            except ValueError:  # somebody else has named it
                continue
            found[file] = time.timestamp()
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))
