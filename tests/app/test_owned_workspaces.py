"""What becomes of running replies when the workspace changes hands, in one event loop."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from slackbot import config
from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.faults import Fault
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.postgres_server import PostgresServer
from slackbot.startup import running
from slackbot.store.postgres import PostgresStore, texts
from slackbot.turns import thread_sessions
from tests.app.pair import pair_of_tasks
from tests.harness import BotHarness
from tests.replicas import over_http, replica_tasks
from tests.slack.test_home_tab import HomeTabHarness
from tests.store.postgres.hung_server import hung


def lend(harness: BotHarness, seconds: float) -> None:
    """Another replica owns the workspace for so long; those that live are told to look."""
    with psycopg.connect(harness.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(
            "UPDATE leases SET owner = 'another', epoch = epoch + 1, "
            "expires_at = now() + make_interval(secs => %s)",
            [seconds],
        )
        if not seconds:
            connection.execute("""SELECT pg_notify('slackbot', '{"workspaces": true}')""")


def versions(message: PostedMessage) -> list[str]:
    return [version.shown for version in message.versions]


async def until_closed(port: int | None) -> None:
    """Returns when nobody listens there."""
    with suppress(ConnectionError):
        while True:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()


async def test_an_answer_that_can_not_be_stored(shared: BotHarness) -> None:
    """A refused write tells the owner that it is none any more: from then on it shows nothing, not
    even that something failed. The next owner finishes the answer in its message.
    """
    environment = over_http(shared.environment, shared.workspace)
    async with replica_tasks(1, environment, shared.workspace) as replicas:
        shared.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await shared.mention("count")
        (begun,) = await shared.answered(question, "one")
        lend(shared, 3600.0)
        shared.model.release()
        await shared.workspace.until(lambda: shared.model.open_streams == 0)
        await replicas[0].service.bot.idle()
        calls = len(shared.workspace.calls)
        assert texts.LOST_LEASE not in " ".join(versions(begun))
        lend(shared, 0.0)
        await shared.workspace.until(lambda: len(shared.workspace.calls) > calls)
        await shared.finished(question)
        assert len(shared.answers(question)) == 1
        assert texts.LOST_LEASE not in " ".join(versions(begun))


async def test_a_message_that_can_not_be_read(shared: BotHarness) -> None:
    """A refused write about something else ends the running answer too."""
    environment = over_http(shared.environment, shared.workspace)
    async with replica_tasks(1, environment, shared.workspace) as replicas:
        shared.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await shared.mention("count")
        (begun,) = await shared.answered(question, "one")
        lend(shared, 3600.0)
        await shared.workspace.say(shared.ana, shared.general, "faster", thread=question.ts)
        await replicas[0].service.bot.idle()
        shared.model.release()
        assert begun.shown == "one"
        lend(shared, 0.0)
        await shared.answered(question, "one two three four")


async def test_a_command_in_a_thread(shared: BotHarness) -> None:
    """A replica that has lost the workspace changes no settings and shows no Home tab. The next
    owner carries the command out, once.
    """
    tabs = HomeTabHarness(shared)
    environment = over_http(shared.environment, shared.workspace)
    async with replica_tasks(1, environment, shared.workspace) as replicas:
        shared.model.enqueue("Ahoy")
        question = await shared.mention("hello")
        await shared.answered(question, "Ahoy")
        await tabs.home(tabs.ada)
        shared.workspace.faults.add("users.info", Fault.hang())
        command = f"{shared.bot.mention} instructions set You are a parrot."
        await shared.workspace.say(tabs.ada, shared.general, command, thread=question.ts)
        await shared.workspace.until(lambda: shared.workspace.held_calls)
        lend(shared, 3600.0)
        published = tabs.published
        shared.workspace.release_calls()
        await replicas[0].service.bot.idle()
        with psycopg.connect(shared.environment["DATABASE_URL"]) as connection:
            assert not connection.execute("SELECT FROM instruction_changes").fetchall()
        assert tabs.published == published
        lend(shared, 0.0)
        await shared.workspace.until(lambda: "parrot" in tabs.seen(tabs.ada))
        with psycopg.connect(shared.environment["DATABASE_URL"]) as connection:
            assert len(connection.execute("SELECT FROM instruction_changes").fetchall()) == 1


async def test_the_lease_ends_while_the_database_hangs(
    shared: BotHarness,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The workspace is left at once, however long an operation of the database may take."""
    caplog.set_level(logging.INFO, "slackbot")
    monkeypatch.setattr(vars(PostgresStore)["open"].__func__, "__defaults__", (600.0,))
    settings = config.parse(over_http(shared.environment, shared.workspace))
    async with running(settings, lease_seconds=4.0) as service:
        shared.workspace.events_url = f"http://127.0.0.1:{service.port}/slack/events"
        shared.model.enqueue(says("one two three").held(after=1))
        question = await shared.mention("count")
        await shared.answered(question, "one")
        with (
            logged("slackbot.workspaces.tenure", "no longer answers") as left,
            hung(postgres),
        ):
            await left.wait()
            assert not service.bot.is_busy()


