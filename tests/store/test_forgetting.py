"""What is deleted is gone: from the rows, and from the bytes of the files."""

import asyncio
import itertools
import sqlite3
import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from slackbot.conversation.attachment import Attachment
from slackbot.conversation.changes import Deleted, Rated, Regenerated
from slackbot.conversation.controls import Press
from slackbot.conversation.history import Answer, Conversation, Turn, UserMessage
from slackbot.conversation.ids import ChannelId, TeamId, Ts, UserId
from slackbot.conversation.inbox_events import (
    ButtonPressed,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    StopRequested,
)
from slackbot.conversation.messages import Message, QueuedMessage, ThreadKey
from slackbot.errors import StoreError
from slackbot.instructions.revisions import SettingsChange
from slackbot.instructions.scopes import Scope
from slackbot.instructions.settings import ScopeSettings
from slackbot.store import RecordStore, open_store
from slackbot.store.archive import ConversationTable
from slackbot.store.drafts import DraftTable
from slackbot.store.forgetting import ROWS_PER_PAGE, STEP_SECONDS, DataDeletion
from slackbot.store.revisions import RevisionTable
from slackbot.store.sqlite import store as sqlite_module
from slackbot.store.sqlite import transactions
from slackbot.store.sqlite.table import SqliteTable
from slackbot.store.thread_deletion import DeletionReport, ThreadDeletion
from tests.store.rows import fold, keys_of, occurrences, receive, sql

C1 = ChannelId("C1")
T1 = TeamId("T1")
U1 = UserId("U1")

THREAD = ThreadKey(T1, C1, Ts("1700000000.000100"))
SECRET = "Rosebud"
FILES = (Attachment("F1", SECRET),)


def message(thread: ThreadKey, number: int, user: str) -> Message:
    """The first one begins the thread."""
    return Message(
        thread, Ts(f"{float(thread.ts) + number:.6f}"), UserId(user), SECRET, files=FILES
    )


def answer_ts(number: int, thread: ThreadKey = THREAD) -> Ts:
    return Ts(f"{float(thread.ts) + number:.6f}1")


async def said(store: RecordStore, thread: ThreadKey, *users: str) -> None:
    """One turn for each user, who says the secret, which the answer repeats."""
    conversation = Conversation(names={UserId(user): f"Name of {user}" for user in users})
    for number, user in enumerate(users):
        heard = message(thread, number, user)
        await receive(store, heard, opens=True)
        turn = Turn(
            (UserMessage(f"Name of {user}", SECRET, heard.ts, UserId(user), FILES),),
            Answer(f"{SECRET}!"),
            (answer_ts(number, thread),),
        )
        conversation = conversation.add(turn)
        assert await store.commit(thread, conversation, 1, [QueuedMessage(heard)])


async def test_a_thread_leaves_nothing(store: RecordStore, path: Path) -> None:
    """All rows of the thread go, whichever of its messages names it."""
    other = replace(THREAD, ts=Ts("1700000050.000000"))
    await said(store, other, "U3")
    before = keys_of(path)
    for named in (THREAD.ts, message(THREAD, 1, "U1").ts, answer_ts(1)):
        await said(store, THREAD, "U1", "U2")
        await store.add_revision(
            Scope(T1, C1, THREAD.ts),
            SettingsChange(U1, ScopeSettings(SECRET), after=0),
        )
        await receive(store, message(THREAD, 9, "U1"), opens=False)
        await fold(store, THREAD, answer_ts(0), Regenerated(answer_ts(0)))
        assert await store.forget_thread(C1, named) == DeletionReport(1, 2, 3)
        assert keys_of(path) == before
    assert await store.forget_thread(C1, THREAD.ts) == DeletionReport()
    assert str(DeletionReport()) == "nothing"


async def test_what_went_is_in_no_byte_of_the_files(store: RecordStore, path: Path) -> None:
    """What people said can't be found in the file or its log either."""
    await said(store, THREAD, "U1", "U2")
    assert occurrences(path, SECRET) > 0
    await store.forget_channel(C1)
    assert occurrences(path, SECRET) == 0


