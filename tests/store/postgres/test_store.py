"""Several processes use one database: each change counts once, and only the owner's."""

import asyncio
import json
import threading
import time
from dataclasses import replace
from itertools import takewhile

import psycopg
import pytest

from slackbot.conversation.history import Answer, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, ThreadKey
from slackbot.errors import LostLeaseError, LostStoreError, StoreError
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.llm.tool_pins import ServerPins
from slackbot.playground.postgres_server import PostgresServer
from slackbot.store.postgres import PostgresStore, texts
from slackbot.store.postgres import pool as pool_module
from slackbot.store.postgres.layout import KINDS
from slackbot.workspaces import Lease
from tests.workspaces.samples import installation

T1, T2 = TeamId("T1"), TeamId("T2")
THREADS = {team: ThreadKey(team, ChannelId("C1"), Ts("1700000000.000100")) for team in (T1, T2)}
HELLO = Message(THREADS[T1], THREADS[T1].ts, UserId("U1"), "hello")
LEASE = Lease(T1, "replica 1", 1)

SET_LEASE = """
INSERT INTO leases VALUES (%s, %s, %s, now())
ON CONFLICT (team_id) DO UPDATE SET owner = excluded.owner, epoch = excluded.epoch
"""
LOCK = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"


def message(team: TeamId, number: int) -> Message:
    return replace(HELLO, thread=THREADS[team], ts=Ts(f"1700000000.{number:06d}"))


def give(other: psycopg.Connection, lease: Lease) -> None:
    other.execute(SET_LEASE, [lease.team, lease.owner, lease.epoch])


def count(other: psycopg.Connection, table: str) -> int:
    ((number,),) = other.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608 - ours
    return int(number)


async def test_an_event_that_two_replicas_receive(
    store: PostgresStore, replica: PostgresStore, other: psycopg.Connection
) -> None:
    """The first process appends it, and only once."""
    event = MessageReceived(HELLO)
    appended = await asyncio.gather(
        *(each.append(event, opens=True) for _ in range(10) for each in (store, replica))
    )
    assert appended.count(True) == 1
    assert count(other, "inbox") == 1


async def test_each_workspace_numbers_its_inbox(
    store: PostgresStore, replica: PostgresStore, other: psycopg.Connection
) -> None:
    """Events of two workspaces, from two replicas at once: no gap, no deadlock."""
    await asyncio.gather(
        *(
            each.append(MessageReceived(message(team, 100 + number)), opens=True)
            for number in range(15)
            for team in THREADS
            for each in (store, replica)
        )
    )
    for thread in THREADS.values():
        assert [each.number for each in await store.events(thread)] == [*range(1, 16)]
    assert {*await replica.threads_with_events([T1, T2])} == {*THREADS.values()}
    assert await replica.threads_with_events([T2]) == [THREADS[T2]]
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert other.execute(deadlocks).fetchall() == [(0,)]


def notified(other: psycopg.Connection, address: str) -> list[object]:
    """What was announced until now: notifications arrive in the order of their commits."""
    with psycopg.connect(address, autocommit=True) as last:
        last.execute("NOTIFY slackbot, 'null'")
    announced = (json.loads(each.payload) for each in other.notifies(timeout=20.0))
    return [*takewhile(lambda each: each is not None, announced)]


async def test_an_event_notifies_the_owner(
    store: PostgresStore, replica: PostgresStore, other: psycopg.Connection, address: str
) -> None:
    """With its thread, once, after it is there; a second delivery notifies nobody."""
    other.execute("LISTEN slackbot")
    assert await store.append(MessageReceived(HELLO), opens=True)
    assert not await replica.append(MessageReceived(HELLO), opens=True)
    assert not await replica.append(MessageReceived(message(T2, 1)), opens=False)
    assert notified(other, address) == [{"thread": ["T1", "C1", HELLO.ts], "store": store.id}]


async def test_other_tokens_notify_everybody(
    store: PostgresStore, other: psycopg.Connection, address: str
) -> None:
    """Once each; that a replica begins to renew them concerns nobody."""
    other.execute("LISTEN slackbot")
    first = installation("T1")
    renewing = replace(first, refreshing_since=1_700_000_000)
    renewed = replace(first, sealed_tokens="another one")
    await store.add_installation(first)
    assert await store.replace_installation(first, renewing)
    assert await store.replace_installation(renewing, renewed)
    assert not await store.replace_installation(renewing, None)
    assert await store.replace_installation(renewed, None)
    assert notified(other, address) == [{"workspaces": True}] * 3


async def test_the_owner_reads_and_writes(store: PostgresStore, other: psycopg.Connection) -> None:
    """As long as its lease is there."""
    give(other, LEASE)
    owned = store.owned(LEASE)
    await owned.append(MessageReceived(HELLO), opens=True)
    assert (await owned.receive(HELLO.thread, 1, HELLO)).received
    assert [each.message for each in (await owned.waiting(HELLO.thread)).messages] == [HELLO]
    assert not owned.failed.done()


