"""During an upgrade, an older replica meets rows that a newer one has written."""

from collections.abc import Awaitable

import psycopg
import pytest

from slackbot.conversation.changes import Deleted
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.errors import StoreError
from slackbot.store.postgres import PostgresStore
from slackbot.store.postgres.layout import KINDS
from slackbot.store.row_format import VERSION
from tests.store.postgres.test_store import HELLO, T1, T2, THREADS, message

TABLES = [kind.table for kind in KINDS.values() if "team_id" in kind.names]

UPDATE = """
UPDATE {} SET value = regexp_replace(value::text, '"v":[0-9]+', '"v":{}')::json WHERE team_id = %s
"""


def set_version(other: psycopg.Connection, version: int, team: str = T1) -> None:
    """Of all rows of a workspace."""
    for table in TABLES:
        other.execute(UPDATE.format(table, version), [team])


def content(other: psycopg.Connection) -> list[object]:
    return [
        (table, row)
        for table in (*TABLES, "unreadable_rows")
        for (row,) in other.execute(f"SELECT to_json({table})::text FROM {table} ORDER BY 1")  # noqa: S608 - ours
    ]


async def refused(operation: Awaitable[object]) -> None:
    with pytest.raises(StoreError, match="A newer version of me goes on with this"):
        await operation


async def test_nothing_is_set_aside(
    store: PostgresStore, other: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """What needs such a row fails for now, and changes nothing; other workspaces do not notice.
    A process that can read it goes on.
    """
    thread = THREADS[T1]
    for team in (T1, T2):
        first, second = message(team, 1), message(team, 2)
        await store.append(MessageReceived(first), opens=True)
        await store.receive(first.thread, 1, first)
        await store.append(MessageReceived(second), opens=True)
    set_version(other, VERSION + 1)
    before = content(other)
    await refused(store.events(thread))
    await refused(store.waiting(thread))
    await refused(store.load(thread))
    await refused(store.receive(thread, 2, message(T1, 2)))
    await refused(store.fold(thread, 2, HELLO.ts, Deleted(HELLO.ts)))
    await refused(store.append(MessageReceived(message(T1, 3)), opens=True))
    assert content(other) == before
    assert f"A newer version of the bot has written the row open/T1/C1/{HELLO.ts}" in caplog.text
    assert len((await store.waiting(THREADS[T2])).messages) == 1
    set_version(other, VERSION)
    assert len((await store.waiting(thread)).messages) == 1
    assert [each.number for each in await store.events(thread)] == [2]