async def test_a_channel_goes_and_its_neighbours_stay(store: RecordStore, path: Path) -> None:
    """All threads of one channel, whatever its name begins with."""
    await said(store, replace(THREAD, channel=ChannelId("C11")), "U1")
    before = keys_of(path)
    await said(store, THREAD, "U1")
    await said(store, replace(THREAD, ts=Ts("1700000050.000000")), "U2", "U2")
    assert await store.forget_channel(C1) == DeletionReport(2, 3, 3)
    assert keys_of(path) == before


async def test_a_team_goes_with_its_feedback(store: RecordStore, path: Path) -> None:
    """An uninstalled app keeps nothing of its workspace, and all of the others."""
    await said(store, replace(THREAD, team=TeamId("T10")), "U1")
    before = keys_of(path)
    await said(store, THREAD, "U1")
    await fold(store, THREAD, answer_ts(0), Rated(answer_ts(0), U1, "good"))
    await store.add_revision(Scope(T1), SettingsChange(U1, ScopeSettings(SECRET), after=0))
    await store.allow(T1, C1, U1, may=True)
    await store.forget_team(T1)
    await store.admit_team(T1)
    assert keys_of(path) == before
    assert await store.feedback(T1) == {"good": 0, "bad": 0}


async def test_a_person_goes_from_the_threads_of_others(store: RecordStore, path: Path) -> None:
    """What the person said, their name and verdicts, and the answers that may repeat it; what
    others said stays, and the turns keep their numbers.
    """
    await said(store, THREAD, "U1", "U2")
    await receive(store, message(THREAD, 8, "U1"), opens=False)
    await receive(store, message(THREAD, 9, "U2"), opens=False)
    await fold(store, THREAD, answer_ts(1), Rated(answer_ts(1), U1, "good"))
    assert await store.forget_user(U1) == DeletionReport(1, 1, 2)
    conversation = await store.load(THREAD)
    assert conversation.names == {"U2": "Name of U2"}
    first, second = conversation.turns
    assert first == Turn((), reply_ts=(answer_ts(0),))
    assert second.messages[0].user == "U2"
    assert second.feedback == {}
    waiting = await store.waiting(THREAD)
    assert [each.message.user for each in waiting.messages] == ["U2"]
    assert occurrences(path, "U1") == 0
    assert await store.forget_user(U1) == DeletionReport()


async def test_a_person_takes_their_own_threads_along(store: RecordStore, path: Path) -> None:
    """Where nobody else said anything nothing is left."""
    before = keys_of(path)
    await said(store, THREAD, "U1", "U1")
    direct = ThreadKey(T1, ChannelId("D1"), Ts("1700000060.000000"))
    await receive(store, Message(direct, direct.ts, U1, SECRET, direct=True), opens=True)
    assert await store.forget_user(U1) == DeletionReport(2, 2, 3)
    assert keys_of(path) == before


async def delivered(store: RecordStore, thread: ThreadKey = THREAD) -> None:
    """Events of two people, in the inbox and folded in."""
    first, second = message(thread, 0, "U1"), message(thread, 1, "U2")
    press = ButtonPressed(Press(thread, answer_ts(0, thread), U1, "good", action_ts=Ts("1.0")))
    folded = (
        press,
        StopRequested(thread, U1, Ts("2.0")),
        MessageDeleted(thread, Ts("3.0")),
    )
    for event in (MessageReceived(second), *folded):
        assert await store.append(event, opens=True)
        (stored,) = await store.events(thread)
        if event is folded[-1]:
            assert await store.fold(thread, stored.number, Ts("3.0"), Deleted(Ts("3.0"))) is None
        else:
            await store.discard(thread, stored.number)
    for waiting in (
        MessageReceived(first),
        MessageEdited(replace(first, edited_ts=Ts("4.0")), first),
        MessageDeleted(thread, first.ts, first),
        replace(press, press=replace(press.press, action_ts=Ts("5.0"))),
        StopRequested(thread, U1, Ts("6.0")),
        MessageEdited(replace(second, edited_ts=Ts("7.0")), second),
    ):
        assert await store.append(waiting, opens=True)