async def test_the_lease_ends_while_it_is_handed_over(
    shared: BotHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The replica that stops waits no longer for a call to Slack, and nothing goes on."""
    monkeypatch.setattr(thread_sessions, "CLOSE_SECONDS", 600.0)
    environment = over_http(shared.environment, shared.workspace)
    async with replica_tasks(1, environment, shared.workspace) as replicas:
        port = replicas[0].port
        shared.workspace.faults.add("chat.*", Fault.hang())
        shared.model.enqueue(says("one two three").held(after=1))
        await shared.mention("count")
        await shared.workspace.until(lambda: shared.workspace.held_calls)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(replicas.stop(0))
            await until_closed(port)
            lend(shared, 3600.0)
        going_on = [str(task.get_coro()) for task in asyncio.all_tasks()]
        assert not [task for task in going_on if "ThreadSession" in task]
        assert shared.workspace.held_calls
        shared.workspace.release_calls()


async def test_an_orderly_stop(shared: BotHarness) -> None:
    """The other replica finishes what is being answered, in its message, at once."""
    async with pair_of_tasks(shared) as pair:
        shared.model.enqueue(says("one two three").held(after=1), "one two three four")
        question = await shared.mention("count")
        (begun,) = await shared.answered(question, "one")
        await pair.owner.stop()
        (whole,) = await shared.answered(question, "one two three four")
        assert whole.ts == begun.ts
        assert len(shared.model.requests) == 3


async def test_an_answer_that_is_complete(shared: BotHarness) -> None:
    """An answer that ends while its replica stops is stored: nobody asks the model for it again."""
    async with pair_of_tasks(shared) as pair:
        port = pair.owner.port
        shared.workspace.faults.add("chat.*", Fault.hang())
        shared.model.enqueue("Ahoy", "Aye")
        question = await shared.mention("hello")
        await shared.workspace.until(lambda: shared.workspace.held_calls)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pair.owner.stop())
            await until_closed(port)
            shared.workspace.release_calls()
        await shared.workspace.say(shared.ana, shared.general, "next", thread=question.ts)
        await shared.answered(question, "Ahoy", "Aye")


async def test_the_last_replica_stops(shared: BotHarness) -> None:
    """Nobody else would finish its answers: they get their time."""
    environment = over_http(shared.environment, shared.workspace)
    async with replica_tasks(1, environment, shared.workspace) as replicas:
        shared.model.enqueue(says("one two three").held(after=1))
        question = await shared.mention("count")
        await shared.answered(question, "one")
        async with asyncio.TaskGroup() as tasks:
            port = replicas[0].port
            tasks.create_task(replicas.stop(0))
            await until_closed(port)
            shared.model.release()
        await shared.answered(question, "one two three")


async def test_a_workspace_that_can_not_be_taken(shared: BotHarness) -> None:
    """Answering begins, but what waits can't be read: it ends, and the next try answers that."""
    environment = {**over_http(shared.environment, shared.workspace), "SLACKBOT_GRACE": "0"}
    async with replica_tasks(1, environment, shared.workspace) as replicas:
        shared.model.enqueue(says("one two three").held(after=1), "one two three")
        question = await shared.mention("count")
        await shared.answered(question, "one")
        await replicas.stop(0)
        with psycopg.connect(shared.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute("ALTER TABLE lost_messages RENAME TO away")
            with logged("slackbot.workspaces.tenure", "could not be taken") as failed:
                await replicas.start(0)
                await failed.wait()
            connection.execute("ALTER TABLE away RENAME TO lost_messages")
        await shared.answered(question, "one two three")
        assert len(shared.model.requests) == 2


@contextmanager
def logged(logger: str, part: str) -> Iterator[asyncio.Event]:
    """An event that is set when a line with this part is logged."""
    event = asyncio.Event()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if part in record.getMessage():
                event.set()

    handler = Handler()
    logging.getLogger(logger).addHandler(handler)
    try:
        yield event
    finally:
        logging.getLogger(logger).removeHandler(handler)
