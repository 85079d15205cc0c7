"""What becomes of turns when a lease or the database is lost."""

import asyncio
import logging
from pathlib import Path

import psycopg
import pytest

from benchmarks.chaos import tool_log
from slackbot.playground.fake_openai.script import calls, says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.fake_slack.workspace import Workspace
from slackbot.playground.postgres_server import PostgresServer
from tests.harness import BotHarness
from tests.replicas import replica_tasks

TAKE_OVER = """
UPDATE leases SET owner = 'another', epoch = epoch + 1, expires_at = now() + interval '1 hour'
"""

SET_STATUS = "assistant.threads.setStatus"

GIVE_BACK = "UPDATE leases SET owner = NULL, expires_at = NULL"


async def test_a_lease_that_another_replica_has_taken(
    harness: BotHarness,
    postgres: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A replica that believes in its lease runs no tool and shows nothing once another has it."""
    ran, database = tmp_path / "ran", postgres.create_database()
    ran.touch()
    monkeypatch.setenv(tool_log.LOG_FILE_VARIABLE, str(ran))
    environment = {
        **harness.environment,
        "DATABASE_URL": database,
        "SLACKBOT_TOOLS": tool_log.__name__,
    }
    workspace, model = harness.workspace, harness.model
    model.enqueue(calls("note", '{"key": "x", "seconds": 0}').held(after=0), "Ahoy")
    async with replica_tasks(1, environment, workspace) as replicas:
        question = await harness.mention("note it")
        await workspace.until(lambda: _statuses(workspace, question))
        await model.until(lambda: model.open_streams == 1)
        with psycopg.connect(database, autocommit=True) as other:
            other.execute(TAKE_OVER)
            before = len(workspace.calls)
            model.release()
            await replicas[0].service.bot.idle()
            assert not ran.read_text()
            assert not workspace.calls[before:]
            other.execute(GIVE_BACK)
            other.execute("""SELECT pg_notify('slackbot', '{"workspaces": true}')""")
        await harness.answered(question, "Ahoy")


async def test_a_database_that_is_away(harness: BotHarness) -> None:
    """A turn that begins while the database is away waits for it: nobody has to ask again."""
    workspace, model = harness.workspace, harness.model
    model.enqueue(says("one two").held(after=1), "Ahoy")
    with PostgresServer() as server:
        environment = {
            **harness.environment,
            "DATABASE_URL": server.create_database(),
            "SLACKBOT_MAX_REPLIES": "1",
        }
        async with replica_tasks(1, environment, workspace):
            first = await harness.mention("count")
            await harness.answered(first, "one")
            other = workspace.add_channel("other", members=[harness.ben])
            second = await workspace.say(harness.ben, other, f"{harness.bot.mention} hello")
            await workspace.until(lambda: _statuses(workspace, second))
            server.stop()
            model.release()
            await _logged(other.id)
            server.start()
            await harness.answered(second, "Ahoy")


async def _logged(text: str) -> None:
    """Waits until somebody logs a message with the text."""
    found = asyncio.Event()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if text in record.getMessage():
                found.set()

    handler = Handler()
    logging.getLogger("slackbot").addHandler(handler)
    try:
        async with asyncio.timeout(30.0):
            await found.wait()
    finally:
        logging.getLogger("slackbot").removeHandler(handler)


def _statuses(workspace: Workspace, question: PostedMessage) -> list[str]:
    """What the bot has shown as its status in the question's thread."""
    args = [call.args for call in workspace.calls if call.method == SET_STATUS]
    return [each["status"] for each in args if each["thread_ts"] == question.ts]