async def test_the_inbox_goes_with_its_thread(store: RecordStore, path: Path) -> None:
    """Events, and the identities of those that were folded in, also where nothing was received."""
    other = replace(THREAD, channel=ChannelId("C11"))
    await delivered(store, other)
    before = keys_of(path)
    for forget in (
        partial(store.forget_thread, C1, THREAD.ts),
        partial(store.forget_thread, C1, message(THREAD, 1, "U2").ts),
        partial(store.forget_channel, C1),
    ):
        await delivered(store)
        assert await forget() == DeletionReport(1, 0, 1)
        assert keys_of(path) == before
    await store.forget_team(T1)
    await store.admit_team(T1)
    assert keys_of(path) == []


async def test_a_person_goes_from_the_inbox(store: RecordStore, path: Path) -> None:
    """Their events and identities go, those of others stay, and so do the thread and its answers
    to others.
    """
    await delivered(store)
    assert await store.forget_user(U1) == DeletionReport(1, 0, 1)
    (event,) = await store.events(THREAD)
    assert isinstance(event.event, MessageEdited)
    assert event.event.message.user == "U2"
    assert occurrences(path, "U1") == 0
    assert await store.forget_user(U1) == DeletionReport()
    assert await store.forget_user(UserId("U2")) == DeletionReport(1, 0, 0)
    assert keys_of(path) == []


async def test_an_unreadable_event_goes_with_its_person(store: RecordStore, path: Path) -> None:
    """It is theirs if it names them; one that was set aside goes too."""
    for set_aside in (False, True):
        await store.append(MessageReceived(message(THREAD, 0, "U2")), opens=True)
        await store.append(MessageReceived(message(THREAD, 1, "U1")), opens=True)
        sql(path, "UPDATE store SET value = CAST('U1' AS BLOB) WHERE key LIKE 'inbox/%1.000100'")
        if set_aside:
            assert len(await store.events(THREAD)) == 1
        await store.forget_user(U1)
        assert occurrences(path, "U1") == 0
        assert len(await store.events(THREAD)) == 1
        await store.forget_team(T1)
        await store.admit_team(T1)


async def test_a_question_outlasts_the_person_who_was_answered(store: RecordStore) -> None:
    """Somebody else's message that waits, or is in the inbox, is not theirs to take along."""
    for opened in (True, False):
        await said(store, THREAD, "U1")
        question = message(THREAD, 5, "U2")
        if opened:
            await receive(store, question, opens=False)
        else:
            await store.append(MessageReceived(question), opens=False)
        assert await store.forget_user(U1) == DeletionReport(1, 1, 1)
        assert await store.unanswered() == [THREAD]
        await store.forget_team(T1)
        await store.admit_team(T1)


async def test_drafts_go_with_the_person_they_are_for(store: RecordStore) -> None:
    """Each draft with words of theirs, and none of another turn."""
    for number, user in enumerate(("U1", "U2")):
        question = message(THREAD, number, user)
        await receive(store, question, opens=True)
        asked = UserMessage(user, SECRET, question.ts, UserId(user))
        await store.draft(THREAD, question.ts, Turn((asked,)), [QueuedMessage(question)])
    await store.forget_user(U1)
    assert await store.drafted(THREAD, message(THREAD, 0, "U1").ts) is None
    assert await store.drafted(THREAD, message(THREAD, 1, "U2").ts) is not None


