"""A file of each earlier layout, as the code of its time wrote it, is there in this one."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from slackbot.conversation.history import Answer, Conversation, ToolCall, ToolRound, Turn
from slackbot.conversation.history import UserMessage as Said
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
from slackbot.store.row_format import VERSION
from slackbot.store.sqlite import SqliteStore
from tests.store.rows import rows, sql

LAYOUTS = Path(__file__).parent / "layouts"

T1, C1 = TeamId("T1"), ChannelId("C1")
CHANNEL = ThreadKey(T1, C1, Ts("1700000000.000100"))
DIRECT = ThreadKey(T1, ChannelId("D2"), Ts("1700000100.000100"))
U1, U2, U3 = map(UserId, ("U1", "U2", "U3"))
NAMES = {U1: "Ann", U2: "Ben"}

COUNT = Message(DIRECT, DIRECT.ts, U3, "count the files", direct=True)
REPORT = Message(CHANNEL, Ts("1700000200.000100"), UserId("B7"), "<@UBOT> report", author="bot")
PLACE = (Ts("1700000101.000100"),)

HELLO = Said("Ann", "grüß Gott", CHANNEL.ts, U1)
MORE = Said("Ben", "and more?", Ts("1700000010.000100"), U2)
EMOJI = Answer("Half an emoji \ud83d")
REFUSAL = Answer("", "content_filter", "I won't say more")
REPLIES = ((Ts("1700000001.000100"),), (Ts("1700000011.000100"),))


def written(layout: str, path: Path) -> Path:
    """The file of a layout."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript((LAYOUTS / f"{layout}.sql").read_text())
    return path


@pytest.mark.parametrize("layout", sorted(each.stem for each in LAYOUTS.glob("*.sql")))
async def test_each_row_is_of_this_layout(layout: str, path: Path) -> None:
    """Nothing of an older layout is left, and the file says which one it has."""
    written(layout, path)
    await (await SqliteStore.open(path)).close()
    versions = {json.loads(value)["v"] for key, value in rows(path).items() if "corrupt" not in key}
    assert versions == {VERSION}
    assert sql(path, "PRAGMA user_version") == [(VERSION,)]


async def test_layout_1(path: Path) -> None:
    """Conversations and what waits; who said what was not stored yet."""
    store = await SqliteStore.open(written("1", path))
    turns = (Turn((Said("Ann", "grüß Gott"),), EMOJI), Turn((Said("Ben", "and more?"),), REFUSAL))
    assert await store.load(CHANNEL) == Conversation(turns, 0, NAMES, 0.3125)
    assert await store.unanswered() == [DIRECT, CHANNEL]
    assert await store.waiting(DIRECT) == PendingWork((QueuedMessage(COUNT, PLACE),))
    assert await store.waiting(CHANNEL) == PendingWork((QueuedMessage(REPORT),))
    for known in (COUNT, REPORT, Message(CHANNEL, MORE.ts, U2, "and more?")):
        assert not await store.append(MessageReceived(known), opens=True)
    await store.close()


@pytest.mark.parametrize("layout", ["2", "2_texts"])
async def test_layout_2(layout: str, path: Path) -> None:
    """Conversations with ratings, what waits, and instructions with their history."""
    store = await SqliteStore.open(written(layout, path))
    first = Turn((HELLO,), EMOJI, REPLIES[0])
    second = Turn((MORE,), REFUSAL, REPLIES[1], {U1: "good"})
    assert await store.load(CHANNEL) == Conversation((first, second), 0, NAMES, 0.3125)
    assert await store.feedback(T1) == {"good": 1, "bad": 0}
    gone = Message(DIRECT, DIRECT.ts, U3, "", direct=True)
    waiting = (QueuedMessage(gone, PLACE, deleted=True),)
    assert await store.waiting(DIRECT) == PendingWork(waiting)
    assert await store.waiting(CHANNEL) == PendingWork(
        (QueuedMessage(REPORT),), (QueuedRegeneration(1),)
    )
    pirate = ScopeSettings("You are a pirate.", prompts=("Hello?",))
    poet = ScopeSettings("You are a poet.", "gpt-5", "mentions")
    if layout == "2_texts":
        pirate, poet = ScopeSettings("You are a pirate."), ScopeSettings("You are a poet.")
    assert [each.settings for each in await store.revisions(Scope(T1))] == [pirate]
    revisions = await store.revisions(Scope(T1, C1))
    assert [each.settings for each in revisions] == [poet, NO_SETTINGS, poet]
    assert revisions[2].restores == 1
    changes = await store.change_records(T1)
    assert [(each.scope.channel, each.revision.number) for each in changes] == [
        ("", 1),
        ("C1", 1),
        ("C1", 2),
        ("C1", 3),
    ]
    assert await store.allowed(T1, C1) == [U2]
    await store.close()


