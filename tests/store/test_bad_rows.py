"""Rows that can't be read are set aside, and what their people must be told is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from slackbot.conversation.changes import Deleted, Edited, Rated, Regenerated
from slackbot.conversation.controls import Press
from slackbot.conversation.history import (
    Answer,
    Conversation,
    ToolCall,
    ToolRound,
    Turn,
    UserMessage,
)
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    InboxEvent,
    MessageDeleted,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Message, PendingWork, QueuedMessage, ThreadKey
from slackbot.errors import StoreError
from slackbot.store import RecordStore
from tests.store.rows import fold, receive, rows, sql, unanswered

U1 = UserId("U1")

THREAD = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000100"))
OTHER = ThreadKey(TeamId("T1"), ChannelId("C1"), Ts("1700000000.000900"))
HELLO = Message(THREAD, THREAD.ts, U1, "hello")
MORE = Message(THREAD, Ts("1700000005.000000"), U1, "and this?")
ELSEWHERE = Message(OTHER, OTHER.ts, UserId("U3"), "something else")

HEADER = "header/T1/C1/1700000000.000100"
OPEN = "open/T1/C1/1700000000.000100/1700000000.000100"


async def test_a_damaged_open_message_is_lost(
    store: RecordStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is set aside, and known by its ts until its people are told; the others are found."""
    await receive(store, HELLO, opens=True)
    await receive(store, ELSEWHERE, opens=True)
    sql(path, "UPDATE store SET value = CAST(x'ff' AS TEXT) WHERE key = ?", OPEN)
    assert await unanswered(store) == [QueuedMessage(ELSEWHERE)]
    (line,) = caplog.records
    assert OPEN in line.getMessage()
    assert any(key.startswith("corrupt/") and key.endswith(OPEN) for key in rows(path))
    assert await store.waiting(THREAD) == PendingWork(lost=(HELLO.ts,))
    assert THREAD in await store.unanswered()
    await store.drop_lost(THREAD, HELLO.ts)
    assert await store.waiting(THREAD) == PendingWork()
    assert THREAD not in await store.unanswered()


async def test_a_lost_message_that_is_edited_waits_again(store: RecordStore, path: Path) -> None:
    """The edit says what it says: nobody needs to be told. A deletion needs no answer either."""
    edited = Edited(replace(HELLO, markup="once more"), "once more", wants_answer=True)
    for change in (edited, Deleted(HELLO.ts)):
        await store.forget_team(HELLO.thread.team)
        await store.admit_team(HELLO.thread.team)
        await receive(store, HELLO, opens=True)
        sql(path, "UPDATE store SET value = 'no JSON' WHERE key = ?", OPEN)
        assert (await store.waiting(THREAD)).lost == (HELLO.ts,)
        await fold(store, THREAD, HELLO.ts, change)
        work = await store.waiting(THREAD)
        assert work.lost == ()
        assert [each.message.markup for each in work.messages] == (
            ["once more"] if isinstance(change, Edited) else []
        )


async def test_events_that_cannot_be_read(store: RecordStore, path: Path) -> None:
    """What the key says is enough for a stop, a deletion and a press; a message is lost."""
    press = Press(THREAD, Ts("1700000009.000000"), U1, "again", "", Ts("1700000010.000000"))
    known: list[InboxEvent] = [
        StopRequested(THREAD, U1, Ts("1700000011.000000")),
        MessageDeleted(THREAD, Ts("1700000012.000000")),
        ButtonPressed(press),
    ]
    confirmed = ButtonPressed(replace(press, button="confirm", call="call_1"))
    for event in (MessageReceived(HELLO), *known, confirmed):
        await store.append(event, opens=True)
    sql(path, "UPDATE store SET value = '{\"v\":6}' WHERE key LIKE 'inbox/%'")
    assert [each.event for each in await store.events(THREAD)] == known
    assert (await store.waiting(THREAD)).lost == (HELLO.ts,)
    assert sum(key.startswith("corrupt/") for key in rows(path)) == 2
    assert not await store.append(MessageReceived(HELLO), opens=True)
    assert await store.append(MessageReceived(MORE), opens=False)


async def test_a_lost_turn_to_answer_again(store: RecordStore, path: Path) -> None:
    """Its reply may show that it is being written: its people are told, by its question's ts."""
    for key in (HEADER, "turn/T1/C1/1700000000.000100/00000000"):
        await store.forget_team(HELLO.thread.team)
        await store.admit_team(HELLO.thread.team)
        await receive(store, HELLO, opens=True)
        said = UserMessage("Ann", "hello", HELLO.ts, U1)
        reply = Ts("1700000001.000000")
        conversation = Conversation((Turn((said,), Answer("Hi"), (reply,)),))
        assert await store.commit(THREAD, conversation, 1, [QueuedMessage(HELLO)])
        await fold(store, THREAD, reply, Regenerated(reply))
        sql(path, "UPDATE store SET value = 'no JSON' WHERE key = ?", key)
        assert (await store.load(THREAD, until=0)).lost
        assert await store.waiting(THREAD) == PendingWork(lost=(HELLO.ts,))


async def test_what_is_counted_is_set_aside(store: RecordStore, path: Path) -> None:
    """Before the count begins again: nothing that can't be read is written over."""
    await store.commit(
        THREAD, Conversation((Turn((), Answer("Hi"), (Ts("1700000001.000000"),)),)), 1, []
    )
    sql(path, "INSERT INTO store VALUES ('feedback/T1', 'no JSON')")
    await fold(store, THREAD, Ts("1700000001.000000"), Rated(Ts("1700000001.000000"), U1, "good"))
    assert await store.feedback(TeamId("T1")) == {"good": 1, "bad": 0}
    assert [value for key, value in rows(path).items() if key.startswith("corrupt/")] == [
        b"no JSON"
    ]


async def test_a_draft_that_cannot_be_read(store: RecordStore, path: Path) -> None:
    """The person is told once: tools may be used twice. It is set aside, and work begins again."""
    for part in ("", "/0000", "/0000/0000"):
        await store.forget_team(HELLO.thread.team)
        await store.admit_team(HELLO.thread.team)
        await receive(store, HELLO, opens=True)
        tool_round = ToolRound("", (ToolCall("1", "add"),), {"1": "2"})
        turn = Turn((UserMessage("Ann", "hello", HELLO.ts, U1),), tool_rounds=(tool_round,))
        await store.draft(THREAD, HELLO.ts, turn, [QueuedMessage(HELLO)])
        assert await store.drafted(THREAD, HELLO.ts) == turn
        sql(
            path,
            "UPDATE store SET value = 7 WHERE key = ?",
            f"draft/T1/C1/{THREAD.ts}/{HELLO.ts}{part}",
        )
        with pytest.raises(StoreError, match="lost my notes"):
            await store.drafted(THREAD, HELLO.ts)
        assert await store.drafted(THREAD, HELLO.ts) is None
        assert sum(key.startswith("corrupt/") for key in rows(path)) == 3


@pytest.mark.parametrize("length", [10**11, 10**30])
async def test_a_header_with_an_absurd_length(store: RecordStore, path: Path, length: int) -> None:
    """A conversation that says it has more turns than there can be is set aside at once."""
    await receive(store, HELLO, opens=True)
    sql(
        path,
        "UPDATE store SET value = replace(CAST(value AS TEXT), ?, ?) WHERE key = ?",
        '"length":0',
        f'"length":{length}',
        HEADER,
    )
    assert await store.load(THREAD) == Conversation(lost=True)
