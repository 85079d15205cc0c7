import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from slackbot.store import RecordStore, open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "slackbot.db"


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program at the same file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of the store is one for each kind of database, unless it looks at SQLite's file."""
    if "url" in metafunc.fixturenames and not hasattr(metafunc.module, "url"):
        databases = ["sqlite"] if "path" in metafunc.fixturenames else ["sqlite", "postgres"]
        metafunc.parametrize("url", databases, indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    """The address of a new database."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('path')}"
    return str(request.getfixturevalue("postgres").create_database())


@pytest.fixture
async def store(url: str) -> AsyncIterator[RecordStore]:
    store = await open_store(url)
    yield store
    await store.close()
