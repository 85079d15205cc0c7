import pytest

from slackbot.playground.postgres_server import PostgresServer
from tests.harness import BotHarness


@pytest.fixture
def shared(harness: BotHarness, postgres: PostgresServer) -> BotHarness:
    """The harness, with a PostgreSQL database for several replicas."""
    harness.environment["DATABASE_URL"] = postgres.create_database()
    return harness
