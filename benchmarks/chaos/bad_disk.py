"""A disk that is full for a while, for one process and without special rights."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOM_BYTES = 4_096
"""How much each file may still grow, so that a log keeps its next lines."""


@contextmanager
def full_disk(pid: int, *logs: Path) -> Iterator[None]:
    """While the block runs, the process can't write past the size of its largest log.

    So it can't add to its database: SQLite's write fails, as it does on a full disk. Python ignores
    the signal that comes with the error.
    """
    size = max(log.stat().st_size for log in logs) + ROOM_BYTES
    try:
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, before[1]))
    except ProcessLookupError:  # it has ended already
        yield
        return
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
