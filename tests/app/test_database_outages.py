"""The database fails in all the ways that it can: nothing is lost, and nothing is said twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import psycopg
from psycopg import sql

from slackbot.playground.fake_openai.script import says
from slackbot.playground.fake_slack.messages import PostedMessage
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres import texts as store_texts
from slackbot.turns import texts
from slackbot.workspaces import texts as workspaces_texts
from tests.app.pair import Pair, pair_of_tasks
from tests.app.standby import Standby
from tests.harness import BotHarness, echo
from tests.replicas import ReplicaTask
from tests.store.postgres.bouncer import bouncer
from tests.store.postgres.hung_server import hung

FULL = """
CREATE FUNCTION fail_as_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END
$$
"""

REFUSE = "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION fail_as_full()"

TABLES = """
SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'
"""


async def ready(replica: ReplicaTask) -> str:
    """What its /readyz says."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{replica.port}/readyz") as response,
    ):
        return f"{response.status} {await response.text()}"


async def until_ready_says(replica: ReplicaTask, *words: str) -> None:
    async with asyncio.timeout(30.0):
        said = await ready(replica)
        while not all(word in said for word in words):
            said = await ready(replica)


@asynccontextmanager
async def answering(
    harness: BotHarness,
) -> AsyncIterator[tuple[Pair[ReplicaTask], PostedMessage]]:
    """One answer has begun, and goes on when the model is released."""
    harness.workspace.feed.ack_timeout = 1.0
    async with pair_of_tasks(harness) as pair:
        harness.model.enqueue(says("one two three").held(after=1))
        question = await harness.mention("count")
        await harness.answered(question, "one")
        yield pair, question


async def refused(harness: BotHarness) -> PostedMessage:
    """A question that is not acknowledged; the person is told so."""
    harness.model.answer = echo
    question = await harness.mention("lost?")
    await harness.workspace.until(
        lambda: [each.text for each in harness.workspace.ephemerals] == [texts.CANT_STORE]
    )
    deliveries = [
        each
        for each in harness.workspace.deliveries
        if each.payload.get("event", {}).get("ts") == question.ts
    ]
    assert deliveries
    assert not any(each.acknowledged for each in deliveries)
    return question


async def whole(harness: BotHarness, question: PostedMessage, later: PostedMessage) -> None:
    """Both questions get one whole answer each."""
    harness.model.release()
    await harness.answered(later, "To: lost?.")
    await harness.finished(later)
    await harness.finished(question)
    await harness.answered(question, "one two three")


async def test_it_restarts(shared: BotHarness, postgres: PostgresServer) -> None:
    """In the middle of an answer, and it is away while somebody asks something."""
    async with answering(shared) as (pair, question):
        await asyncio.to_thread(postgres.stop, "immediate")
        try:
            later = await refused(shared)
            await until_ready_says(pair.other, "503", f"database: {store_texts.AWAY}")
        finally:
            await asyncio.to_thread(postgres.start)
        await whole(shared, question, later)
        for replica in (pair.owner, pair.other):
            await until_ready_says(replica, "200")


async def test_an_answer_ends_while_it_is_away(
    shared: BotHarness, postgres: PostgresServer
) -> None:
    """People see the whole answer; it is stored when the database is back, and not given again."""
    async with answering(shared) as (_, question):
        await asyncio.to_thread(postgres.stop)
        try:
            shared.model.release()
            await shared.answered(question, "one two three")
        finally:
            await asyncio.to_thread(postgres.start)
        shared.model.answer = echo
        await shared.workspace.say(shared.ana, shared.general, "next", thread=question.ts)
        await shared.answered(question, "one two three", "To: next.")
        assert len(shared.model.requests) == 3


async def test_it_hangs(shared: BotHarness, postgres: PostgresServer) -> None:
    """For as long as a lease: the owner stops before that has expired. Then one of the replicas
    goes on.
    """
    async with answering(shared) as (pair, question):
        with hung(postgres):
            later = await refused(shared)
            await until_ready_says(
                pair.owner, "503", "database:", f"ownership: {workspaces_texts.NOT_RENEWED}"
            )
            await pair.owner.service.bot.idle()  # it has lost the lease
            shared.model.release()
            await shared.answered(question, "one")
        shared.model.enqueue("one two three")
        await whole(shared, question, later)
        for replica in (pair.owner, pair.other):
            await until_ready_says(replica, "200")


