"""The store in a file: what it costs, what it survives, and what stands in it."""

import asyncio
import json
import logging
import signal
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.errors import StoreError
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.store.row_format import VERSION
from slackbot.store.sqlite import SqliteStore
from tests.store.faults import full_disk
from tests.store.rows import receive, rows, sql, unanswered

U1 = UserId("U1")

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
OTHER = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000900"))
HELLO = Message(THREAD, THREAD.ts, U1, "hello")
MORE = Message(THREAD, Ts("1700000005.000000"), U1, "and this?")
ELSEWHERE = Message(OTHER, OTHER.ts, UserId("U3"), "something else")

HEADER = "header/T1/C1/1700000000.000100"
TURN = "turn/T1/C1/1700000000.000100/00000001"
OPEN = "open/T1/C1/1700000000.000100/1700000000.000100"


def talk(turns: int) -> Conversation:
    return Conversation().add(
        *(
            Turn((UserMessage("Ann", f"question {number:04d}"),), Answer(f"grüß Gott {number:04d}"))
            for number in range(turns)
        )
    )


def of_the_thread(stored: dict[str, bytes]) -> dict[str, bytes]:
    """The rows of a conversation."""
    begins = (HEADER, TURN.rpartition("/")[0])
    return {key: value for key, value in stored.items() if key.startswith(begins)}


RECEIVE = (
    "await store.append(MessageReceived(HELLO), opens=True); await store.receive(THREAD, 1, HELLO)"
)


