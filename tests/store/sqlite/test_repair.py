"""A database with damaged pages: nothing hangs, and what can be read is kept."""

import asyncio
import logging
import random
import shutil
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from slackbot.conversation.changes import Deleted
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.errors import LostStoreError, StoreError
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.store.row_format import VERSION
from slackbot.store.sqlite import SqliteStore
from slackbot.store.sqlite.table import SqliteTable
from tests.store.rows import receive, rows, sql

PAGE = 4096
TABLE_LEAF = 0x0D
"""The first byte of a page that holds rows: https://sqlite.org/fileformat2.html"""

TEAM = TeamId("T1")
CHANNEL = ChannelId("C1")
ANN = UserId("U1")
SCOPE = Scope(TEAM, CHANNEL)

Damage = Callable[[bytes], bytes]

DAMAGES: dict[str, Damage] = {
    "ones": lambda page: b"\xff" * len(page),
    "zeros": lambda page: bytes(len(page)),
    "noise": lambda page: random.Random(7).randbytes(len(page)),  # noqa: S311 - no secret
    "another page's": lambda page: page[2048:] + page[:2048],
}


def thread(number: int) -> ThreadKey:
    return ThreadKey(TEAM, CHANNEL, Ts(f"17000{number:05d}.000000"))


def message(number: int, second: int = 0) -> Message:
    talk = thread(number)
    return Message(talk, Ts(f"17000{number:05d}.{second:06d}"), ANN, f"question {number}")


def turn(number: int) -> Turn:
    said = UserMessage("Ann", f"question {number} " * 40, ts=message(number).ts, user=ANN)
    return Turn((said,), Answer("an answer " * 80), reply_ts=(message(number, 5).ts,))


@pytest.fixture
async def intact(tmp_path: Path) -> Path:
    """A file with 60 answered threads, a few questions that wait, and some instructions."""
    path = tmp_path / "intact.db"
    store = await SqliteStore.open(path)
    for number in range(60):
        asked = message(number)
        await receive(store, asked)
        if number % 10:
            answered = Conversation().add(turn(number))
            await store.commit(asked.thread, answered, 1, [QueuedMessage(asked)])
    for number in range(5):
        await store.add_revision(SCOPE, SettingsChange(ANN, ScopeSettings("Be brief."), number))
    await store.close()
    return path


