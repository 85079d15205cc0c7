"""Puts a backup in the place of the database, and keeps that one next to it.

The backup is checked, migrated and synced under another name before anything is replaced. What
replaces the database is one rename: whatever ends the process, the old or the new one is there.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from slackbot.errors import StoreError
from slackbot.store.restored import RestoredTable
from slackbot.store.row_format import VERSION
from slackbot.store.sqlite.backup import COUNT, FileReport, is_intact
from slackbot.store.sqlite.database_lock import lock_database
from slackbot.store.sqlite.earlier_files import new_replaced_file
from slackbot.store.sqlite.errors import is_damage, primary_code, unusable
from slackbot.store.sqlite.file_access import create_private, make_private
from slackbot.store.sqlite.file_changes import link_or_copy, remove, sync
from slackbot.store.sqlite.file_identity import SUFFIXES
from slackbot.store.sqlite.opening import open_table
from slackbot.store.sqlite.table import LOCK_TIMEOUT_SECONDS
from slackbot.store.sqlite.unfinished_files import remove_unfinished, restored_file

FIRST_LAYOUTS = ("claim/", "open/", "thread/", "header/", "turn/", "instructions/", "allowed/")
"""The kinds of rows in a file that does not tell its layout: see `migrations.py`."""

KINDS = f"SELECT 1 FROM store WHERE {' OR '.join('key LIKE ?' for _ in FIRST_LAYOUTS)} LIMIT 1"  # noqa: S608 - only marks
COLUMNS = "SELECT name FROM pragma_table_info('store') ORDER BY name"


@dataclass(frozen=True, slots=True)
class Restoration:
    """A backup that can take the place of the database at `path`."""

    path: Path
    report: FileReport
    _new: Path

    def replace(self) -> Path | None:
        """Does it. Returns where the database that was there is now; None if there was none.

        Raises StoreError if another program uses that one.
        """
        kept = _keep(self.path)
        remove(self.path, *SUFFIXES[1:])
        self._new.replace(self.path)
        sync(self.path.parent)
        return kept


@contextmanager
def prepared(path: Path, file: Path) -> Iterator[Restoration]:
    """Checks the backup in `file`, and keeps a bot from using the database at `path` meanwhile.

    Raises StoreError if a bot uses it, or if the file is no backup, is damaged, or is of a newer
    version. Nothing has changed then.
    """
    path = path.resolve()
    if not file.is_file():
        raise StoreError(f"There is no file {file}.")
    if path.exists() and file.samefile(path):
        raise StoreError(f"{file} is the database itself: name a backup of it.")
    new = restored_file(path)
    with ExitStack() as undo:
        undo.callback(lock_database(path).release)
        undo.callback(remove, new, *SUFFIXES, ".lock")
        try:
            remove_unfinished(path)
            _copy(file, new)
            rows = _check(file, new)
            _prepare(new, like=path)
            sync(new)
            yield Restoration(path, FileReport(rows, new.stat().st_size), new)
        except OSError as error:
            raise unusable(path) from error


def _copy(file: Path, new: Path) -> None:
    """With its log: somebody may have copied both while no bot was running."""
    for suffix in SUFFIXES[:2]:
        source, target = (each.with_name(f"{each.name}{suffix}") for each in (file, new))
        if not suffix or source.exists():
            create_private(target)
            try:
                shutil.copyfile(source, target)
            except OSError as error:
                raise StoreError(
                    f"{source} can't be copied: see to its permissions, and to the disk."
                ) from error


def _check(file: Path, new: Path) -> int:
    """Returns the number of rows. Raises StoreError if `new`, a copy of `file`, is no backup."""
    try:
        with closing(sqlite3.connect(new)) as backup:
            intact = is_intact(backup)
            ((layout,),) = backup.execute("PRAGMA user_version")
            ours = backup.execute(COLUMNS).fetchall() == [("key",), ("value",)]
            if ours and not layout:
                ours = bool(
                    backup.execute(KINDS, [f"{kind}%" for kind in FIRST_LAYOUTS]).fetchall()
                )
            rows = int(backup.execute(COUNT).fetchone()[0]) if ours else 0
    except sqlite3.Error as error:
        if primary_code(error) == sqlite3.SQLITE_NOTADB:
            raise _foreign(file) from error
        if not is_damage(error):
            raise OSError from error
        intact, ours, layout, rows = False, True, VERSION, 0
    if not intact:
        raise StoreError(f"{file} is damaged: use another backup.")
    if not ours:
        raise _foreign(file)
    if layout > VERSION:
        raise StoreError(f"{file} is from a newer version of the bot: update the bot.")
    return rows


def _foreign(file: Path) -> StoreError:
    return StoreError(f"{file} is no backup of the bot's database.")


def _prepare(new: Path, *, like: Path) -> None:
    """Brings the new database into this version's layout. The bot is to know that it was restored,
    and to be able to use it, also if somebody else, such as root, restores it.
    """
    table = open_table(new, LOCK_TIMEOUT_SECONDS, shared=True, create=False)
    try:
        RestoredTable(table).mark()
    finally:
        table.close()
    if like.exists():
        make_private(like)
        shutil.copymode(like, new)
        owner = like.stat()
        with suppress(PermissionError):
            os.chown(new, owner.st_uid, owner.st_gid)


def _keep(path: Path) -> Path | None:
    """Gives the database at `path` another name as well. Raises StoreError if it is in use."""
    if not path.exists():
        return None
    kept = new_replaced_file(path)
    log, kept_log = (each.with_name(f"{each.name}-wal") for each in (path, kept))
    if log.exists():  # SQLite deletes the log of a damaged database, whatever is in it
        create_private(kept_log)
        shutil.copyfile(log, kept_log)
    if _is_complete(path):
        kept_log.unlink(missing_ok=True)
    link_or_copy(path, kept)
    sync(path.parent)
    return kept


def _is_complete(path: Path) -> bool:
    """Moves what is in the log into the database. Returns whether all of it is there; it may not
    be if the database is damaged.
    """
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_TIMEOUT_SECONDS)) as database:
            ((busy, *_),) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        if is_damage(error):
            return False
        raise unusable(path, primary_code(error)) from error
    if busy:
        raise unusable(path, sqlite3.SQLITE_BUSY)
    return True
