"""Damage changes keys too. A row with such a key is set aside, and stops nothing."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.messages import ThreadKey
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.store import RecordStore, open_store
from slackbot.store.sqlite import SqliteStore
from tests.store.rows import rows, sql

KINDS = [
    *("inbox", "seen", "claim", "open", "again", "header", "turn", "lost", "draft"),
    *("instructions", "amended", "corrupt"),
]

ENDS = [
    b"x",
    b"T1/x",
    b"T1/C1/x",
    b"T1/C1/100.000001/x",
    b"T1/C1/100.000001/x/y",
    b"T1/C1/-/x",
    b"T1/C1/\xff/x",
    b"T1/C1/100.000001/\xff",
    b"\xff",
]
"""Too short, too long, without a number where one belongs, or no UTF-8."""

TEAM, CHANNEL, TS = TeamId("T1"), ChannelId("C1"), Ts("100.000001")
THREAD = ThreadKey(TEAM, CHANNEL, TS)
SCOPE = Scope(TEAM, CHANNEL)
PIRATE = SettingsChange(UserId("U1"), ScopeSettings("You are a pirate."), 0)


async def use_everything(store: RecordStore) -> None:
    await store.unanswered()
    await store.events(THREAD)
    await store.waiting(THREAD)
    await store.load(THREAD)
    await store.search(TEAM, CHANNEL, ["hello"], 3)
    await store.current_revisions(TEAM)
    await store.change_records(TEAM)
    await store.forget_untouched(0)
    await store.forget_user(UserId("U9"))
    await store.forget_thread(CHANNEL, Ts("1.0"))
    await store.forget_channel(ChannelId("C9"))


def damage(path: Path, kind: str, version: int, ends: Sequence[bytes] = ENDS) -> None:
    for end in ends:
        statement = "INSERT INTO store VALUES (CAST(? AS TEXT), ?)"
        sql(path, statement, f"{kind}/".encode() + end, f'{{"v":{version}}}'.encode())


@pytest.mark.parametrize("kind", KINDS)
async def test_a_damaged_key_stops_nothing(store: SqliteStore, path: Path, kind: str) -> None:
    """All that the store does ends, without an error; what is set is as it was."""
    await store.add_revision(SCOPE, PIRATE)
    damage(path, kind, 5)
    await use_everything(store)
    (revision,) = (await store.last_revisions([SCOPE])).values()
    assert revision.settings == PIRATE.settings
    assert await store.add_revision(Scope(TEAM), PIRATE)
    await store.forget_team(TEAM)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_damaged_key_stops_no_migration(path: Path, kind: str) -> None:
    """An older database with such keys is opened, and used."""
    await (await open_store(f"sqlite:///{path}")).close()
    damage(path, kind, 4)
    sql(path, "PRAGMA user_version = 0")
    store = await open_store(f"sqlite:///{path}")
    await use_everything(store)
    await store.close()


async def test_the_row_is_kept_and_the_log_says_so(
    store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What stands in the row is under `corrupt/`, for people to repair."""
    damage(path, "open", 5, [b"T1/C1/\xff/x"])
    assert await store.unanswered() == []
    (aside,) = [key for key in rows(path) if "open/" in key]
    assert aside.startswith("corrupt/")
    assert aside.endswith(r"/open/T1/C1/\xff/x")
    assert aside in caplog.text


@pytest.mark.parametrize("damaged", ["0000000s", None])
async def test_a_lost_revision_is_no_older_one(path: Path, damaged: str | None) -> None:
    """Where the last revision is gone, it can't be read: neither an older one nor the default
    applies.
    """
    url = f"sqlite:///{path}"
    store = await open_store(url)
    await store.add_revision(SCOPE, PIRATE)
    await store.add_revision(SCOPE, SettingsChange(UserId("U1"), ScopeSettings("Be kind."), 1))
    last = "instructions/T1/C1/-/00000002"
    if damaged is None:
        await store.close()
        sql(path, "DELETE FROM store WHERE key = ?", last)
        store = await open_store(url)
    else:
        sql(path, "UPDATE store SET key = ? WHERE key = ?", f"{last[:-8]}{damaged}", last)
    (revision,) = (await store.last_revisions([SCOPE])).values()
    assert (revision.number, revision.settings) == (2, None)
    assert [each.number for each in await store.revisions(SCOPE)] == [1, 2]
    assert await store.add_revision(SCOPE, SettingsChange(UserId("U1"), PIRATE.settings, 2))
    await store.close()


@pytest.mark.parametrize("damage", ['"number":1{zeros}', '"channel":"\\ud800"', '"channel":"/"'])
async def test_the_place_of_a_revision_that_can_not_be(path: Path, damage: str) -> None:
    """A row that names an impossible revision stops nothing, and is not believed."""
    url = f"sqlite:///{path}"
    store = await open_store(url)
    await store.add_revision(SCOPE, PIRATE)
    await store.close()
    ((row,),) = sql(path, "SELECT CAST(value AS TEXT) FROM store WHERE key LIKE 'amended/%'")
    name = damage.partition(":")[0]
    (before,) = (part for part in ('"number":1', '"channel":"C1"') if part.startswith(name))
    after = row.replace(before, damage.format(zeros="0" * 400))
    assert after != row
    sql(path, "UPDATE store SET value = ? WHERE key LIKE 'amended/%'", after)
    store = await open_store(url)
    (revision,) = (await store.last_revisions([SCOPE])).values()
    assert revision.settings == PIRATE.settings
    (record,) = await store.change_records(TEAM)
    assert record.scope == SCOPE
    await store.close()
