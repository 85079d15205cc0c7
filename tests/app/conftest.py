from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.postgres_server import PostgresServer
from tests.harness import BotHarness
from tests.many_workspaces import ManyWorkspaces, many_workspaces


@pytest.fixture
def shared(harness: BotHarness, postgres: PostgresServer) -> BotHarness:
    """The harness, with a PostgreSQL database for several replicas."""
    harness.environment["DATABASE_URL"] = postgres.create_database()
    return harness


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[ManyWorkspaces]:
    """For one process that serves many workspaces."""
    async with many_workspaces(f"sqlite:///{tmp_path / 'slackbot.db'}") as stage:
        yield stage
