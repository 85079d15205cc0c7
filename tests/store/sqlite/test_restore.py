"""A backup takes the place of the database, and nothing is destroyed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from slackbot.conversation.ids import TeamId, Ts
from slackbot.errors import StoreError
from slackbot.store import open_store
from slackbot.store.row_format import VERSION
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.backup import back_up
from slackbot.store.sqlite.restore import prepared
from slackbot.store.sqlite.table import SqliteTable
from tests.store.rows import rows, sql
from tests.store.sqlite.test_backup import files, killed, largest_file
from tests.store.sqlite.test_layouts import COUNT, LAYOUTS, written

NEW = {"check": b"new"}


def restore(path: Path, file: Path) -> Path | None:
    with prepared(path, file) as restoration:
        return restoration.replace()


def database(path: Path) -> Path:
    """A database that holds one row."""
    table = SqliteTable.open(path)
    with table.transaction():
        table.put("check", b"new")
    table.close()
    return path


@pytest.fixture
def file(path: Path) -> Path:
    """A backup with everything in it."""
    old = written("4", path.with_name("old.db"))
    back_up(old, path.with_name("backup.db"))
    old.unlink()
    return path.with_name("backup.db")


@pytest.mark.parametrize("layout", sorted(each.stem for each in LAYOUTS.glob("*.sql")))
async def test_a_backup_of_every_layout(layout: str, path: Path) -> None:
    """It is migrated as the bot migrates it; the bot's own files count as backups too."""
    backup = written(layout, path.with_name("backup.db"))
    expected = written(layout, path.with_name("migrated.db"))
    await (await SqliteStore.open(expected)).close()
    restore(path, backup)
    restored = {key: value for key, value in rows(path).items() if "meta/restored/" not in key}
    assert restored.keys() - {*filter(_is_aside, restored)} == {
        key for key in rows(expected) if not _is_aside(key)
    }
    assert sql(path, "PRAGMA user_version") == [(VERSION,)]


def _is_aside(key: str) -> bool:
    """The time is in the key."""
    return key.startswith("corrupt/")


async def test_what_waits_may_be_answered_by_now(path: Path, file: Path) -> None:
    """Each workspace's messages up to the newest that waits, whether it was folded in or not."""
    restore(path, file)
    store = await open_store(f"sqlite:///{path}")
    waiting = await store.waiting(COUNT.thread)
    assert waiting.messages
    assert waiting.restored_until == "1700000110.000100"  # of an event in the inbox
    await store.forget_team(TeamId("T1"))
    await store.close()
    assert not [key for key in rows(path) if key.startswith("meta/restored/")]


async def test_a_bot_that_was_never_restored(path: Path) -> None:
    """It looks for nothing in Slack."""
    store = await SqliteStore.open(written("4", path))
    assert (await store.waiting(COUNT.thread)).restored_until == Ts("")
    await store.close()


def test_the_database_is_kept(path: Path, file: Path) -> None:
    """Under a name of its own each time, with what is in its log alone."""
    table = SqliteTable.open(path)
    with table.transaction():
        table.put("check", b"new")
    crashed = path.with_name("crashed")
    shutil.copytree(path.parent, crashed)  # as after a kill: the row is in the log
    table.close()
    path = crashed / path.name
    assert path.with_name("slackbot.db-wal").stat().st_size
    kept = [restore(path, file), restore(path, file)]
    assert None not in kept
    assert kept[0] != kept[1]
    assert kept[0] is not None
    assert rows(kept[0]) == NEW


def test_a_damaged_database_is_replaced(path: Path, file: Path) -> None:
    """It is kept as it is, with its log."""
    path.write_bytes(b"\xff" * 8192)
    log = path.with_name("slackbot.db-wal")
    log.write_bytes(b"\xfe" * 100)
    kept = restore(path, file)
    assert kept is not None
    assert kept.read_bytes() == b"\xff" * 8192
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"\xfe" * 100
    assert not log.exists()
    assert len(rows(path)) > 1


