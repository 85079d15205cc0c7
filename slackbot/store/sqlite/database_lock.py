"""One process uses the file: the lock on `PATH.lock` is the kernel's, and ends with the process.

Others may make single changes; SQLite's own locks are enough for those.
"""

from pathlib import Path

from filelock import FileLock, Timeout

from slackbot.errors import StoreError
from slackbot.store.sqlite.errors import unusable
from slackbot.store.sqlite.file_access import OWNER_ONLY, make_private


def lock_database(path: Path) -> FileLock:
    """Raises StoreError if a bot uses the database; `release` ends the lock."""
    if not path.parent.is_dir():
        raise StoreError(f"The folder of {path} does not exist: create it, or change DATABASE_URL.")
    lock = FileLock(f"{path}.lock", mode=OWNER_ONLY, thread_local=False)
    make_private(Path(lock.lock_file))  # others could hold it
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"Another process is using {path}: stop that one, or change DATABASE_URL."
        ) from error
    except OSError as error:
        raise unusable(path) from error
    return lock
