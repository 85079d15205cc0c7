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


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, path: Path) -> str:
    """One address for each kind of store."""
    return {"sqlite": f"sqlite:///{path}"}[request.param]


@pytest.fixture
async def store(url: str) -> AsyncIterator[RecordStore]:
    store = await open_store(url)
    yield store
    await store.close()