async def run_beside(path: Path, script: str) -> tuple[int | None, str]:
    """Runs a script with `store` and the values above in another process: how it ended, its output.

    The store is not closed: the process ends as it is.
    """
    lines = f"""
        import asyncio, os, signal
        from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
        from slackbot.conversation.inbox_events import MessageReceived
        from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
        from slackbot.errors import StoreError
        from slackbot.store.sqlite import SqliteStore
        THREAD = {THREAD!r}
        HELLO = {HELLO!r}
        async def main():
            try:
                store = await SqliteStore.open({str(path)!r})
            except StoreError as error:
                print(error.user_message)
                return
            {script}
            os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(main())
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", dedent(lines), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_a_second_process_is_told_so(store: SqliteStore, path: Path) -> None:
    """One process per file: the second one gets a sentence, the first one goes on."""
    _, said = await run_beside(path, "print('got in')")
    assert said == f"Another process is using {path}: stop that one, or change DATABASE_URL.\n"
    assert await receive(store, HELLO, opens=True)


async def test_a_claim_outlasts_a_kill(path: Path) -> None:
    """Killed right after the claim returned: the message is there, and the file is free."""
    ended, _ = await run_beside(path, RECEIVE)
    assert ended == -signal.SIGKILL
    store = await SqliteStore.open(path)
    assert await unanswered(store) == [QueuedMessage(HELLO)]
    assert not await receive(store, HELLO, opens=True)
    await store.close()


async def test_an_event_outlasts_a_kill(path: Path) -> None:
    """Killed right after it was appended, it is in the inbox; right after it was received, it
    waits.
    """
    appending = "await store.append(MessageReceived(HELLO), opens=True)"
    assert (await run_beside(path, appending))[0] == -signal.SIGKILL
    store = await SqliteStore.open(path)
    (event,) = await store.events(THREAD)
    assert event.event == MessageReceived(HELLO)
    assert not await store.append(MessageReceived(HELLO), opens=True)
    await store.close()
    receiving = f"await store.receive(THREAD, {event.number}, HELLO)"
    assert (await run_beside(path, receiving))[0] == -signal.SIGKILL
    store = await SqliteStore.open(path)
    assert await store.events(THREAD) == []
    assert await unanswered(store) == [QueuedMessage(HELLO)]
    await store.close()


async def test_a_step_that_fails_in_the_middle_leaves_the_event(
    store: SqliteStore, path: Path
) -> None:
    """A message that can't be put among those that wait stays in the inbox; then it is received."""
    await store.append(MessageReceived(HELLO), opens=True)
    (event,) = await store.events(THREAD)
    before = rows(path)
    sql(
        path,
        "CREATE TRIGGER t BEFORE INSERT ON store WHEN new.key LIKE 'header/%' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    with pytest.raises(StoreError):
        await store.receive(THREAD, event.number, HELLO)
    assert rows(path) == before
    sql(path, "DROP TRIGGER t")
    assert (await store.receive(THREAD, event.number, HELLO)).received


async def test_a_commit_outlasts_a_kill(path: Path) -> None:
    """Killed right after the commit returned: the turn is there, and nothing is unanswered."""
    ended, _ = await run_beside(
        path,
        f"{RECEIVE}; await store.commit(THREAD, {talk(1)!r}, 1, [QueuedMessage(HELLO)])",
    )
    assert ended == -signal.SIGKILL
    store = await SqliteStore.open(path)
    assert await store.load(THREAD) == talk(1)
    assert await unanswered(store) == []
    await store.close()


async def test_what_stands_in_the_file_is_json(store: SqliteStore, path: Path) -> None:
    """Every value is compact JSON in UTF-8 with its version: any tool can read it."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(2), 2, [])
    values = rows(path)
    assert sorted(values) == [
        "claim/T1/C1/1700000000.000100",
        HEADER,
        "meta/inbox/T1",
        OPEN,
        "turn/T1/C1/1700000000.000100/00000000",
        TURN,
    ]
    for value in values.values():
        assert json.loads(value)["v"] == VERSION
    assert (
        values[TURN]
        == (
            '{"v":5,"messages":[{"name":"Ann","text":"question 0001","ts":"","user":"",'
            '"files":[],"for_bot":true,"edited_ts":""}],'
            '"answer":{"text":"grüß Gott 0001","finish_reason":"stop","refusal":"",'
            '"spoken":null},'
            '"reply_ts":[],"feedback":{},"tool_rounds":[]}'
        ).encode()
    )


async def test_a_turn_costs_the_same_at_a_thousand(store: SqliteStore, path: Path) -> None:
    """The rows and bytes that an event, its message and its turn cost do not grow with the
    thread.
    """
    sql(path, "CREATE TABLE written (key, size)")
    for trigger in (
        "i AFTER INSERT ON store BEGIN INSERT INTO written VALUES (new.key, length(new.value))",
        "u AFTER UPDATE ON store BEGIN INSERT INTO written VALUES (new.key, length(new.value))",
        "d AFTER DELETE ON store BEGIN INSERT INTO written VALUES (old.key, length(old.value))",
    ):
        sql(path, f"CREATE TRIGGER {trigger}; END")
    costs = []
    for length in (1, 1_000):
        await store.commit(THREAD, talk(length - 1), length - 1, [])
        sql(path, "DELETE FROM written")
        message = Message(THREAD, Ts(f"170000{length:04d}.000000"), U1, "hello")
        await store.append(MessageReceived(message), opens=True)
        (event,) = await store.events(THREAD)
        await store.receive(THREAD, event.number, message)
        said = replace(talk(length).turns[-1].messages[0], ts=message.ts)
        asked = talk(length - 1).add(replace(talk(length).turns[-1], messages=(said,)))
        await store.commit(THREAD, asked, 1, [QueuedMessage(message)])
        costs.append(sql(path, "SELECT count(*), sum(size) FROM written")[0])
    (rows_at_first, bytes_at_first), (rows_later, bytes_later) = costs
    assert rows_at_first == rows_later == 10
    header, claim = len("1000") - len("1"), len("999") - len("0")
    assert bytes_later - bytes_at_first == header + claim


async def test_what_is_no_longer_sent_is_not_read(store: SqliteStore, path: Path) -> None:
    """Of a thousand turns with `start` 990, ten are read: the others may be anything."""
    await store.commit(THREAD, talk(1_000), 1_000, [])
    await store.commit(THREAD, talk(1_000).starting_at(990), 0, [])
    sql(
        path,
        "UPDATE store SET value = 'x' WHERE key LIKE '%/turn/%' AND key < ?",
        TURN[:-3] + "990",
    )
    assert await store.load(THREAD) == talk(1_000).starting_at(990)


async def test_a_commit_that_fails_in_the_middle_leaves_nothing(
    store: SqliteStore, path: Path
) -> None:
    """Neither turn nor header is kept when the claim can't be closed; once it can, all is."""
    await receive(store, HELLO, opens=True)
    before = rows(path)
    sql(path, "CREATE TRIGGER t BEFORE DELETE ON store BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(StoreError) as failed:
        await store.commit(THREAD, talk(3), 3, [QueuedMessage(HELLO)])
    assert isinstance(failed.value.__cause__, sqlite3.Error)
    sql(path, "DROP TRIGGER t")
    assert await receive(store, ELSEWHERE, opens=True)
    del before["meta/inbox/T1"]  # counts what has arrived since
    assert {key: value for key, value in rows(path).items() if key in before} == before
    assert await store.load(THREAD) == Conversation()

    await store.commit(THREAD, talk(3), 3, [QueuedMessage(HELLO)])
    assert await store.load(THREAD) == talk(3)
    assert await unanswered(store) == [QueuedMessage(ELSEWHERE)]


async def test_a_full_disk_is_an_error_while_it_lasts(store: SqliteStore, path: Path) -> None:
    """What can't be written raises one sentence and leaves nothing; with room again all goes on."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1), 1, [])
    with full_disk(path):
        for refused in (
            store.check(),
            store.append(MessageReceived(MORE), opens=True),
            receive(store, MORE, opens=True),
            store.place([HELLO], (Ts("1700000009.000000"),)),
            store.commit(THREAD, talk(2), 1, [QueuedMessage(HELLO)]),
        ):
            with pytest.raises(StoreError, match="its disk may be full or failing") as failed:
                await refused
            assert isinstance(failed.value.__cause__, sqlite3.Error)
        assert await store.load(THREAD) == talk(1)
        assert await unanswered(store) == [QueuedMessage(HELLO)]
    await store.check()
    assert await receive(store, MORE, opens=True)
    await store.commit(THREAD, talk(2), 1, [QueuedMessage(HELLO), QueuedMessage(MORE)])
    assert await store.load(THREAD) == talk(2)
    assert await unanswered(store) == []


async def test_a_full_disk_refuses_writes_alone(store: SqliteStore, path: Path) -> None:
    """Of operations that wait together, the writes are refused, and the reads are answered."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(1), 1, [])
    with full_disk(path):
        first, loaded, second, waiting = await asyncio.gather(
            store.append(MessageReceived(MORE), opens=True),
            store.load(THREAD),
            store.append(MessageReceived(ELSEWHERE), opens=True),
            store.waiting(THREAD),
            return_exceptions=True,
        )
    assert isinstance(first, StoreError)
    assert isinstance(second, StoreError)
    assert loaded == talk(1)
    assert waiting == PendingWork((QueuedMessage(HELLO),))
    assert await store.events(THREAD) == []
    assert await store.append(MessageReceived(MORE), opens=True)


async def test_a_lock_is_an_error_while_it_lasts(path: Path, other: sqlite3.Connection) -> None:
    """What another program keeps from being written says so and leaves nothing; reading goes on."""
    store = await SqliteStore.open(path, lock_timeout=0)
    await receive(store, HELLO, opens=True)
    other.execute("BEGIN EXCLUSIVE")
    for refused in (
        store.check(),
        store.append(MessageReceived(MORE), opens=True),
        receive(store, MORE, opens=True),
        store.place([HELLO], (Ts("1700000009.000000"),)),
        store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)]),
    ):
        with pytest.raises(StoreError, match="another program has locked it") as failed:
            await refused
        assert isinstance(failed.value.__cause__, sqlite3.OperationalError)
    assert await unanswered(store) == [QueuedMessage(HELLO)]
    other.execute("ROLLBACK")
    await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO)])
    assert await store.load(THREAD) == talk(1)
    await store.close()