def pages(path: Path) -> range:
    return range(path.stat().st_size // PAGE)


def damaged_copy(intact: Path, path: Path, page: int, damage: Damage) -> None:
    content = bytearray(intact.read_bytes())
    content[page * PAGE : (page + 1) * PAGE] = damage(bytes(content[page * PAGE :][:PAGE]))
    path.write_bytes(content)


def root_pages(path: Path) -> set[int]:
    """The pages without which a whole tree is lost: the first, and the roots of both trees."""
    return {0, *(number - 1 for (number,) in sql(path, "SELECT rootpage FROM sqlite_schema"))}


def is_intact(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("name", DAMAGES)
async def test_each_page_in_turn(intact: Path, path: Path, name: str) -> None:
    """No key is lost, and the other values are as they were; a lost root is refused as damage."""
    before, refused = rows(intact), set()
    for page in pages(intact):
        damaged_copy(intact, path, page, DAMAGES[name])
        try:
            table = SqliteTable.open(path)
        except StoreError:
            refused.add(page)
            continue
        try:
            assert table.repair()
        except LostStoreError:
            refused.add(page)
            continue
        finally:
            table.close()
        after = rows(path)
        assert is_intact(path)
        assert before.keys() <= after.keys(), page
        lost = {key for key in before if after[key] != before[key]}
        assert all(after[key] == b"" for key in lost), page
        assert len(lost) < PAGE / 100
        (aside,) = path.parent.glob("slackbot.db.damaged-*")
        aside.unlink()
    assert refused <= root_pages(intact)
    assert not list(path.parent.glob("*.repaired*"))


def lost_by_damage(intact: Path, path: Path, *damaged: int) -> set[str]:
    """The keys whose values a repair does not find where these pages are overwritten."""
    content = bytearray(intact.read_bytes())
    for page in damaged:
        content[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
    path.write_bytes(content)
    table = SqliteTable.open(path)
    try:
        assert table.repair()
    finally:
        table.close()
    (aside,) = path.parent.glob("slackbot.db.damaged-*")
    aside.unlink()
    before, after = rows(intact), rows(path)
    assert before.keys() <= after.keys()
    return {key for key in before if after[key] != before[key]}


def test_rows_between_two_damaged_pages(intact: Path, path: Path) -> None:
    """They are kept, however unevenly the numbers of the rows are spread."""
    rng, number = random.Random(7), 1_000_000  # noqa: S311 - no secret
    for (rowid,) in sql(intact, "SELECT rowid FROM store ORDER BY rowid"):
        number += rng.choice([1, 1, 1, 1, 1_000, 30_000])
        sql(intact, "UPDATE store SET rowid = ? WHERE rowid = ?", number, rowid)
    sql(intact, "VACUUM")
    content = intact.read_bytes()
    leaves = [
        page
        for page in pages(intact)
        if content[page * PAGE] == TABLE_LEAF and page not in root_pages(intact)
    ]
    alone = {page: lost_by_damage(intact, path, page) for page in leaves}
    assert all(alone.values())
    for first in leaves:
        for second in leaves[leaves.index(first) + 1 :]:
            lost = lost_by_damage(intact, path, first, second)
            assert lost == alone[first] | alone[second]


def all_operations(store: SqliteStore) -> list[Coroutine[Any, Any, object]]:
    """Every operation, on a thread whose rows are all over the file, and on a new one."""
    asked, new = message(31), message(99)
    queued, talk, said = [QueuedMessage(message(30))], thread(30), turn(31)
    return [
        store.unanswered(),
        store.append(MessageReceived(new), opens=True),
        store.events(new.thread),
        store.receive(new.thread, 61, new),
        store.waiting(talk),
        store.place([message(30)], (Ts("1700000030.000009"),)),
        store.place_again(talk, 0, (Ts("1700000030.000009"),)),
        store.draft(talk, "1", turn(30), queued),
        store.drafted(talk, "1"),
        store.load(asked.thread),
        store.knows(asked.thread, asked.ts),
        store.fold(asked.thread, 62, asked.ts, Deleted(asked.ts)),
        store.rewrite(asked.thread, 0, said, said),
        store.commit(talk, Conversation().add(turn(30)), 1, queued),
        store.discard(talk, 63, forget=True),
        store.search(TEAM, CHANNEL, ["question"], 3),
        store.revisions(SCOPE),
        store.last_revision(SCOPE),
        store.last_revisions([SCOPE]),
        store.current_revisions(TEAM),
        store.change_records(TEAM),
        store.teams(),
        store.add_revision(SCOPE, SettingsChange(ANN, ScopeSettings("Be kind."), 5)),
        store.allow(TEAM, CHANNEL, ANN, may=True),
        store.allowed(TEAM, CHANNEL),
        store.feedback(TEAM),
        store.rates(TEAM),
        store.check(),
        store.forget_untouched(0.0),
        store.forget_thread(CHANNEL, message(32).ts),
        store.forget_user(UserId("U2")),
        store.forget_channel(ChannelId("C2")),
        store.forget_team(TeamId("T2")),
    ]


@pytest.mark.parametrize("together", [False, True], ids=["in a row", "together"])
async def test_every_operation_ends(intact: Path, path: Path, *, together: bool) -> None:
    """Whichever page is damaged, each ends in a value or a StoreError, and the store closes."""
    usable = 0
    for page in pages(intact):
        damaged_copy(intact, path, page, DAMAGES["ones"])
        try:
            store = await SqliteStore.open(path)
        except StoreError:
            assert page in root_pages(intact)
            continue
        if together:
            outcomes = await asyncio.gather(*all_operations(store), return_exceptions=True)
        else:
            outcomes = [
                (await asyncio.gather(each, return_exceptions=True))[0]
                for each in all_operations(store)
            ]
        errors = [each for each in outcomes if isinstance(each, BaseException)]
        assert all(isinstance(each, StoreError) for each in errors), (page, errors)
        if page not in root_pages(intact):
            assert not errors
            usable += 1
        await store.close()
        for left in path.parent.glob("slackbot.db*"):
            left.unlink()
    assert usable > 20


async def test_a_repair_is_in_the_log(
    intact: Path, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One line names both files, and how much is lost; no content is in it."""
    page = sql(intact, "SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name = 'store'")
    damaged_copy(intact, path, page[-2][0] - 1, DAMAGES["ones"])
    store = await SqliteStore.open(path)
    assert await store.search(TEAM, CHANNEL, ["question"], 100)
    repaired = [each for each in caplog.records if "is repaired" in each.getMessage()]
    assert [each.levelno for each in repaired] == [logging.ERROR]
    (aside,) = path.parent.glob("slackbot.db.damaged-*")
    assert str(path) in repaired[0].getMessage()
    assert str(aside) in repaired[0].getMessage()
    assert "question" not in caplog.text
    await store.close()


async def test_a_second_program_repairs_nothing(intact: Path, path: Path) -> None:
    """A command that may run next to a bot is told of the damage, and leaves the file as it is."""
    pages = sql(intact, "SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name = 'store'")
    damaged_copy(intact, path, pages[-2][0] - 1, DAMAGES["ones"])
    before = rows(intact).keys()
    command = await SqliteStore.open(path, shared=True)
    with pytest.raises(StoreError, match="is damaged: it has to be repaired"):
        await command.search(TEAM, CHANNEL, ["question"], 100)
    await command.close()
    assert dict(sql(path, "SELECT key, 1 FROM store ORDER BY key")).keys() == before


async def test_an_older_database_is_repaired_before_it_is_migrated(
    intact: Path, path: Path
) -> None:
    """A migration reads all rows; a damaged page does not keep the file from being opened."""
    pages = sql(intact, "SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name = 'store'")
    sql(intact, "PRAGMA user_version = 3")
    damaged_copy(intact, path, pages[-2][0] - 1, DAMAGES["ones"])
    store = await SqliteStore.open(path)
    assert await store.search(TEAM, CHANNEL, ["question"], 100)
    await store.close()
    assert is_intact(path)
    assert sql(path, "PRAGMA user_version") == [(VERSION,)]


async def test_too_much_damage_is_a_failure(
    intact: Path, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Without the root of its rows, a file is left as it is, and the log says what to do."""
    ((root,),) = sql(intact, "SELECT rootpage FROM sqlite_schema WHERE type = 'table'")
    damaged_copy(intact, path, root - 1, DAMAGES["ones"])
    store = await SqliteStore.open(path)
    for _ in range(2):
        with pytest.raises(StoreError, match="is damaged: it has to be repaired"):
            await store.search(TEAM, CHANNEL, ["question"], 100)
    assert "put a backup in its place, or recover it" in (await store.failed).reason
    assert [each.levelno for each in caplog.records] == [logging.CRITICAL]
    assert [each.name for each in path.parent.glob("slackbot.db*d*")] == []
    await store.close()


def test_a_repair_that_fails_leaves_the_file(intact: Path, path: Path) -> None:
    """With too little left, or without room, the damaged file stays where it is."""
    shutil.copy(intact, path)
    table = SqliteTable.open(path)
    path.with_name("slackbot.db.repaired").mkdir()
    before = path.read_bytes()
    with pytest.raises(LostStoreError, match="is damaged"):
        table.repair()
    assert path.read_bytes() == before
    table.close()


async def test_what_a_killed_repair_left_is_removed(path: Path) -> None:
    """A new file that was not finished holds everything, and nothing is deleted there."""
    unfinished = [path.with_name(f"{path.name}.repaired{suffix}") for suffix in ("", "-wal")]
    for file in unfinished:
        file.write_text("a secret")
    await (await SqliteStore.open(path)).close()
    assert not any(file.exists() for file in unfinished)
