"""What outlives a restart in a file does so in PostgreSQL: a selection of the bot's tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_openai.server import ModelServer
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.row_format import VERSION
from tests.conftest import at_once
from tests.harness import BotHarness
from tests.store.postgres.test_newer_rows import set_version
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


async def test_a_newer_version_has_written_the_question(
    harness: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """The older one leaves it alone, and goes on as soon as it can read it."""
    harness.model.enqueue(says("one two").held(after=0))
    async with harness.running(grace=0.0):
        question = await harness.mention("count")
        await harness.model.until(lambda: len(harness.model.requests) == 1)
    address, team = harness.environment["DATABASE_URL"], harness.workspace.team.team_id
    with psycopg.connect(address) as connection:
        set_version(connection, VERSION + 1, team)
    async with harness.running():
        while "A newer version of the bot has written the row" not in caplog.text:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
        assert not harness.answers(question)
        harness.model.enqueue("one two three")
        with psycopg.connect(address) as connection:
            set_version(connection, VERSION, team)
        await harness.answered(question, "one two three")