async def test_a_short_lock_is_waited_for(store: SqliteStore, other: sqlite3.Connection) -> None:
    """A write that comes while another program writes is done after it."""
    other.execute("BEGIN EXCLUSIVE")
    claim = asyncio.create_task(receive(store, HELLO, opens=True))
    await asyncio.sleep(0.05)
    assert not claim.done()
    other.execute("ROLLBACK")
    assert await claim


@pytest.mark.parametrize("key", [HEADER, TURN])
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE store SET value = 'a secret' WHERE key = ?",
        "UPDATE store SET value = CAST(x'ff00fe' AS TEXT) WHERE key = ?",
        "UPDATE store SET value = x'80049503' WHERE key = ?",
        "UPDATE store SET value = NULL WHERE key = ?",
        "UPDATE store SET value = 7 WHERE key = ?",
        """UPDATE store SET value = '{"v":5,"a":"secret"}' WHERE key = ?""",
        "UPDATE store SET key = key || '0' WHERE key = ?",
        "DELETE FROM store WHERE key = ?",
        "UPDATE store SET value = replace(CAST(value AS TEXT), '\"v\":5', '\"v\":4') WHERE key = ?",
        "UPDATE store SET value = replace(CAST(value AS TEXT), '\"v\":5', '\"v\":6') WHERE key = ?",
    ],
)
async def test_damage_costs_one_conversation(
    store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture, damage: str, key: str
) -> None:
    """A thread that can't be read starts again and stays the bot's; its rows are set aside."""
    await receive(store, HELLO, opens=True)
    await store.commit(THREAD, talk(3), 3, [])
    await store.commit(OTHER, talk(2), 2, [])
    sql(path, damage, key)
    damaged = of_the_thread(rows(path))

    assert await store.load(THREAD) == Conversation(lost=True)
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert THREAD.ts in line.getMessage()
    assert "secret" not in caplog.text

    stored = rows(path)
    aside = {key: value for key, value in stored.items() if key.startswith("corrupt/")}
    assert {key.split("/", 2)[2]: value for key, value in aside.items()} == damaged
    assert list(of_the_thread(stored)) == [HEADER]
    assert await store.load(OTHER) == talk(2)
    assert await unanswered(store) == [QueuedMessage(HELLO)]
    assert await receive(store, MORE, opens=False)
    await store.commit(THREAD, talk(1), 1, [QueuedMessage(HELLO), QueuedMessage(MORE)])
    assert await store.load(THREAD) == talk(1)
    assert len(caplog.records) == 1


async def test_a_damaged_edition_is_known_as_such(
    store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its number stays, so that those after it keep theirs; it is told from an empty one."""
    scope = Scope(TeamId("T1"), ChannelId("C1"))
    for number in range(2):
        await store.add_revision(
            scope, SettingsChange(U1, ScopeSettings(f"a secret {number}"), after=number)
        )
    sql(path, "UPDATE store SET value = 'a secret' WHERE key LIKE 'instructions/%2'")
    assert [each.settings for each in await store.revisions(scope)] == [
        ScopeSettings("a secret 0"),
        None,
    ]
    assert await store.add_revision(scope, SettingsChange(U1, ScopeSettings("anew"), after=2))
    assert (await store.revisions(scope))[-1].number == 3
    assert "instructions/T1/C1/-/00000002" in caplog.text
    assert "secret" not in caplog.text
