from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme

from slackbot.playground.fake_openai.script import Script
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_openai.stand_in import stand_in
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import MissingPostgresError, PostgresServer
from tests.harness import BotHarness, Request
from tests.proxied_harness import Behind, stage
from tests.reused_databases import ReusedDatabases


def at_once(request: Request) -> Script:
    """The stand-in's answer, without the pace of a model."""
    return stand_in(dict(request)).paced(0.0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="the database of the bot in tests that play on the harness",
    )


@pytest.fixture
async def harness(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[BotHarness]:
    """With --store=postgresql, the bot keeps its data there."""
    async with Workspace() as workspace, ModelServer(answer=at_once) as model:
        harness = BotHarness(workspace, model, tmp_path)
        if request.config.getoption("--store") == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres")
            harness.environment["DATABASE_URL"] = server.create_database()
        yield harness


@pytest.fixture(scope="session")
def reused_databases() -> Iterator[ReusedDatabases]:
    try:
        server = ReusedDatabases()
    except MissingPostgresError as error:
        pytest.skip(str(error))
    with server:
        yield server


@pytest.fixture
def postgres(reused_databases: ReusedDatabases) -> Iterator[ReusedDatabases]:
    """The PostgreSQL server of this process of tests, in which each test has databases of its own.

    Tests that need it are skipped where the machine has no PostgreSQL.
    """
    yield reused_databases
    reused_databases.take_back()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs the certificates that test proxies show."""
    return trustme.CA()


@pytest.fixture
def behind(harness: BotHarness, authority: trustme.CA, tmp_path: Path) -> Behind:
    """Puts the harness behind a proxy, for the length of an `async with` block."""
    return stage(harness, authority, tmp_path)
