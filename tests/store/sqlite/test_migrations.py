"""A database that an older version of the bot wrote goes on: `layouts/` has one of each."""

import json
import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.history import (
    Answer,
    AudioRef,
    Conversation,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import MessageReceived
from slackbot.conversation.messages import (
    Message,
    PendingWork,
    QueuedMessage,
    QueuedRegeneration,
    ThreadKey,
)
from slackbot.errors import StoreError
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import NO_SETTINGS, ScopeSettings
from slackbot.store import open_store
from slackbot.store.sqlite import SqliteStore
from tests.store.rows import rows, sql

T1 = TeamId("T1")
U1 = UserId("U1")
U2 = UserId("U2")

CHANNEL = ThreadKey(T1, ChannelId("C1"), Ts("1700000000.000100"))
DIRECT = ThreadKey(T1, ChannelId("D2"), Ts("1700000100.000100"))
ELSEWHERE = ThreadKey(TeamId("T2"), ChannelId("C9"), Ts("1700000200.000100"))

PHOTO = Attachment("F1", "photo.png", "image/png", 34_000)
VOICE = Attachment("F2", "voice.m4a", "audio/mp4", 5_000, "what was said aloud")

FIRST = Turn(
    (UserMessage("Ann", "grüß Gott & 👋", Ts("1700000000.000100"), U1),),
    Answer("Half an emoji \ud83d"),
    (Ts("1700000001.000100"), Ts("1700000002.000100")),
)
SECOND = Turn(
    (
        UserMessage(
            "Ben",
            "and this?",
            Ts("1700000010.000100"),
            U2,
            (PHOTO, VOICE, Attachment("F3")),
        ),
    ),
    Answer("A cat", "length", "I won't say more", AudioRef("audio_1", 1_700_009_999)),
    (Ts("1700000011.000100"),),
    {U1: "good"},
)
THIRD = Turn(
    (
        UserMessage("Ann", "add 1 and 2", Ts("1700000020.000100"), U1),
        UserMessage("Ben", "not for you", Ts("1700000021.000100"), U2, for_bot=False),
    ),
    Answer("3"),
    (Ts("1700000022.000100"),),
    {U2: "bad"},
    (
        ToolRound(
            "Let me see",
            (ToolCall("call_1", "add", '{"a":1,"b":2}'), ToolCall("call_2", "now")),
            {"call_1": "3", "call_2": "noon"},
        ),
    ),
)
COUNT = Message(DIRECT, DIRECT.ts, UserId("U3"), "count the files", direct=True, files=(PHOTO,))
GONE = Message(DIRECT, Ts("1700000110.000100"), UserId("U3"), "", direct=True)
REPORT = Message(ELSEWHERE, ELSEWHERE.ts, UserId("B7"), "<@UBOT> report", author="bot")


@pytest.fixture
def layout_3(path: Path) -> Path:
    """A file as the version before wrote it."""
    with closing(sqlite3.connect(path)) as written:
        written.executescript((Path(__file__).parent / "layouts" / "3.sql").read_text())
    return path


async def test_conversations_are_all_there(layout_3: Path) -> None:
    """Turns, answers, tools, files, ratings and figures, also what is no longer sent."""
    store = await SqliteStore.open(layout_3)
    names = {U1: "Ann", U2: "Ben"}
    stored = await store.load(CHANNEL)
    assert stored == Conversation((SECOND, THIRD), 1, names, 0.3125)
    assert (await store.load(CHANNEL, until=0)).turns == (FIRST,)
    assert await store.feedback(T1) == {"good": 1, "bad": 1}
    assert await store.knows(CHANNEL, Ts("1700000022.000100"))
    await store.close()


async def test_what_waits_still_waits(layout_3: Path) -> None:
    """Messages with their replies, the wish for another answer, and the tools used so far."""
    store = await SqliteStore.open(layout_3)
    assert await store.unanswered() == [CHANNEL, DIRECT, ELSEWHERE]
    place = (Ts("1700000111.000100"),)
    waiting = (QueuedMessage(COUNT, place), QueuedMessage(GONE, place, deleted=True))
    assert await store.waiting(DIRECT) == PendingWork(waiting)
    assert await store.waiting(CHANNEL) == PendingWork(again=(QueuedRegeneration(2),))
    assert await store.waiting(ELSEWHERE) == PendingWork((QueuedMessage(REPORT),))
    regenerated = await store.drafted(CHANNEL, "00000002")
    half = ToolRound("", (ToolCall("call_3", "add", '{"a":1}'),), {"call_3": "half \ud83d"})
    assert regenerated == Turn(THIRD.messages, tool_rounds=(half,))
    new = await store.drafted(DIRECT, DIRECT.ts)
    asked = UserMessage("Cem", "count the files", DIRECT.ts, UserId("U3"), (PHOTO,))
    listed = ToolRound("", (ToolCall("call_9", "list"),), {"call_9": "7"})
    assert new == Turn((asked,), tool_rounds=(listed,))
    await store.close()


async def test_instructions_keep_their_history(layout_3: Path) -> None:
    """Every revision, what was changed in which order, and who may change a channel's."""
    store = await SqliteStore.open(layout_3)
    poet = ScopeSettings("You are a poet.", "gpt-5", "mentions", None, ("speech", "search"))
    revisions = await store.revisions(Scope(T1, ChannelId("C1")))
    assert [each.settings for each in revisions] == [poet, NO_SETTINGS, poet]
    assert [(each.number, each.at, each.restores) for each in revisions] == [
        (1, 1_700_001_000, None),
        (2, 1_700_001_000, None),
        (3, 1_700_001_000, 1),
    ]
    changes = await store.change_records(T1)
    assert [each.scope.channel for each in changes] == ["", "C1", "C1", "C1", "C1"]
    pirate = ScopeSettings("You are a pirate.", prompts=("Hello?", "Who are you?"))
    assert changes[0].revision.settings == pirate
    assert changes[0].revision.request_ts == "1700000030.000100"
    assert changes[-1].revision.settings == ScopeSettings(model="gpt-5-mini")
    assert await store.allowed(T1, ChannelId("C1")) == ["U2", "U3"]
    standing = await store.current_revisions(TeamId("T2"))
    assert [each.settings for each in standing.values()] == [ScopeSettings(answering="never")]
    await store.close()


async def test_the_bot_goes_on(layout_3: Path) -> None:
    """What was known stays known, and what waits is answered under the old numbers."""
    store = await SqliteStore.open(layout_3)
    command = Message(CHANNEL, Ts("1700000030.000100"), U1, "<@UBOT> instructions show")
    for known in (replace(COUNT, files=()), GONE, command):
        assert not await store.append(MessageReceived(known), opens=True)
    more = Message(CHANNEL, Ts("1700000300.000100"), U2, "and more?")
    assert await store.append(MessageReceived(more), opens=False)
    (event,) = await store.events(CHANNEL)
    assert (await store.receive(CHANNEL, event.number, more)).received
    again = replace(THIRD, answer=Answer("4"), feedback={})
    assert await store.rewrite(CHANNEL, 2, THIRD, again)
    assert await store.drafted(CHANNEL, "00000002") is None
    said = UserMessage("Ben", "and more?", more.ts, U2)
    conversation = (await store.load(CHANNEL)).add(Turn((said,), Answer("No")))
    assert await store.commit(CHANNEL, conversation, 1, [QueuedMessage(more)])
    assert [each.answer for each in (await store.load(CHANNEL)).turns] == [
        SECOND.answer,
        Answer("4"),
        Answer("No"),
    ]
    await store.close()


async def test_no_row_is_lost(layout_3: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each row is there in the new layout, what was set aside as it was; the log says so once."""
    before = rows(layout_3)
    for _ in range(2):
        with caplog.at_level(logging.INFO):
            store = await SqliteStore.open(layout_3)
            await store.close()
    after = rows(layout_3)
    drafts = {
        f"draft/T1/C1/{CHANNEL.ts}": f"draft/T1/C1/{CHANNEL.ts}/00000002",
        f"draft/T1/D2/{DIRECT.ts}": f"draft/T1/D2/{DIRECT.ts}/{DIRECT.ts}",
    }
    tools = [f"{draft}/0000{row}" for draft in drafts.values() for row in ("", "/0000")]
    assert sorted(after) == sorted([*(drafts.get(key, key) for key in before), *tools])
    for key, value in after.items():
        if key.startswith("corrupt/"):
            assert value == before[key]
        else:
            assert json.loads(value)["v"] == 5
    (line,) = caplog.messages
    assert line == f"Migrated the database to layout 5: {len(before) - 1} rows"


async def test_many_rows(layout_3: Path) -> None:
    """They are migrated page by page, in one transaction."""
    with closing(sqlite3.connect(layout_3)) as other, other:
        other.executemany(
            "INSERT INTO store VALUES (?, CAST('{\"v\":3}' AS BLOB))",
            [(f"allowed/T1/C2/U{number:04d}",) for number in range(1_200)],
        )
    store = await SqliteStore.open(layout_3)
    assert len(await store.allowed(T1, ChannelId("C2"))) == 1_200
    assert await store.unanswered() == [CHANNEL, DIRECT, ELSEWHERE]
    assert not [value for value in rows(layout_3).values() if value == b'{"v":3}']
    await store.close()


async def test_a_migration_that_breaks_off_leaves_all_as_it_was(layout_3: Path) -> None:
    """The file stays one of the older version; once nothing is in the way it is migrated."""
    before = rows(layout_3)
    sql(
        layout_3,
        "CREATE TRIGGER t BEFORE INSERT ON store WHEN new.key LIKE 'turn/%2' "
        "BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    with pytest.raises(StoreError, match="see to its permissions"):
        await SqliteStore.open(layout_3)
    assert rows(layout_3) == before
    sql(layout_3, "DROP TRIGGER t")
    store = await SqliteStore.open(layout_3)
    assert len((await store.load(CHANNEL)).turns) == 2
    await store.close()


async def test_what_is_damaged_is_left_as_it_is(layout_3: Path) -> None:
    """It costs its own conversation, as ever, and no other."""
    sql(layout_3, "UPDATE store SET value = '{\"v\":3,\"said\":7}' WHERE key LIKE 'turn/%2'")
    store = await SqliteStore.open(layout_3)
    assert await store.load(CHANNEL) == Conversation(lost=True)
    assert (await store.waiting(DIRECT)).messages
    await store.close()


async def test_a_draft_without_a_question_stops_nothing(layout_3: Path) -> None:
    """The database opens, and everything else goes on."""
    sql(
        layout_3,
        "UPDATE store SET value = CAST(json_set(CAST(value AS TEXT), '$.said', json('[]')) AS BLOB)"
        " WHERE key LIKE 'draft/%/D2/%'",
    )
    store = await SqliteStore.open(layout_3)
    assert await store.drafted(DIRECT, DIRECT.ts) is None
    assert await store.drafted(CHANNEL, "00000002") is not None
    assert len((await store.waiting(DIRECT)).messages) == 2
    await store.close()


async def test_a_draft_that_belongs_to_no_turn_is_dropped(layout_3: Path) -> None:
    """Its question neither waits nor is part of a turn, or it can't be read."""
    sql(layout_3, "DELETE FROM store WHERE key LIKE ?", f"open/T1/D2/%/{DIRECT.ts}")
    sql(layout_3, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'draft/T1/C1/%'")
    store = await SqliteStore.open(layout_3)
    await store.close()
    assert not [key for key in rows(layout_3) if key.startswith("draft/")]


async def test_a_newer_versions_database_is_refused(layout_3: Path) -> None:
    """In one sentence, before anything is written; the file is free afterwards."""
    before = rows(layout_3)
    sql(layout_3, "PRAGMA user_version = 6")
    for shared in (False, True):
        with pytest.raises(StoreError, match="newer version of the bot: update the bot"):
            await SqliteStore.open(layout_3, shared=shared)
    assert rows(layout_3) == before
    sql(layout_3, "PRAGMA user_version = 3")
    await (await SqliteStore.open(layout_3)).close()


async def test_an_older_database_in_use_is_not_migrated(layout_3: Path) -> None:
    """Next to a running bot of the older version nothing is changed."""
    url, before = f"sqlite:///{layout_3}", rows(layout_3)
    running = await SqliteStore.open(layout_3)
    sql(layout_3, "PRAGMA user_version = 0")
    migrated = rows(layout_3)
    with pytest.raises(StoreError, match="Another process is using"):
        await open_store(url, shared=True)
    assert rows(layout_3) == migrated != before
    await running.close()
    store = await open_store(url, shared=True)
    assert (await store.load(CHANNEL)).start == 1
    await store.close()


@pytest.mark.parametrize("row", ["{}", '{"reply_ts": null}', '{"reply_ts": [1]}'])
async def test_an_older_row_without_its_parts_stops_nothing(layout_3: Path, row: str) -> None:
    """A waiting message that can't be read in its own layout is left for `waiting` to tell of."""
    key = "open/T1/C1/1700009999.000000/1700009999.000000"
    value = f'{{"v":4,{row[1:]}'.replace(",}", "}")
    sql(layout_3, "INSERT INTO store VALUES (?, ?)", key, value)
    thread = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700009999.000000"))
    store = await SqliteStore.open(layout_3)
    assert (await store.waiting(thread)).lost == (thread.ts,)
    assert len((await store.waiting(DIRECT)).messages) == 2
    await store.close()