async def test_it_fails_over(shared: BotHarness) -> None:
    """The server dies, and its standby takes its place: the replicas find it by themselves."""
    with PostgresServer() as primary:
        database = primary.create_database()
        with Standby(primary) as standby:
            name = database.rpartition("/")[2]
            hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
            shared.environment["DATABASE_URL"] = (
                f"postgresql://slackbot@{hosts}/{name}?target_session_attrs=read-write"
            )
            async with answering(shared) as (pair, question):
                await asyncio.to_thread(primary.stop, "immediate")
                later = await refused(shared)
                await asyncio.to_thread(standby.promote)
                await whole(shared, question, later)
                for replica in (pair.owner, pair.other):
                    await until_ready_says(replica, "200")


@contextmanager
def full_disk(address: str) -> Iterator[None]:
    """Every table refuses rows, as PostgreSQL does when its disk is full."""
    with psycopg.connect(address, autocommit=True) as connection:
        tables = [name for (name,) in connection.execute(TABLES)]
        connection.execute(FULL)
        for table in tables:
            connection.execute(sql.SQL(REFUSE).format(sql.Identifier(table)))
        try:
            yield
        finally:
            connection.execute("DROP FUNCTION fail_as_full CASCADE")


async def test_its_disk_is_full(shared: BotHarness) -> None:
    """Nothing new is taken in, and nobody can renew a lease, until there is room again."""
    async with answering(shared) as (pair, question):
        with full_disk(shared.environment["DATABASE_URL"]):
            later = await refused(shared)
            await until_ready_says(pair.other, "503", store_texts.FULL)
            await until_ready_says(pair.owner, "ownership:")
        await whole(shared, question, later)


async def test_it_refuses_connections(shared: BotHarness) -> None:
    """It has no connection left for anybody: the replicas come back when it has."""
    async with answering(shared) as (pair, question):
        address = shared.environment["DATABASE_URL"]
        name = address.rpartition("/")[2]
        with psycopg.connect(address.replace(name, "postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            try:
                later = await refused(shared)
                await until_ready_says(pair.other, "503", "database:")
            finally:
                connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await whole(shared, question, later)


async def test_listening_ends(shared: BotHarness) -> None:
    """The connections that listen are lost, again and again: everything is answered."""
    async with pair_of_tasks(shared):
        shared.model.answer = echo
        question = await shared.mention("0")
        await shared.answered(question, "To: 0.")
        answers = ["To: 0."]
        for number in range(1, 4):
            with psycopg.connect(shared.environment["DATABASE_URL"]) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE query ILIKE 'LISTEN%' AND datname = current_database()"
                )
            await shared.workspace.say(shared.ana, shared.general, str(number), thread=question.ts)
            answers.append(f"To: {number}.")
            await shared.answered(question, *answers)


async def test_notifications_never_arrive(shared: BotHarness) -> None:
    """Behind PgBouncer, polling finds everything: an event for the owner, Stop, a free lease, and
    a message that overtakes its mention.
    """
    with bouncer(shared.environment["DATABASE_URL"]) as address:
        shared.environment["DATABASE_URL"] = address
        async with pair_of_tasks(shared) as pair:
            shared.model.enqueue(says("one two three").held(after=1))
            question = await shared.mention("count")
            await shared.stop(shared.ana, question)
            await shared.finished(question)
            shared.model.answer = echo
            async with shared.workspace.hold_events() as held:
                root = await shared.mention("first")
                await shared.workspace.say(shared.ana, shared.general, "second", thread=root.ts)
                mention = [each for each in held if each.event["ts"] == root.ts]
                for each in held:
                    if each not in mention:
                        await shared.workspace.release(each)
                pair.deliver_to(pair.owner)
                for each in mention:
                    await shared.workspace.release(each)
                await shared.workspace.until(
                    lambda: "second" in " ".join(each.shown for each in shared.answers(root))
                )
            await pair.owner.stop()
            pair.deliver_to(pair.other)
            last = await shared.mention("third")
            await shared.answered(last, "To: third.")