@pytest.mark.parametrize(
    "now",
    [
        Lease(T1, "replica 2", 2),
        Lease(T1, "replica 2", 1),
        Lease(T1, "replica 1", 3),
        Lease(T2, "replica 1", 1),
    ],
    ids=["another owner", "the same epoch", "owned again", "another workspace"],
)
async def test_an_old_epoch_changes_nothing(
    store: PostgresStore, other: psycopg.Connection, now: Lease
) -> None:
    """A process that has lost the workspace can neither write there nor read; intake goes on."""
    await store.append(MessageReceived(HELLO), opens=True)
    give(other, now)
    owned = store.owned(LEASE)
    with pytest.raises(LostLeaseError):
        await owned.receive(HELLO.thread, 1, HELLO)
    with pytest.raises(LostLeaseError):
        await owned.waiting(HELLO.thread)
    assert isinstance(await owned.failed, LostLeaseError)
    assert count(other, "waiting_messages") == 0
    assert len(await store.events(HELLO.thread)) == 1
    assert not store.failed.done()


async def test_an_owner_whose_lease_is_over(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    """Its replica knows that by its own clock: it asks nothing of a database that may hang."""
    give(other, LEASE)
    other.execute(LOCK, [T1])
    owned = store.owned(LEASE, lambda: False)
    with pytest.raises(LostLeaseError):
        await owned.waiting(HELLO.thread)
    other.execute(UNLOCK, [T1])
    assert not owned.failed.done()


async def test_a_lease_is_for_its_workspace_alone(
    store: PostgresStore, other: psycopg.Connection
) -> None:
    """The owner of one workspace changes nothing in another."""
    give(other, LEASE)
    with pytest.raises(LostLeaseError):
        await store.owned(LEASE).append(MessageReceived(message(T2, 1)), opens=True)
    assert count(other, "inbox") == 0


async def test_a_take_over_waits_for_a_write(
    store: PostgresStore, address: str, other: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the owner's transaction, a renewal does not; and not for long if the owner is
    paused: then nothing of its transaction stays.
    """
    monkeypatch.setattr(pool_module, "IDLE_SECONDS", 1.0)
    give(other, LEASE)
    await store.append(MessageReceived(HELLO), opens=True)
    writing, paused = threading.Event(), threading.Event()

    def pause() -> None:
        writing.set()
        paused.wait(30)

    owned = store.owned(LEASE)
    write = asyncio.create_task(owned._run(T1, lambda _: pause()))  # noqa: SLF001 - a slow one
    await asyncio.to_thread(writing.wait, 30)
    other.execute("UPDATE leases SET expires_at = now() + interval '1 hour'")
    other.execute("SET lock_timeout = '100ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute("UPDATE leases SET epoch = epoch + 1, owner = 'replica 2'")
    other.execute("SET lock_timeout = '30s'")
    await asyncio.to_thread(
        other.execute, "UPDATE leases SET epoch = epoch + 1, owner = 'replica 2'"
    )
    paused.set()
    with pytest.raises(StoreError):
        await write
    with pytest.raises(LostLeaseError):
        await owned.receive(HELLO.thread, 1, HELLO)
    assert count(other, "waiting_messages") == 0
    del address


async def test_a_workspace_that_is_locked(address: str, other: psycopg.Connection) -> None:
    """An operation that does not get its turn is withdrawn in time; other workspaces go on."""
    store = await PostgresStore.open(address, seconds=3.0)
    other.execute(LOCK, ["T1"])
    *locked, elsewhere = await asyncio.gather(
        *(store.append(MessageReceived(message(T1, each)), opens=True) for each in range(12)),
        store.append(MessageReceived(message(T2, 1)), opens=True),
        return_exceptions=True,
    )
    assert {str(each) for each in locked} == {texts.SLOW}
    assert elsewhere is True
    other.execute(UNLOCK, ["T1"])
    assert await store.append(MessageReceived(message(T1, 99)), opens=True)
    await store.close()
    assert count(other, "inbox") == 2


async def test_an_outage_is_no_end() -> None:
    """Every operation raises StoreError while there is no server, and works again after that."""
    with PostgresServer() as server:
        store = await PostgresStore.open(server.create_database())
        assert await store.append(MessageReceived(HELLO), opens=True)
        server.stop("immediate")
        for work in (store.check, store.teams, lambda: store.load(HELLO.thread)):
            with pytest.raises(StoreError, match=texts.AWAY) as away:
                await work()
            assert not isinstance(away.value, LostStoreError)
        server.start()
        await store.check()
        assert len(await store.events(HELLO.thread)) == 1
        assert not store.failed.done()
        await store.close()


async def test_close_waits_for_what_was_asked(store: PostgresStore, replica: PostgresStore) -> None:
    """What was begun is done, also if nobody waits for it any more."""
    asked = asyncio.create_task(store.append(MessageReceived(HELLO), opens=True))
    await asyncio.sleep(0)
    asked.cancel()
    await store.close()
    assert len(await replica.events(HELLO.thread)) == 1


async def test_data_is_deleted_in_all_workspaces(
    store: PostgresStore, replica: PostgresStore, other: psycopg.Connection
) -> None:
    """A person and a channel are forgotten wherever they are, while another replica goes on."""
    for team in THREADS:
        said = message(team, 1)
        await store.append(MessageReceived(said), opens=True)
        await store.receive(said.thread, 1, said)
    gone, _ = await asyncio.gather(
        store.forget_user(UserId("U1")),
        replica.append(MessageReceived(replace(message(T1, 2), user=UserId("U2"))), opens=False),
    )
    assert gone.messages == 2
    assert count(other, "waiting_messages") == 0


async def test_a_workspace_leaves_nothing(store: PostgresStore, other: psycopg.Connection) -> None:
    """Whatever was stored about a workspace, no table has a row of it after it was forgotten."""
    scope = Scope(T1, ChannelId("C1"))
    await store.append(MessageReceived(HELLO), opens=True)
    await store.receive(HELLO.thread, 1, HELLO)
    await store.append(MessageReceived(message(T1, 2)), opens=True)
    asked = (await store.waiting(HELLO.thread)).messages
    turn = Turn((UserMessage("Ana", "hello", HELLO.ts, HELLO.user),), Answer("Ahoy"))
    await store.draft(HELLO.thread, HELLO.ts, turn, asked)
    await store.add_revision(scope, SettingsChange(HELLO.user, ScopeSettings("Be short."), 0))
    await store.allow(T1, ChannelId("C1"), HELLO.user, may=True)
    await store.claim_request(T1, "/instructions")
    await store.replace_tool_pins(T1, "files", None, ServerPins())
    await store.append(MessageReceived(message(T2, 1)), opens=True)
    await store.forget_team(T1)
    tables = {kind.table for kind in KINDS.values()}
    assert {table: count(other, table) for table in tables if count(other, table)} == {
        "inbox": 1,
        "messages": 1,
        "counters": 2,  # of the other workspace, and that this one has left
    }


async def test_a_request_where_clocks_differ(
    store: PostgresStore, replica: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known for ten minutes by the server's clock, whatever those of the replicas say."""
    assert await store.claim_request(T1, "1/2")
    real = time.time
    for hours in (-1, 1):
        monkeypatch.setattr(time, "time", lambda hours=hours: real() + hours * 3_600)
        assert not await replica.claim_request(T1, "1/2")


async def test_one_replica_cleans_up(
    store: PostgresStore, replica: PostgresStore, other: psycopg.Connection
) -> None:
    """In each hour; also after a time that lies in the future, as a clock was set back."""
    for seconds in (0, -3_400, 3_400):
        other.execute(
            "UPDATE counters SET value = json_build_object('at', (value ->> 'at')::numeric + %s) "
            "WHERE name = 'cleaned'",
            [seconds],
        )
        claimed = await asyncio.gather(*(each.claim_cleanup() for each in (store, replica)))
        assert sorted(claimed) == [False, True]
        assert not await store.claim_cleanup()


async def test_a_row_of_another_layout(
    store: PostgresStore, other: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """What can't be read is set aside as it is, and does not hold up the rest."""
    for number in (1, 2):
        await store.append(MessageReceived(message(T1, number)), opens=True)
    other.execute("""UPDATE inbox SET value = '{"v":4}' WHERE number = 1""")
    assert [each.number for each in await store.events(THREADS[T1])] == [2]
    rows = other.execute("SELECT key, value::text FROM unreadable_rows").fetchall()
    assert rows == [
        ("inbox/T1/C1/1700000000.000100/000000000001/message/1700000000.000001", '{"v":4}')
    ]
    assert (await store.waiting(THREADS[T1])).lost == (message(T1, 1).ts,)
    assert len(caplog.records) == 1


async def test_a_draft_that_is_lost_is_lost_once(
    store: PostgresStore, other: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """The error does not undo that it is set aside: the next attempt begins again."""
    await store.append(MessageReceived(HELLO), opens=True)
    await store.receive(HELLO.thread, 1, HELLO)
    asked = (await store.waiting(HELLO.thread)).messages
    turn = Turn((UserMessage("Ana", "hello", HELLO.ts, HELLO.user),), None)
    await store.draft(HELLO.thread, HELLO.ts, turn, asked)
    other.execute("""UPDATE drafts SET value = '{"v":4}'""")
    with pytest.raises(StoreError, match="lost my notes"):
        await store.drafted(HELLO.thread, HELLO.ts)
    assert await store.drafted(HELLO.thread, HELLO.ts) is None
    assert count(other, "unreadable_rows") == 1
    assert len(caplog.records) == 1