def test_permissions_stay(path: Path, file: Path) -> None:
    """A group that was let in can still read the database, and others can't."""
    database(path).chmod(0o644)
    kept = restore(path, file)
    assert kept is not None
    assert path.stat().st_mode & 0o777 == kept.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    restore(path, file)
    assert path.stat().st_mode & 0o777 == 0o640


def damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 3] = b"\xff" * 4096
    file.write_bytes(content)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:8192])


def newer(file: Path) -> None:
    sql(file, f"PRAGMA user_version = {VERSION + 1}")


def text(file: Path) -> None:
    file.write_text("no database")


def empty(file: Path) -> None:
    file.write_bytes(b"")


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE other (id)")


def like_ours(file: Path) -> None:
    """Another program's sqlitedict."""
    file.unlink()
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE store (key TEXT PRIMARY KEY, value BLOB)")
        other.execute("INSERT INTO store VALUES ('name', 'value')")


def missing(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (damaged, "backup.db is damaged: use another backup"),
        (truncated, "backup.db is damaged: use another backup"),
        (newer, "backup.db is from a newer version of the bot: update the bot"),
        (text, "backup.db is no backup of the bot's database"),
        (empty, "backup.db is no backup of the bot's database"),
        (foreign, "backup.db is no backup of the bot's database"),
        (like_ours, "backup.db is no backup of the bot's database"),
        (missing, "There is no file .*backup.db"),
    ],
)
def test_what_is_no_backup(path: Path, file: Path, change: object, problem: str) -> None:
    """It is refused with a sentence, and the database stays as it is."""
    assert callable(change)
    database(path)
    change(file)
    with pytest.raises(StoreError, match=problem):
        restore(path, file)
    assert rows(path) == NEW
    assert files(path.parent) - {"backup.db"} == {"slackbot.db", "slackbot.db.lock"}


def test_the_database_itself(path: Path) -> None:
    """It is no backup of itself."""
    database(path)
    with pytest.raises(StoreError, match="is the database itself"):
        restore(path, path)


def test_another_program_reads(path: Path, file: Path, other: sqlite3.Connection) -> None:
    """It would go on with the old file: it has to end first."""
    table = SqliteTable.open(path)
    with table.transaction():
        table.put("check", b"new")
    other.execute("BEGIN")
    other.execute("SELECT * FROM store").fetchall()
    with table.transaction():
        table.put("check", b"newer")
    table.close()
    with pytest.raises(StoreError, match="Another program has locked the database"):
        restore(path, file)
    other.execute("ROLLBACK")
    assert rows(path) == {"check": b"newer"}


def test_a_full_disk(path: Path, file: Path) -> None:
    """The database stays as it is, and nothing is left."""
    database(path)
    with largest_file(8192), pytest.raises(StoreError):
        restore(path, file)
    assert rows(path) == NEW
    assert files(path.parent) == {"slackbot.db", "slackbot.db.lock", "backup.db"}


async def test_a_kill_at_any_moment(path: Path, file: Path, tmp_path: Path) -> None:
    """The old database is there, or the new one and the old one next to it. A bot that starts then
    removes what was not finished.
    """
    template = tmp_path / "template"
    template.mkdir()
    shutil.copy(file, template)
    database(template / path.name)
    folders = killed(tmp_path / "killed", template, 3, "restore", "--yes", "backup.db")
    expected = rows(folders[-1] / path.name).keys()
    for folder in folders:
        store = await SqliteStore.open(folder / path.name)
        await store.close()
        kept = [*folder.glob("*.before-restore-*")]
        assert files(folder) - {each.name for each in kept} == {
            "slackbot.db",
            "slackbot.db.lock",
            "backup.db",
        }
        if rows(folder / path.name) == NEW:
            assert not kept
        else:
            assert rows(folder / path.name).keys() == expected
            assert [rows(each) for each in kept] == [NEW]
    assert {len([*each.glob("*.before-restore-*")]) for each in folders} == {0, 1}
