"""Copies the database to a file while the bot uses it.

The copy is made in one read transaction, by SQLite's own means (https://sqlite.org/backup.html): it
has all that was committed when it began, and nothing later. The bot goes on writing meanwhile.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from slackbot.errors import StoreError
from slackbot.store.sqlite.connection import TABLE
from slackbot.store.sqlite.errors import is_damage
from slackbot.store.sqlite.file_access import OWNER_ONLY
from slackbot.store.sqlite.file_changes import link_or_copy, remove, sync
from slackbot.store.sqlite.file_identity import SUFFIXES

LOCK_TIMEOUT_SECONDS = 5.0

PAGES_PER_STEP = 1024
"""4 MB; Ctrl-C counts between two steps."""

COUNT = f"SELECT count(*) FROM {TABLE}"  # noqa: S608 - a name of ours

HASTY = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF")
"""A copy that is not finished is worth nothing, and a finished one is synced."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What a file holds."""

    rows: int
    bytes: int

    def __str__(self) -> str:
        size = self.bytes / 1_000_000
        return f"{self.rows:,} rows, {f'{size:,.1f} MB' if size >= 1 else f'{self.bytes:,} bytes'}"


def back_up(path: Path, file: Path, *, overwrite: bool = False) -> FileReport:
    """Copies the database at `path` to `file`, which only its owner can read, and checks the copy.

    Others may use the database. `file` appears under its name when it is complete, and survives a
    power loss from then on. Raises StoreError, and then leaves what was there.
    """
    _check_names(path, file, overwrite=overwrite)
    try:
        with _unfinished(file) as copy:
            report = _copy(path, copy)
            sync(copy)
            if overwrite:
                copy.replace(file)
            else:
                link_or_copy(copy, file)
            sync(file.absolute().parent)
    except BlockingIOError as error:
        raise StoreError(f"Another backup to {file} is under way.") from error
    except FileExistsError as error:
        raise _exists(file) from error
    except OSError as error:
        raise StoreError(
            f"{file} can't be written: see to its folder, its permissions and its disk."
        ) from error
    return report


def is_intact(connection: sqlite3.Connection) -> bool:
    """Reads every page. Raises sqlite3.Error for damage that SQLite can't get past."""
    return connection.execute("PRAGMA integrity_check(1)").fetchall() == [("ok",)]


def _check_names(path: Path, file: Path, *, overwrite: bool) -> None:
    if not path.is_file():
        raise StoreError(f"There is no database {path}: see to DATABASE_URL.")
    own = {path.resolve().with_name(f"{path.name}{suffix}") for suffix in (*SUFFIXES, ".lock")}
    if file.resolve() in own or (file.exists() and file.samefile(path)):
        raise StoreError(f"{file} belongs to the database itself: choose another name.")
    if file.exists() and not overwrite:
        raise _exists(file)


def _exists(file: Path) -> StoreError:
    return StoreError(f"{file} exists already: choose another name, or add --force to replace it.")


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """An empty file next to the one to be written. Nobody else writes it, and it is gone at the
    end; if the process is killed, with the next backup to the same name.
    """
    copy = file.with_name(f"{file.name}.unfinished")
    with ExitStack() as undo:
        with suppress(FileNotFoundError):  # it may be another name of a backup that is complete
            undo.enter_context(_locked(copy, os.O_RDONLY))
            copy.unlink()
        descriptor = undo.enter_context(_locked(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR))
        undo.callback(remove, copy, "")
        if os.fstat(descriptor).st_ino != copy.stat().st_ino:
            raise BlockingIOError
        yield copy


@contextmanager
def _locked(path: Path, flags: int) -> Iterator[int]:
    """Opens a file. Raises BlockingIOError if another backup holds it."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    finally:
        os.close(descriptor)


def _copy(path: Path, copy: Path) -> FileReport:
    """Copies the database to an empty file, and checks it. Raises StoreError or OSError."""
    try:
        with closing(_connect(path)) as source, closing(_connect(copy)) as target:
            for statement in HASTY:
                target.execute(statement)
            source.execute("BEGIN")
            ((rows,),) = source.execute(COUNT)  # all steps read what this reads
            source.backup(target, pages=PAGES_PER_STEP)
            source.execute("ROLLBACK")
            target.execute("PRAGMA journal_mode = DELETE")  # one file, which can be read anywhere
            if not is_intact(target) or target.execute(COUNT).fetchall() != [(rows,)]:
                raise _damaged(path)
    except sqlite3.Error as error:
        if is_damage(error):
            raise _damaged(path) from error
        if "no such table" in str(error):
            raise StoreError(f"{path} is no database of the bot: see to DATABASE_URL.") from error
        raise OSError from error
    return FileReport(rows, copy.stat().st_size)


def _connect(path: Path) -> sqlite3.Connection:
    """Able to write also where it only reads: the last one to close the database then leaves no log
    behind.
    """
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=LOCK_TIMEOUT_SECONDS,
        isolation_level=None,
    )


def _damaged(path: Path) -> StoreError:
    return StoreError(
        f"The database {path} is damaged, so there is no backup of it: keep the backups that you "
        "have."
    )