async def test_layout_4(path: Path) -> None:
    """Tools and drafts, events that are not folded in, and how old a conversation is."""
    store = await SqliteStore.open(written("4", path))
    first, second = (await store.load(CHANNEL)).turns
    assert (first.answer, second.feedback) == (EMOJI, {U1: "good"})
    assert second.tool_rounds[0].results == {"call_1": "1", "call_2": "noon"}
    again = await store.drafted(CHANNEL, "00000001")
    calls = (ToolCall("call_3", "add", '{"a":1}'), ToolCall("call_4", "now"))
    half = ToolRound("Again", calls, {"call_3": "half \ud83d"})
    assert again == Turn(second.messages, tool_rounds=(half,))
    new = await store.drafted(DIRECT, DIRECT.ts)
    assert new is not None
    assert new.tool_rounds == (
        ToolRound("", (ToolCall("call_9", "list"),), {"call_9": "7"}),
        ToolRound("More", (ToolCall("call_10", "list"),)),
    )
    events = await store.events(DIRECT)
    assert [each.event.kind for each in events] == ["message", "stop"]
    assert await store.waiting(DIRECT) == PendingWork((QueuedMessage(COUNT, PLACE),))
    header = json.loads(rows(path)[f"header/T1/C1/{CHANNEL.ts}"])
    assert header["newest"] == 1_700_000_011  # by Slack's clock, whatever the machine's was
    poet = ScopeSettings("You are a poet.", "gpt-5", "mentions", None, ("search",))
    revision = await store.last_revision(Scope(T1, C1))
    assert revision is not None
    assert revision.settings == poet
    await store.close()


async def test_a_later_version_went_on(path: Path) -> None:
    """Where a row of an older layout is next to its successor, the successor stays."""
    written("1", path)
    newer = json.dumps({"v": 2, "thread": "1700000000.000100", "turn": 0})
    sql(path, "UPDATE store SET value = ? WHERE key = ?", newer, f"claim/T1/C1/{MORE.ts}")
    header = {"v": 4, "length": 0, "touched": 7, "start": 0, "names": {}, "tokens_per_byte": 0.5}
    sql(path, "INSERT INTO store VALUES (?, ?)", f"header/T1/C1/{CHANNEL.ts}", json.dumps(header))
    store = await SqliteStore.open(path)
    assert (await store.load(CHANNEL)).tokens_per_byte == 0.5
    await store.close()


async def test_what_is_damaged_in_layout_1_is_told(path: Path) -> None:
    """A conversation starts again and says so, and a question is known as lost."""
    written("1", path)
    sql(path, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'thread/%/header'")
    sql(path, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'open/T1/D2/%'")
    store = await SqliteStore.open(path)
    assert await store.load(CHANNEL) == Conversation(lost=True)
    assert await store.unanswered() == [DIRECT, CHANNEL]
    assert await store.waiting(DIRECT) == PendingWork(lost=(DIRECT.ts,))
    await store.close()


async def test_a_newer_layout_is_refused(path: Path) -> None:
    """In a sentence that says what to do, whoever opens it."""
    await (await SqliteStore.open(path)).close()
    sql(path, f"PRAGMA user_version = {VERSION + 1}")
    for shared in (False, True):
        with pytest.raises(StoreError, match="newer version of the bot: update the bot"):
            await SqliteStore.open(path, shared=shared)
