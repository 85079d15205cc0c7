"""What outlives a restart in a file does so in PostgreSQL: a selection of the bot's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer
from tests.conftest import at_once
from tests.harness import BotHarness
from tests.turns.test_bot import (
    test_conversation_outlives_a_restart,
    test_follow_up_needs_no_mention,
    test_halves_of_an_emoji,
    test_redelivery_after_a_restart,
)
from tests.turns.test_turn_runner import (
    test_stop_under_what_an_earlier_run_left,
    test_waiting_outlives_a_restart,
)

SELECTION = (
    test_conversation_outlives_a_restart,
    test_follow_up_needs_no_mention,
    test_halves_of_an_emoji,
    test_redelivery_after_a_restart,
    test_stop_under_what_an_earlier_run_left,
    test_waiting_outlives_a_restart,
)
"""They are collected here once more, with this module's database."""


@pytest.fixture
async def harness(tmp_path: Path, postgres: PostgresServer) -> AsyncIterator[BotHarness]:
    async with Workspace() as workspace, ModelServer(answer=at_once) as model:
        harness = BotHarness(workspace, model, tmp_path)
        harness.environment["DATABASE_URL"] = postgres.create_database()
        yield harness
