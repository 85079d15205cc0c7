from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.store import RecordStore, open_store
from tests.slack.oauth.install_site import Site, serving
from tests.slack.oauth.oauth_server import OAuthServer


@pytest.fixture
async def server() -> AsyncIterator[OAuthServer]:
    async with OAuthServer() as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test is one for each kind of database, unless it looks at SQLite's file."""
    if "url" in metafunc.fixturenames:
        databases = ["sqlite"] if "path" in metafunc.fixturenames else ["sqlite", "postgres"]
        metafunc.parametrize("url", databases, indirect=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "slackbot.db"


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'slackbot.db'}"
    return str(request.getfixturevalue("postgres").create_database())


@pytest.fixture
async def store(url: str) -> AsyncIterator[RecordStore]:
    opened = await open_store(url)
    yield opened
    await opened.close()


@pytest.fixture
async def site(server: OAuthServer, store: RecordStore) -> AsyncIterator[Site]:
    async with serving(server, store) as running:
        yield running
