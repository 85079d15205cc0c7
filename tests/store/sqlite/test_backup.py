"""A backup is whole or not there, whatever happens meanwhile."""

import fcntl
import os
import random
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from slackbot.errors import StoreError
from slackbot.store.sqlite.backup import FileReport, back_up
from slackbot.store.sqlite.table import SqliteTable
from tests.store.rows import rows
from tests.store.sqlite.test_layouts import LAYOUTS, written


def killed(folders: Path, template: Path, stride: int, *command: str) -> list[Path]:
    """The folders that `python -m tests.killed` leaves, by the step of the kill."""
    folders.mkdir()
    arguments = [str(each) for each in (folders, template, stride, *command)]
    process = [sys.executable, "-m", "tests.killed", *arguments]
    subprocess.run(process, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    return sorted(folders.iterdir(), key=lambda each: int(each.name))


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process may become larger meanwhile, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def file(path: Path) -> Path:
    return path.with_name("backup.db")


@pytest.mark.parametrize("layout", sorted(each.stem for each in LAYOUTS.glob("*.sql")))
def test_every_row_of_every_layout(layout: str, path: Path, file: Path) -> None:
    """The backup has all rows as they are, in one file that only its owner can read."""
    written(layout, path)
    report = back_up(path, file)
    assert rows(file) == rows(path)
    assert report == FileReport(len(rows(path)), file.stat().st_size)
    assert file.stat().st_mode & 0o777 == 0o600
    assert files(path.parent) == {"slackbot.db", "backup.db"}


def test_a_backup_is_one_moment(path: Path, file: Path) -> None:
    """While transactions write two rows each, every backup has both rows of the same one."""
    table = SqliteTable.open(path)
    with table.transaction():
        for number in range(2000):  # so that a backup takes several steps
            table.put(f"seen/T/C/1.1/{number}", random.Random(number).randbytes(2000))  # noqa: S311
        table.put("seen/T/C/1.1/first", b"")
        table.put("seen/T/C/1.1/second", b"")
    done = threading.Event()

    def backups() -> None:
        try:
            for number in range(5):
                back_up(path, file.with_name(f"backup{number}.db"))
        finally:
            done.set()

    backing_up = threading.Thread(target=backups)
    backing_up.start()
    count = 0
    while not done.is_set():
        with table.transaction():
            count += 1
            table.put("seen/T/C/1.1/first", str(count).encode())
            table.put("seen/T/C/1.1/second", str(count).encode())
    backing_up.join()
    table.close()
    copies = [rows(file.with_name(f"backup{number}.db")) for number in range(5)]
    counts = [(each["seen/T/C/1.1/first"], each["seen/T/C/1.1/second"]) for each in copies]
    assert all(first == second for first, second in counts)
    assert len({*counts}) > 1  # there were writes while it was running


def test_what_is_in_the_log_alone(path: Path, file: Path) -> None:
    """What was committed a moment ago, and is not in the database's own file yet."""
    table = SqliteTable.open(path)
    with table.transaction():
        table.put("check", b"new")
    back_up(path, file)
    assert rows(file) == {"check": b"new"}
    table.close()


@pytest.mark.parametrize("name", ["slackbot.db", "slackbot.db-wal", "slackbot.db.lock", "link.db"])
def test_the_database_is_no_place_for_a_backup(path: Path, name: str) -> None:
    """Not even when existing files may be replaced."""
    written("4", path)
    path.with_name("link.db").symlink_to(path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="belongs to the database itself"):
        back_up(path, path.with_name(name), overwrite=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_damaged_database(path: Path, file: Path, *, overwrite: bool) -> None:
    """A copy of it is no backup: the one that exists stays."""
    table = SqliteTable.open(path)
    with table.transaction():
        for number in range(200):
            table.put(f"seen/T/C/1.1/{number}", bytes(200))
    table.close()
    content = bytearray(path.read_bytes())
    content[5 * 4096 : 6 * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    if overwrite:
        file.write_bytes(b"precious")
    with pytest.raises(StoreError, match="is damaged, so there is no backup of it"):
        back_up(path, file, overwrite=overwrite)
    assert files(path.parent) - {"slackbot.db.lock"} == (
        {"slackbot.db", "backup.db"} if overwrite else {"slackbot.db"}
    )
    assert not overwrite or file.read_bytes() == b"precious"


def test_another_programs_database(path: Path, file: Path) -> None:
    """It is not taken for the bot's."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE other (id)")
    with pytest.raises(StoreError, match="is no database of the bot"):
        back_up(path, file)
    assert files(path.parent) == {"slackbot.db"}


def test_a_full_disk(path: Path, file: Path) -> None:
    """Nothing of the backup is left, and the earlier one stays."""
    table = SqliteTable.open(path)
    with table.transaction():
        table.put("check", bytes(100_000))
    table.close()
    file.write_bytes(b"precious")
    with largest_file(50_000), pytest.raises(StoreError, match="can't be written: see to its"):
        back_up(path, file, overwrite=True)
    assert file.read_bytes() == b"precious"
    assert files(path.parent) == {"slackbot.db", "slackbot.db.lock", "backup.db"}


def test_no_such_folder(path: Path) -> None:
    """The sentence names the file."""
    written("4", path)
    with pytest.raises(StoreError, match=r"nowhere/backup\.db can't be written"):
        back_up(path, path.parent / "nowhere" / "backup.db")


def test_two_backups_to_one_file(path: Path, file: Path) -> None:
    """The second is refused, and does not touch what the first has written."""
    written("4", path)
    unfinished = file.with_name("backup.db.unfinished")
    unfinished.write_bytes(b"half")
    with unfinished.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match=r"Another backup to .* is under way"):
            back_up(path, file)
    assert unfinished.read_bytes() == b"half"


def test_an_unfinished_name_of_a_whole_backup(path: Path, file: Path) -> None:
    """A kill in the last moment leaves a backup under two names: the next one that fails does not
    cost it.
    """
    written("4", path)
    back_up(path, file)
    os.link(file, file.with_name("backup.db.unfinished"))
    before = file.read_bytes()
    with largest_file(8192), pytest.raises(StoreError):
        back_up(path, file, overwrite=True)
    assert file.read_bytes() == before


def test_a_kill_at_any_moment(path: Path, tmp_path: Path) -> None:
    """The database is whole, the backup is whole or not there, and the next one leaves no trace of
    the kill.
    """
    template = tmp_path / "template"
    template.mkdir()
    written("4", template / path.name)
    expected = rows(template / path.name)
    *killed_folders, last = killed(tmp_path / "killed", template, 1, "backup", "b.db")
    assert files(last) == {"slackbot.db", "b.db"}
    for folder in killed_folders:
        if (folder / "b.db").exists():
            assert rows(folder / "b.db") == expected
        back_up(folder / path.name, folder / "b.db", overwrite=True)
        assert files(folder) == {"slackbot.db", "b.db"}
        assert rows(folder / path.name) == rows(folder / "b.db") == expected
    assert any("b.db" in files(each) for each in killed_folders)