async def test_a_forgotten_name_does_not_come_back(store: RecordStore, path: Path) -> None:
    """A person is forgotten while somebody else in their thread is answered for the first time."""
    await said(store, THREAD, "U1", "U2")
    asked = message(THREAD, 5, "U3")
    await receive(store, asked, opens=False)
    loaded = await store.load(THREAD)
    await store.forget_user(U1)
    turn = Turn((UserMessage("Name of U3", SECRET, asked.ts, asked.user),), Answer("!"))
    conversation = replace(loaded, names={**loaded.names, asked.user: "Name of U3"}).add(turn)
    assert await store.commit(THREAD, conversation, 1, [QueuedMessage(asked)])
    assert (await store.load(THREAD)).names == {"U2": "Name of U2", "U3": "Name of U3"}
    assert occurrences(path, "Name of U1") == 0


async def test_forgotten_while_it_is_regenerated(store: RecordStore, path: Path) -> None:
    """Nothing that is done for the new answer afterwards is kept."""
    for forget in (
        partial(store.forget_team, T1),
        partial(store.forget_channel, C1),
        partial(store.forget_thread, C1, THREAD.ts),
        partial(store.forget_user, U1),
    ):
        await store.admit_team(T1)
        await said(store, THREAD, "U1")
        (before,) = (await store.load(THREAD)).turns
        await fold(store, THREAD, answer_ts(0), Regenerated(answer_ts(0)))
        await store.draft(THREAD, "00000000", before, ())
        assert await store.drafted(THREAD, "00000000") == before
        await forget()
        await store.draft(THREAD, "00000000", before, ())
        assert await store.rewrite(THREAD, 0, before, before)
        assert keys_of(path) == []


async def test_a_person_goes_while_their_turn_is_regenerated(store: RecordStore) -> None:
    """In a thread with others too nothing of their words comes back."""
    await said(store, THREAD, "U1", "U2")
    first, _ = (await store.load(THREAD)).turns
    await fold(store, THREAD, answer_ts(0), Regenerated(answer_ts(0)))
    await store.forget_user(U1)
    await store.draft(THREAD, "00000000", first, ())
    assert await store.drafted(THREAD, "00000000") is None


async def test_a_forgotten_turn_takes_its_draft_along(store: RecordStore, path: Path) -> None:
    """A draft that is there for a turn that is gone goes when the new answer is discarded."""
    await said(store, THREAD, "U1")
    (before,) = (await store.load(THREAD)).turns
    await store.draft(THREAD, "00000000", before, ())
    sql(path, "DELETE FROM store WHERE key LIKE 'turn/%'")
    assert await store.rewrite(THREAD, 0, before, before)
    assert await store.drafted(THREAD, "00000000") is None


@pytest.mark.parametrize("kind", ["open", "turn", "again", "draft"])
async def test_what_is_left_of_a_thread_goes(store: RecordStore, path: Path, kind: str) -> None:
    """Any row counts, also where nothing else of its thread is stored."""
    for forget in (
        partial(store.forget_team, T1),
        partial(store.forget_channel, C1),
        partial(store.forget_thread, C1, THREAD.ts),
    ):
        await store.admit_team(T1)
        await said(store, THREAD, "U1")
        turn = (await store.load(THREAD)).turns[0]
        await store.draft(THREAD, "00000000", turn, ())
        await fold(store, THREAD, answer_ts(0), Regenerated(answer_ts(0)))
        await receive(store, message(THREAD, 5, "U1"), opens=False)
        sql(path, "DELETE FROM store WHERE key NOT LIKE ? AND key NOT LIKE 'meta/%'", f"{kind}/%")
        assert len(keys_of(path)) == 1
        await forget()
        assert keys_of(path) == []


async def test_identities_that_outlast_their_thread_go_in_time(
    store: RecordStore, path: Path
) -> None:
    """Where a thread left nothing but identities, its own time counts; what waits is kept."""
    waiting = replace(THREAD, channel=ChannelId("C2"))
    await store.append(MessageReceived(message(waiting, 0, "U1")), opens=True)
    before = keys_of(path)
    await store.append(MessageReceived(message(THREAD, 0, "U1")), opens=True)
    (event,) = await store.events(THREAD)
    await store.discard(THREAD, event.number)
    assert await store.forget_untouched(0.0) == DeletionReport()
    assert keys_of(path) != before
    assert await store.forget_untouched(1e12) == DeletionReport()
    assert keys_of(path) == before


