"""What another user of the machine can read of the bot's files, under the usual umask."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.table import SqliteTable
from tests.harness import BotHarness


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def permissions(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir() if file.is_file()}


def open_to_others(folder: Path) -> list[str]:
    return [name for name, mode in permissions(folder).items() if mode & 0o077]


async def test_the_files_of_a_running_bot(harness: BotHarness) -> None:
    """The database, its log, its index and its lock are for the bot's user alone."""
    async with harness.running():
        await harness.answered(await harness.mention("Hi"))
        found = permissions(harness.folder)
        assert found.keys() >= {f"slackbot.db{end}" for end in ("", "-wal", "-shm", ".lock")}
        assert open_to_others(harness.folder) == []
    assert open_to_others(harness.folder) == []


async def test_the_files_of_an_earlier_version(tmp_path: Path) -> None:
    """Files that everybody could read, as they were left by a kill, are closed at the start."""
    path = tmp_path / "slackbot.db"
    store = await SqliteStore.open(path)
    for name in permissions(tmp_path):
        (tmp_path / name).chmod(0o644)
    await store.close()
    for end in ("-wal", "-shm"):
        path.with_name(f"{path.name}{end}").touch(0o644)
    path.chmod(0o644)
    store = await SqliteStore.open(path)
    assert open_to_others(tmp_path) == []
    await store.close()


async def test_a_group_that_was_let_in(tmp_path: Path) -> None:
    """Somebody who opened the database to a group, as for backups, finds it open to that group."""
    path = tmp_path / "slackbot.db"
    await (await SqliteStore.open(path)).close()
    path.chmod(0o640)
    await (await SqliteStore.open(path)).close()
    assert path.stat().st_mode & 0o777 == 0o640


async def test_what_a_repair_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repaired file, and the damaged one that is kept, are closed, also without hard links."""

    def no_links(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "slackbot.db"
    await (await SqliteStore.open(path)).close()
    with sqlite3.connect(path) as connection:
        filler = [(f"filler/{number}", b"x" * 1_000) for number in range(100)]
        connection.executemany("INSERT INTO store (key, value) VALUES (?, ?)", filler)
    connection.close()
    table = SqliteTable.open(path)
    assert table.repair()
    table.close()
    assert open_to_others(tmp_path) == []
    assert any("damaged" in name for name in permissions(tmp_path))
