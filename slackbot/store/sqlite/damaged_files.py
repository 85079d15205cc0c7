"""Files that a repair has set aside. They still hold what is deleted from the database later."""

import re
from datetime import UTC, datetime
from pathlib import Path

_TIME = "%Y%m%dT%H%M%S"
_SUFFIX = re.compile(r"\.damaged-(\d{8}T\d{6})")


def new_damaged_file(path: Path) -> Path:
    """Where the damaged file of the database at `path` goes now."""
    return path.with_name(f"{path.name}.damaged-{datetime.now(UTC):{_TIME}}")


def damaged_files(path: Path) -> dict[Path, float]:
    """The damaged files of the database at `path`, and when each was set aside, in seconds since
    the epoch, by the machine's clock. Raises OSError.
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
    return dict(sorted(found.items()))
