"""What DATABASE_URL may be."""

import asyncio
from pathlib import Path

import pytest

from slackbot.errors import ConfigError, StoreError
from slackbot.store import open_store

DIARY = "Dear diary, " * 1_000


@pytest.fixture
def diary(path: Path) -> Path:
    """Another file under the database's name."""
    path.write_text(DIARY)
    return path


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def test_an_absolute_path_has_four_slashes(tmp_path: Path) -> None:
    """`sqlite:////absolute/path.db` opens that file."""
    store = await open_store(f"sqlite:///{tmp_path}/bot.db")
    await store.close()
    assert "bot.db" in names(tmp_path)


async def test_a_relative_path_has_three_slashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sqlite:///relative.db` opens a file in the working directory."""
    monkeypatch.chdir(tmp_path)
    store = await open_store("sqlite:///relative.db")
    await store.close()
    assert "relative.db" in names(tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://bot:hunter2@db.example.com/bot",
        "hunter2",
        "/var/hunter2.db",
        "sqlite://hunter2.db",
        "sqlite:///",
        "",
    ],
)
async def test_other_addresses_are_refused(address: str) -> None:
    """Any other address is one sentence that names the variable and not the address."""
    with pytest.raises(ConfigError) as refused:
        await open_store(address)
    assert refused.value.variable == "DATABASE_URL"
    assert "must be sqlite:///" in refused.value.user_message
    assert "hunter2" not in refused.value.user_message


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A file in a folder that is not there is an error that says so."""
    with pytest.raises(StoreError, match=r"folder of .*/nowhere/bot\.db does not exist: create it"):
        await open_store(f"sqlite:///{tmp_path}/nowhere/bot.db")


async def test_a_file_that_is_no_database_is_left_alone(diary: Path) -> None:
    """Another file is not written to, and not kept locked."""
    for _ in range(2):
        with pytest.raises(StoreError, match="not an intact SQLite database: move it away"):
            await open_store(f"sqlite:///{diary}")
    assert await asyncio.to_thread(diary.read_text) == DIARY


@pytest.mark.parametrize("name", ["slackbot.db", "slackbot.db.lock"])
async def test_what_cannot_be_opened_is_named(path: Path, name: str) -> None:
    """Where the file or its lock can't be written, the error says what to look at."""
    (path.parent / name).mkdir()
    with pytest.raises(StoreError, match="can't be opened for writing: see to its permissions"):
        await open_store(f"sqlite:///{path}")


async def test_a_failed_opening_logs_nothing_of_its_own(
    diary: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The error is the one sentence: no traceback of a library's thread comes next to it."""
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{diary}")
    assert not caplog.records
    assert capfd.readouterr() == ("", "")
