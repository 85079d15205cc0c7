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


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The database's address."""
    return f"sqlite:///{tmp_path / 'slackbot.db'}"


@pytest.fixture
async def store(url: str) -> AsyncIterator[RecordStore]:
    opened = await open_store(url)
    yield opened
    await opened.close()


@pytest.fixture
async def site(server: OAuthServer, store: RecordStore) -> AsyncIterator[Site]:
    async with serving(server, store) as running:
        yield running