async def test_what_cannot_be_read_goes_too(store: RecordStore, path: Path) -> None:
    """Rows that were set aside because they are damaged still hold what people said."""
    for forget in (
        store.forget_thread(C1, THREAD.ts),
        store.forget_channel(C1),
        store.forget_team(T1),
        store.forget_user(U1),
    ):
        await said(store, THREAD, "U1")
        sql(path, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'header/%'")
        await store.load(THREAD)
        assert any(key.startswith("corrupt/") for key in keys_of(path))
        await forget
        assert not any(key.startswith("corrupt/") for key in keys_of(path))
        await store.forget_team(T1)
        await store.admit_team(T1)


async def test_what_cannot_be_read_goes_by_a_reply(store: RecordStore, path: Path) -> None:
    """Any message of a thread names it, also where the thread's rows are damaged."""
    other = replace(THREAD, ts=Ts("1700000050.000000"))
    for thread in (THREAD, other):
        await said(store, thread, "U1", "U2")
        sql(path, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'header/%'")
        await store.load(thread)
    await store.forget_thread(C1, message(THREAD, 1, "U2").ts)
    corrupt = [key for key in keys_of(path) if key.startswith("corrupt/")]
    assert corrupt
    assert all(f"/{other.ts}" in key for key in corrupt)


async def test_an_unreadable_event_goes_by_its_message(store: RecordStore, path: Path) -> None:
    """Where nothing else of the thread is stored too."""
    await store.append(MessageReceived(message(THREAD, 1, "U1")), opens=True)
    sql(path, "UPDATE store SET value = 'no JSON' WHERE key LIKE 'inbox/%'")
    assert await store.events(THREAD) == []
    assert any(key.startswith("corrupt/") for key in keys_of(path))
    await store.forget_thread(C1, message(THREAD, 1, "U1").ts)
    assert not any(key.startswith("corrupt/") for key in keys_of(path))


async def test_the_untouched_go_page_by_page(store: RecordStore) -> None:
    """All in which nothing has happened since the time goes, and nothing that waits."""
    for number in range(ROWS_PER_PAGE + 5):
        await said(store, replace(THREAD, ts=Ts(f"17000{number:05d}.000000")), "U1")
    waiting = replace(THREAD, channel=ChannelId("C2"))
    await receive(store, message(waiting, 0, "U1"), opens=True)
    assert await store.forget_untouched(0.0) == DeletionReport()
    assert (await store.forget_untouched(1_700_000_010.0)).conversations == 10
    assert (await store.forget_untouched(1e12)).conversations == ROWS_PER_PAGE - 5
    assert (await store.forget_untouched(1e12)).conversations == 0
    assert await store.unanswered() == [waiting]


@pytest.mark.parametrize("what", ["team", "channel", "user", "untouched"])
async def test_others_write_between_two_steps(
    store: RecordStore, path: Path, other: sqlite3.Connection, what: str
) -> None:
    """A step does what its time allows, and holds no lock when it is over."""
    for number in range(8):
        await said(store, replace(THREAD, ts=Ts(f"170000000{number}.000000")), "U1")
    table = SqliteTable.open(path, shared=True)
    drafts, revisions = DraftTable(table), RevisionTable(table, time.time)
    threads = ThreadDeletion(table, revisions)
    clock = (number * STEP_SECONDS / 2 for number in itertools.count())
    deletion = DataDeletion(table, ConversationTable(table, drafts), threads, clock.__next__)
    steps = {
        "team": partial(deletion.team, T1),
        "channel": partial(deletion.channel, T1, C1),
        "user": partial(deletion.user, T1, U1),
        "untouched": partial(deletion.untouched, T1, 1e12),
    }[what]()
    left = [8]
    for _ in steps:
        other.execute("BEGIN IMMEDIATE")
        left += other.execute("SELECT count(*) FROM store WHERE key LIKE 'header/%'").fetchone()
        other.execute("ROLLBACK")
    assert all(before - after <= 2 for before, after in itertools.pairwise(left))
    assert left[-1] == 0
    table.close()


async def test_part_of_a_ts_names_no_thread(store: RecordStore) -> None:
    """Nothing of another thread goes, whatever its ts begins with."""
    await said(store, THREAD, "U1")
    stored = await store.load(THREAD)
    for ts in (THREAD.ts[:-2], "17", "17.0"):
        assert await store.forget_thread(C1, Ts(ts)) == DeletionReport()
    assert await store.load(THREAD) == stored


async def test_rows_that_are_none_of_a_thread_go_too(store: RecordStore, path: Path) -> None:
    """Whatever somebody has written by hand stops nothing."""
    await said(store, THREAD, "U1")
    for key in ("open/T1/C1/17", "turn/T1/C1/17", "draft/T1/C1/x", "header/T1/C1/17/18"):
        sql(path, "INSERT INTO store VALUES (?, ?)", key, SECRET)
    await store.forget_channel(C1)
    assert keys_of(path) == []


async def test_forgotten_while_it_is_answered(store: RecordStore) -> None:
    """An answer to what was forgotten meanwhile is not stored, and the message does not wait."""
    heard = message(THREAD, 0, "U1")
    await receive(store, heard, opens=True)
    await store.forget_user(U1)
    conversation = Conversation().add(
        Turn((UserMessage("Ann", SECRET, heard.ts, U1),), Answer("!"))
    )
    assert not await store.commit(THREAD, conversation, 1, [QueuedMessage(heard)])
    assert await store.load(THREAD) == Conversation()
    assert await store.unanswered() == []


async def test_beside_a_running_bot(store: RecordStore, path: Path) -> None:
    """A second process may open the file to forget; the first one goes on with what is left."""
    await said(store, THREAD, "U1")
    other = await open_store(f"sqlite:///{path}", shared=True)
    assert await other.forget_user(U1) == DeletionReport(1, 1, 1)
    await other.close()
    assert await store.load(THREAD) == Conversation()
    await said(store, THREAD, "U1")


async def test_beside_no_bot(tmp_path: Path) -> None:
    """Where there is no database none is made."""
    with pytest.raises(StoreError, match="There is no database"):
        await open_store(f"sqlite:///{tmp_path / 'none.db'}", shared=True)
    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


async def test_another_program_that_reads_keeps_nobody_waiting(
    store: RecordStore,
    path: Path,
    other: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is deleted meanwhile leaves the log with a write after the other one's end."""
    monkeypatch.setattr(sqlite_module, "SHRINK_PAUSES", (0.0,))
    monkeypatch.setattr(transactions, "SHRINK_SECONDS", 0.0)
    await receive(store, Message(THREAD, THREAD.ts, U1, SECRET))
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM store").fetchall()
    assert (await store.forget_channel(THREAD.channel)).messages == 1
    assert "Another program reads" in caplog.text
    other.execute("COMMIT")
    assert occurrences(path, SECRET) > 0
    await store.check()
    assert occurrences(path, SECRET) == 0


async def test_what_was_set_aside_is_deleted_too(store: RecordStore, path: Path) -> None:
    """By retention once it is older than what is kept, and with its workspace; no other file is."""
    old = path.with_name(f"{path.name}.damaged-20200101T000000")
    recent = path.with_name(f"{path.name}.before-restore-20200103T000000")
    others = [path.with_name(f"{path.name}.damaged"), path.with_name("damaged-20200101T000000")]
    for file in (old, recent, *others):
        file.write_text(SECRET)
    assert await store.earlier_files() == [old, recent]
    await store.forget_untouched(datetime(2020, 1, 2, tzinfo=UTC).timestamp())
    assert await store.earlier_files() == [recent]
    await store.forget_user(U1)
    assert recent.exists()
    await store.forget_team(THREAD.team)
    await store.admit_team(THREAD.team)
    assert not recent.exists()
    assert all(file.exists() for file in others)
